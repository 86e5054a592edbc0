"""Sparkplug from an edge node on another library: what is stored against what was published, and the pace on one core."""

import hashlib
import json
import subprocess
import venv
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, process_time, sleep, time, time_ns
from typing import Any

import httpx

from benchmarks.program import Program, running
from benchmarks.report import Bar, NotApplicable, Sense
from configs.plant import MachineId
from ingest.decode.time_window import TimeWindow
from ingest.intake.examination import Examiner
from ingest.ports import Delivery
from ingest.quality import QualityRules
from ingest.stores.duckdb_store import DuckDBStore
from service.operations.broker import BrokerOptions, start_broker
from tests.fakes.edge_nodes import DOUBLE, EdgeNode, a_metric
from tests.fakes.plants import a_fleet

LIBRARY = "pysparkplug==0.6.1"
EDGE = Path(__file__).parent / "edges" / "pysparkplug_edge.py"
SECONDS = 20.0
"""How long the edge node is heard before the service is killed, and again after it is back."""

SEED = 9277
DAY_NS = 86_400 * 10**9
MACHINES = ("pump-1", "pump-2", "pump-3", "pump-4")
SENT_UP_TO_S = 0.2
"""How long before a kill a message may have been published and still be under way: QoS 0 has no acknowledgement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One message as the edge node published it, or left it out."""

    kind: str
    boot: str
    number: int
    device: str | None
    at_ms: int
    values: dict[str, float]
    digest: str
    sent_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What the service had stored at the end."""

    values: dict[tuple[str, int], dict[str, float]]
    letters: frozenset[str]
    gaps: dict[str, tuple[int, set[int]]]


def bars(work: Path) -> tuple[list[Bar], list[NotApplicable]]:
    """Return what was measured of Sparkplug."""
    found, pace = [], [_pace()]
    python = _environment(work)
    if python is None:
        missing = NotApplicable(name="edge node on another library", reason=f"{LIBRARY} cannot be installed here")
        return pace, [missing]
    with TemporaryDirectory() as folder:
        said, kept, away, silent_s = _played(python, Path(folder))
    found += _compared(said, kept, away)
    found.append(Bar(name="a dead edge node's machine is silent within", value=silent_s, unit="s", must=5.0))
    return found + pace, []


def _environment(work: Path) -> Path | None:
    """Return the interpreter of an environment that has the other library; made once."""
    folder = (work / "pysparkplug").absolute()
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
    done = subprocess.run([python, "-m", "pip", "install", "--quiet", LIBRARY], capture_output=True, check=False)
    return python if done.returncode == 0 else None


def _played(python: Path, folder: Path) -> tuple[list[Said], Kept, tuple[float, float], float | None]:
    """Run the service and the edge node side by side, the service killed half-way; return what both know."""
    plant, truth = folder / "plant.toml", folder / "truth.jsonl"
    plant.write_text(_plant_text(), encoding="utf-8")
    with ExitStack() as stack:
        broker = start_broker(BrokerOptions(folder=folder / "broker"))
        stack.callback(broker.stop)
        settings = folder / "yeji.toml"
        settings.write_text(
            f'[mqtt]\nbroker = "external"\nhost = "{broker.host}"\nport = {broker.port}\n', encoding="utf-8"
        )
        with running(folder / "data", plant, settings) as program:
            reboot_s = str(0.6 * SECONDS)
            edge = subprocess.Popen([python, EDGE, broker.host, str(broker.port), truth, reboot_s, str(SEED)])
            stack.callback(edge.kill)
            sleep(SECONDS)
            killed_s = time()
            program.process.kill()
        with running(folder / "data", plant, settings) as program:
            back_s = time()
            sleep(SECONDS)
            truth.with_name(truth.name + ".enough").touch()
            _wait(lambda: '"end"' in truth.read_text().rsplit("\n", 2)[-2], SECONDS)
            sleep(1.0)
            edge.kill()
            silent_s = _silent_after(program)
        kept = _kept(folder / "data" / "telemetry.duckdb")
    said = [Said(**line) for line in map(json.loads, truth.read_text().splitlines()) if line["kind"] != "end"]
    return said, kept, (killed_s - SENT_UP_TO_S, back_s), silent_s


def _compared(said: list[Said], kept: Kept, away: tuple[float, float]) -> list[Bar]:
    told: dict[tuple[str, int], dict[str, float]] = {}
    for each in said:
        if each.device is not None and each.kind == "sent":
            told.setdefault((each.device, each.at_ms), {}).update(each.values)
    wrong = sum(
        told.get(place, {}).get(sensor) != value for place, row in kept.values.items() for sensor, value in row.items()
    )
    missed = [each for each in said if each.device and each.kind == "sent" and not _is_stored(each, kept)]
    unexplained = [each for each in missed if each.digest not in kept.letters and not away[0] <= each.sent_s <= away[1]]
    sent = sum(each.kind == "sent" for each in said)
    boots = {each.boot for each in said}
    return [
        Bar(name="messages published", value=float(sent), unit="", must=None),
        Bar(name="births of the edge node (rebirths, a reboot, our restart)", value=float(len(boots)), unit="", must=3, sense=Sense.AT_LEAST),
        Bar(name="messages lost on purpose", value=float(sum(each.kind == "lost" for each in said)), unit="", must=10, sense=Sense.AT_LEAST),
        Bar(name="values stored", value=float(sum(map(len, kept.values.values()))), unit="", must=None),
        Bar(name="stored values that are not the truth", value=float(wrong), unit="", must=0),
        Bar(name="messages neither stored nor kept as dead letters, while we were there", value=float(len(unexplained)), unit="", must=0),
        Bar(name="dead letters while a birth was asked for", value=float(len(kept.letters)), unit="", must=None),
        Bar(name="sequence numbers in gaps that are not the truth's", value=float(_wrong_gaps(said, kept)), unit="", must=0),
    ]  # fmt: skip


def _is_stored(each: Said, kept: Kept) -> bool:
    row = kept.values.get((each.device or "", each.at_ms), {})
    return row.items() >= each.values.items()


def _wrong_gaps(said: list[Said], kept: Kept) -> int:
    wrong = 0
    for boot, (highest, missing) in kept.gaps.items():
        lost = {each.number for each in said if each.boot == boot and each.kind == "lost" and each.number < highest}
        wrong += len(lost ^ missing)
    return wrong


def _kept(path: Path) -> Kept:
    with closing(DuckDBStore(path)) as store:
        values: dict[tuple[str, int], dict[str, float]] = {}
        for machine in MACHINES:
            series = store.read_series(MachineId(machine), 0, time_ns() + DAY_NS)
            for at_ns, row in zip(series.event_times_ns.tolist(), series.values.tolist(), strict=True):
                own = {str(s): v for s, v in zip(series.sensors, row, strict=True) if v == v}  # noqa: PLR0124
                values[machine, at_ns // 1_000_000] = own
        letters = frozenset(hashlib.sha256(each.payload).hexdigest() for each in store.dead_letters(100_000))
        gaps = {
            ledger.boot: (ledger.highest, {n for first, last, _ in ledger.gaps for n in range(first, last + 1)})
            for ledger in store.load().ledgers
        }
    return Kept(values=values, letters=letters, gaps=gaps)


def _silent_after(program: Program) -> float | None:
    started = monotonic()
    with httpx.Client(base_url=program.address, headers=program.headers, timeout=20) as client:

        def is_silent() -> bool:
            return "no_signal" in client.get("/machines/pump-1").text

        return monotonic() - started if _wait(is_silent, 20) else None


def _wait(is_true: Any, within_s: float) -> bool:
    deadline = monotonic() + within_s
    while monotonic() < deadline:
        if is_true():
            return True
        sleep(0.05)
    return False


def _plant_text() -> str:
    machines = "".join(
        f'[[machine]]\nid = "{machine}"\nname = "{machine}"\nline = "a"\ntype = "centrifugal_pump"\n'
        for machine in MACHINES
    )
    head = '[[site]]\nid = "busan"\nname = "Busan"\ntime_zone = "Asia/Seoul"\n[[line]]\nid = "a"\nname = "A"\nsite = "busan"\n'
    return head + machines


def _pace() -> Bar:
    """Return how many metrics a second of CPU decode, examine and commit take in, in messages of ten."""
    plant, window = a_fleet(50, sensors=10), TimeWindow(past_ns=10**18, future_ns=10**18)
    with TemporaryDirectory() as folder, closing(DuckDBStore(Path(folder) / "t.duckdb")) as store:
        examiner = Examiner(plant, window, QualityRules(), store.load())
        batches = list(_batches(EdgeNode(), 50, 4_000))
        metrics = sum(10 * len(batch) for batch in batches)
        started = process_time()
        for batch in batches:
            store.commit(examiner.examine(batch).batch)
        took = process_time() - started
    return Bar(
        name="metrics a second of one core, durable", value=metrics / took, unit="/s", must=5_000, sense=Sense.AT_LEAST
    )


def _batches(node: EdgeNode, devices: int, messages: int) -> Iterator[list[Delivery]]:
    names = [a_metric(f"s{i}", 1.0, alias=i, datatype=DOUBLE) for i in range(10)]
    said = [node.birth(), *(node.device_birth(f"m{i}", *names) for i in range(devices))]
    said += [
        node.data(f"m{i % devices}", *(a_metric(None, i + 0.1, alias=a) for a in range(10))) for i in range(messages)
    ]
    for start in range(0, len(said), 80):
        yield [Delivery(topic, payload, time_ns(), (1, 0)) for topic, payload in said[start : start + 80]]
