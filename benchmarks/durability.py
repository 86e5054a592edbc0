"""D1 to D28: what the broker took is stored once or in the dead letters, whatever fails; and mutants that must turn it red."""

import json
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import partial
from importlib.metadata import version
from pathlib import Path

from benchmarks.faults import network_cases, process_cases, remote_cases, service_cases, store_cases
from benchmarks.faults.rig import Verdict
from benchmarks.report import Bar, NotApplicable, Report, Sense
from benchmarks.runner import Wish

OBLIGATIONS = 100_000
KILLS = 50
KEPT = "durability.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One row of the table: what is done, in full and quickly."""

    title: str
    full: Callable[[Path], Verdict]
    quick: Callable[[Path], Verdict] | None = None


CASES = {
    "D1": Case(
        title="kill -9 at random moments",
        full=partial(process_cases.random_kills, kills=50),
        quick=partial(process_cases.random_kills, kills=1, rate=400.0, longest_s=1.2),
    ),
    "D2": Case(
        title="kill -9 at each point from the message to its acknowledgement",
        full=partial(process_cases.crash_points, times=20),
        quick=partial(process_cases.crash_points, times=1, rate=400.0, points=("after commit",)),
    ),
    "D2 spool": Case(
        title="the same points in the queue in front of a server, and those of forwarding and trimming",
        full=partial(remote_cases.spool_crashes, times=20),
    ),
    "D3": Case(
        title="any order, any repetition: one table (and D19)",
        full=partial(store_cases.any_order, permutations=500),
        quick=partial(store_cases.any_order, permutations=3),
    ),
    "D4": Case(
        title="an acknowledgement never crosses a connection",
        full=partial(network_cases.stale_acknowledgements, times=100),
    ),
    "D5": Case(title="a slow store and a backlog", full=partial(process_cases.slow_store, backlog=200_000)),
    "D6": Case(title="poison never blocks, never vanishes", full=partial(process_cases.poison, messages=20_000)),
    "D7": Case(title="a dead thread is noticed", full=partial(process_cases.dead_thread, kills=5)),
    "D8": Case(title="a broker that lost our session", full=partial(network_cases.lost_sessions, times=10)),
    "D9": Case(title="a network that parts, both ways and one way", full=network_cases.partitions),
    "D10": Case(title="a slow, torn, narrow network", full=partial(network_cases.bad_networks, seconds=60)),
    "D11": Case(title="a broker that overflows", full=partial(network_cases.overflow, over=5_000)),
    "D12": Case(title="kill -9 of the broker", full=partial(network_cases.broker_crashes, kills=10)),
    "D13": Case(title="a store that is away for ten minutes", full=partial(remote_cases.store_away, seconds=600.0)),
    "D14": Case(title="one bad point of a thousand", full=remote_cases.one_bad_point),
    "D15": Case(title="success means stored", full=remote_cases.success_means_stored),
    "D16": Case(title="a full disk", full=store_cases.full_disk),
    "D17": Case(title="a failed fsync", full=partial(store_cases.failed_fsync, times=5)),
    "D18": Case(
        title="a store cut short or lost",
        full=partial(store_cases.cut_short, times=60),
        quick=partial(store_cases.cut_short, times=3),
    ),
    "D20": Case(title="clocks that lie", full=store_cases.lying_clocks, quick=store_cases.lying_clocks),
    "D21": Case(title="a rival with our name", full=partial(network_cases.rivals, seconds=120)),
    "D22": Case(title="a retained reading is not new", full=partial(network_cases.retained, times=20)),
    "D23": Case(title="clean stops", full=partial(process_cases.clean_stops, stops=20)),
    "D24": Case(title="exports while messages come", full=partial(service_cases.export_while_running, seconds=600.0)),
    "D25": Case(title="a device that the broker denies in silence", full=service_cases.denied_device),
    "D26": Case(title="granted and yet not received", full=network_cases.denied_rights),
    "D27": Case(
        title="dead letters replayed twice", full=store_cases.replayed_letters, quick=store_cases.replayed_letters
    ),
}
MUTANTS = {
    "no fsync": partial(process_cases.random_kills, kills=2, rate=400.0, longest_s=1.5, mutant="no fsync"),
    "acknowledge first": partial(
        process_cases.crash_points, times=2, rate=400.0, points=("before commit",), mutant="acknowledge first"
    ),
    "drop on full": partial(process_cases.slow_store, backlog=3_000, mutant="drop on full"),
    "no epoch": partial(network_cases.stale_acknowledgements, times=2, mutant="no epoch"),
    "no dedupe": partial(process_cases.crash_points, times=2, rate=400.0, points=("after commit",), mutant="no dedupe"),
}


def run(wish: Wish) -> Report:
    """Run the cases and the mutants asked for; `--resume` keeps those that were done before."""
    started = time.perf_counter()
    wish.work.mkdir(parents=True, exist_ok=True)
    done = _kept(wish)
    for name, case in CASES.items():
        if wish.wants(name) and name not in done:
            done[name] = _in_folder(wish.work, case.full)
            _keep(wish, done)
    for name, mutant in MUTANTS.items():
        key = f"mutant: {name}"
        if (wish.wants(key) or wish.wants("mutants")) and key not in done:
            done[key] = _in_folder(wish.work, mutant)
            _keep(wish, done)
    return Report(
        benchmark="durability",
        version=version("yeji"),
        bars=(*_bars(wish, done), *_totals(wish, done)),
        not_applicable=(
            NotApplicable(name="D19", reason="the same run as D3: any order and any delay of the same messages"),
            NotApplicable(name="D28", reason="there is no second release yet"),
        ),
        seconds=time.perf_counter() - started,
        notes=tuple(_line(name, verdict) for name, verdict in done.items()),
    )


def _in_folder(work: Path, case: Callable[[Path], Verdict]) -> Verdict:
    folder = Path(tempfile.mkdtemp(dir=work.absolute(), prefix="durability-"))
    try:
        return case(folder)
    except RuntimeError as error:
        return Verdict(wrong=(str(error),))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _bars(wish: Wish, done: dict[str, Verdict]) -> list[Bar]:
    bars = []
    for name, case in CASES.items():
        if wish.wants(name):
            bars.append(Bar(name=f"{name} {case.title}", value=_score(done.get(name)), unit="wrong", must=0))
    for name in MUTANTS:
        key = f"mutant: {name}"
        if wish.wants(key) or wish.wants("mutants"):
            value = _score(done.get(key))
            bars.append(Bar(name=f"{key}: turns red", value=value, unit="wrong", must=1, sense=Sense.AT_LEAST))
    return bars


def _score(verdict: Verdict | None) -> float | None:
    if verdict is None:
        return None
    counts = verdict.lost + verdict.doubled + verdict.foreign + verdict.corrupt + verdict.stranded
    return float(counts + len(verdict.wrong))


def _totals(wish: Wish, done: dict[str, Verdict]) -> list[Bar]:
    if wish.only:
        return []
    cases = [verdict for name, verdict in done.items() if name in CASES]
    obligations, kills = sum(each.obligations for each in cases), sum(each.kills for each in cases)
    return [
        Bar(name="obligations", value=obligations, unit="messages", must=OBLIGATIONS, sense=Sense.AT_LEAST),
        Bar(name="kills", value=kills, unit="", must=KILLS, sense=Sense.AT_LEAST),
    ]


def _line(name: str, verdict: Verdict) -> str:
    counts = f"LOST {verdict.lost} DUP {verdict.doubled} FOREIGN {verdict.foreign} CORRUPT {verdict.corrupt} STRANDED {verdict.stranded}"
    figures = "".join(f"; {what} {figure:.3g}" for what, figure in verdict.figures.items())
    wrong = "".join(f"; {what}" for what in verdict.wrong)
    return f"{name}: {counts} of {verdict.obligations} obligations, {verdict.kills} kills{figures}{wrong}"


def _kept(wish: Wish) -> dict[str, Verdict]:
    path = wish.work / KEPT
    if not wish.resume or not path.exists():
        return {}
    found = json.loads(path.read_text(encoding="utf-8"))
    verdicts = {name: Verdict(**{**content, "wrong": tuple(content["wrong"])}) for name, content in found.items()}
    return {name: verdict for name, verdict in verdicts.items() if name.startswith("mutant") or verdict.clean}


def _keep(wish: Wish, done: dict[str, Verdict]) -> None:
    content = {name: asdict(replace(verdict)) for name, verdict in done.items()}
    (wish.work / KEPT).write_text(json.dumps(content, indent=2), encoding="utf-8")
