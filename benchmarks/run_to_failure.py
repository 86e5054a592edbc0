"""Remaining life on any run-to-failure set: `--data DIR` with train.csv, test.csv and, if any, rul.csv and units.csv."""

import time
from collections.abc import Iterator
from importlib.metadata import version

from benchmarks.life_rounds import SHARES, Rounds, baselines, run_rounds, trouble_in_words, write_predictions
from benchmarks.life_tables import TableError, read_life_set
from benchmarks.report import Bar, NotApplicable, Report, Sense
from benchmarks.runner import Wish


def run(wish: Wish) -> Report:
    """Fit on train.csv and tell what is left of each unit of test.csv; `--cap N` caps it, `--predictions FILE` writes it."""
    began = time.perf_counter()
    if wish.data is None:
        raise TableError("name the folder of the set with --data DIR: it holds train.csv and test.csv")
    rounds = run_rounds(read_life_set(wish.data, wish.cap))
    if wish.predictions is not None:
        write_predictions(wish.predictions, [rounds], with_set=False)
    missing = (
        () if rounds.judged else (NotApplicable(name="test units", reason="no rul.csv: only predictions are written"),)
    )
    return Report(
        benchmark="run-to-failure",
        version=version("yeji"),
        bars=tuple(_bars(rounds)),
        seconds=time.perf_counter() - began,
        not_applicable=missing,
        notes=tuple(_notes(rounds)),
    )


def _bars(rounds: Rounds) -> Iterator[Bar]:
    yield Bar(
        name="grouped CV, RMSE (baseline: a constant)",
        value=rounds.mean(rounds.held_out_rmse),
        unit="",
        must=None,
        baseline=float(rounds.rounds[0].held_out.left.std()),
    )
    if rounds.judged:
        yield from _test_bars(rounds)
    yield Bar(name="fit, hold out and predict, one seed", value=rounds.seconds, unit="s", must=None)


def _test_bars(rounds: Rounds) -> Iterator[Bar]:
    constant, by_age = baselines(rounds)
    yield Bar(
        name=f"test, RMSE capped (baseline: age only; a constant {constant:.4g})",
        value=rounds.mean(rounds.rmse_on_test_units),
        unit="",
        must=min(constant, by_age),
        baseline=by_age,
    )
    yield Bar(name="test, RMSE raw", value=rounds.mean(rounds.raw_rmse), unit="", must=None)
    yield Bar(name="test, score S capped", value=rounds.mean(rounds.late_score), unit="", must=None)
    for share in SHARES:
        said = f"{share:.0%} interval"
        yield Bar(
            name=f"{said}, coverage",
            value=rounds.mean(lambda one, share=share: rounds.covered(one, share)),
            unit="",
            must=None,
            sense=Sense.AT_LEAST,
        )
        yield Bar(
            name=f"{said}, width",
            value=rounds.mean(lambda one, share=share: rounds.width(one, share)),
            unit="",
            must=None,
        )
        yield Bar(
            name=f"{said}, Winkler",
            value=rounds.mean(lambda one, share=share: rounds.winkler(one, share)),
            unit="",
            must=None,
        )


def _notes(rounds: Rounds) -> Iterator[str]:
    yield f"{len(rounds.lives.lives.trajectories.units)} lives, {int(rounds.lives.lives.failed.sum())} to failure"
    yield from (f"left out: {line}" for line in rounds.rounds[0].left_out)
    yield from (f"refused: {trouble_in_words(rounds.lives.test, trouble)}" for trouble in rounds.rounds[0].troubles)
