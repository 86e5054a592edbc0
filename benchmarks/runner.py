"""Finds a benchmark by its name, runs it, shows and writes what it measured."""

import importlib
import pkgutil
import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

from rich.console import Console

import benchmarks
from benchmarks.report import Report, show, write_json
from configs.errors import YejiError

NOT_BENCHMARKS = {"__main__", "runner", "report"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How a benchmark is to be run: shared data sets, parts of it, and whether to go on from an earlier run."""

    data: Path | None = None
    only: frozenset[str] = field(default_factory=frozenset)
    resume: bool = False
    work: Path = Path("var/bench")
    cap: float | None = None
    predictions: Path | None = None
    seeds: tuple[int, ...] = ()

    def wants(self, part: str) -> bool:
        """Whether a part of the benchmark is to be run."""
        return not self.only or part in self.only


def names() -> tuple[str, ...]:
    """Return the names of all benchmarks: modules that define `run(wish) -> Report`."""
    return tuple(name.replace("_", "-") for name in _modules())


def is_known(name: str) -> bool:
    """Whether there is a benchmark of this name; none of the others is loaded to tell."""
    module = name.replace("-", "_")
    found = {each.name for each in pkgutil.iter_modules(benchmarks.__path__) if not each.ispkg} - NOT_BENCHMARKS
    return module in found and hasattr(_import(module), "run")


def title_of(name: str) -> str:
    """Return in one line what a benchmark measures."""
    return (_load(name).__doc__ or "").strip().splitlines()[0]


def run(name: str, wish: Wish, json_file: Path | None = None) -> int:
    """Run a benchmark; 0 if every must holds, else 1."""
    console = Console(stderr=False)
    try:
        report: Report = _load(name).run(wish)
    except YejiError as error:
        return fail(str(error))
    show(report, console)
    if json_file is not None:
        write_json(report, json_file)
    return 0 if report.holds else 1


def fail(message: str) -> int:
    """Say in one line what is wrong with the command."""
    print(f"benchmarks: {message}", file=sys.stderr)
    return 2


def _modules() -> list[str]:
    found = [module.name for module in pkgutil.iter_modules(benchmarks.__path__) if not module.ispkg]
    return sorted(name for name in found if name not in NOT_BENCHMARKS and hasattr(_import(name), "run"))


def _load(name: str) -> ModuleType:
    return _import(name.replace("-", "_"))


def _import(name: str) -> ModuleType:
    return importlib.import_module(f"benchmarks.{name}")
