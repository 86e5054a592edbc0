"""`python -m benchmarks NAME [--data DIR] [--json FILE] [--only IDS] [--resume]`; `--list` names them all."""

import argparse
import sys
from pathlib import Path

from benchmarks import runner


def main() -> int:
    """Read the command line and run one benchmark."""
    options = _parser().parse_args()
    if options.list:
        print("\n".join(f"{name:18} {runner.title_of(name)}" for name in runner.names()))
        return 0
    if options.name is None or not runner.is_known(options.name):
        return runner.fail(f"no benchmark {options.name!r}; there are: {', '.join(runner.names())}")
    only = frozenset(part for part in (options.only or "").split(",") if part)
    if options.cap is not None and not options.cap > 0:
        return runner.fail(f"--cap {options.cap:g}: the most that is told of a remaining life must be above 0")
    wish = runner.Wish(
        data=options.data,
        only=only,
        resume=options.resume,
        work=options.work,
        cap=options.cap,
        predictions=options.predictions,
        seeds=tuple(int(seed) for seed in (options.seeds or "").split(",") if seed),
    )
    return runner.run(options.name, wish, options.json)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("name", nargs="?", help="which benchmark")
    parser.add_argument("--list", action="store_true", help="name the benchmarks")
    parser.add_argument("--data", type=Path, help="folder of the public data sets")
    parser.add_argument("--json", type=Path, help="write the figures there")
    parser.add_argument("--only", help="parts to run, by comma")
    parser.add_argument("--resume", action="store_true", help="go on from an earlier run")
    parser.add_argument("--work", type=Path, default=Path("var/bench"), help="folder for temporary data")
    parser.add_argument("--cap", type=float, help="the most that is told of a remaining life (run-to-failure)")
    parser.add_argument("--predictions", type=Path, help="write what is told of each test unit there (remaining life)")
    parser.add_argument("--seeds", help="seeds of simulated plants, by comma (fleet, simulator)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
