"""The two stores beside each other: message rate, a month's windows, and InfluxDB away for ten minutes."""

import random
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
import psutil
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks import load
from benchmarks.report import Bar, NotApplicable, Report, Sense
from benchmarks.runner import Wish
from configs.plant import EquipmentTypeId, LineId, MachineId, SiteId
from configs.plant_file import load_plant
from ingest.decode.time_window import TimeWindow
from ingest.intake.examination import Examiner
from ingest.ports import Delivery
from ingest.quality import QualityRules
from ingest.spool.spool import Spool
from ingest.spool.spooled_store import SpooledStore
from ingest.stores.duckdb_store import DuckDBStore
from ingest.stores.influxdb_lines import Places
from ingest.stores.influxdb_link import InfluxDBAddress
from ingest.stores.influxdb_store import InfluxDBBuckets, InfluxDBStore
from tests.fakes.influxdb import TOKEN, InfluxDB, an_influxdb, is_installed

PARTS = ("rate", "month", "outage")
MACHINES = 100
MESSAGES = 60_000
BATCH = 80
ROUNDS = 3
OUTAGE_S = 600.0
OUTAGE_RATE = 500
DRAIN_S = 120.0
DAY_NS = 86_400_000_000_000
PUMP = EquipmentTypeId(load.TYPE)
BUCKETS = InfluxDBBuckets(readings="bench", rollups="bench_rollups")
_NAMES = {
    "rate": "message rate of InfluxDB behind its spool, of DuckDB's",
    "month": "a month of minutes of ten machines, InfluxDB's time of DuckDB's",
    "outage": "ten minutes of InfluxDB away",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """What ten minutes without the server came to."""

    acknowledged: int
    stored: int
    grown_mib: float
    drained_s: float
    spool_mib: float


def run(wish: Wish) -> Report:
    """Measure the parts that are wanted; each store alone on the machine."""
    started = time.perf_counter()
    if not is_installed():
        reason = "influxd is not installed here (apt install influxdb)"
        missing = tuple(NotApplicable(name=name, reason=reason) for name in _NAMES.values())
        return Report(benchmark="stores", version=version("yeji"), bars=(), seconds=0.0, not_applicable=missing)
    wish.work.mkdir(parents=True, exist_ok=True)
    bars: list[Bar] = []
    with tempfile.TemporaryDirectory(dir=wish.work, prefix="stores-") as folder:
        for part, measure in (("rate", _rate_bars), ("month", _month_bars), ("outage", _outage_bars)):
            if wish.wants(part):
                bars += measure(Path(folder) / part)
    return Report(
        benchmark="stores",
        version=version("yeji"),
        bars=tuple(bars),
        seconds=time.perf_counter() - started,
        notes=(
            f"{len(load.VALUES)} values a message, {BATCH} messages a commit, fsync on, InfluxDB 1.6 on the same two cores",
            "a message counts when it is in the store itself, not when it is acknowledged",
        ),
    )


def _rate_bars(folder: Path) -> list[Bar]:
    deliveries = list(_messages(MESSAGES))
    embedded, remote = [], []
    for number in range(ROUNDS):
        embedded.append(_rate(deliveries, DuckDBStore(folder / f"{number}.duckdb"), lambda _: True, folder))
        with spooled(folder / f"{number}") as (store, _):
            remote.append(_rate(deliveries, store, is_drained, folder))
    ours, theirs = float(np.median(remote)), float(np.median(embedded))
    return [
        Bar(name=_NAMES["rate"], value=ours / theirs, unit="×", must=0.7, aim=1.0, sense=Sense.AT_LEAST),
        Bar(
            name="messages stored in InfluxDB", value=ours, unit="/s", must=None, baseline=theirs, sense=Sense.AT_LEAST
        ),
    ]


def _rate(
    deliveries: Sequence[Delivery],
    store: DuckDBStore | SpooledStore,
    is_over: Callable[[SpooledStore], bool],
    folder: Path,
) -> float:
    """Return messages a second: decoded, examined, committed, and in the store."""
    examiner = new_examiner(folder, store)
    started = time.perf_counter()
    for at in range(0, len(deliveries), BATCH):
        store.commit(examiner.examine(deliveries[at : at + BATCH]).batch)
    while isinstance(store, SpooledStore) and not is_over(store):
        time.sleep(0.01)
    elapsed = time.perf_counter() - started
    if isinstance(store, DuckDBStore):
        store.close()
    return len(deliveries) / elapsed


def _month_bars(folder: Path) -> list[Bar]:
    folder.mkdir(parents=True)
    path, start_ns = _a_month(folder / f"{PUMP}-month.parquet")
    store = DuckDBStore(folder / "month.duckdb")
    embedded = _month_s(store, path, start_ns)
    store.close()
    with spooled(folder / "influx") as (behind, _):
        remote = _month_s(behind, path, start_ns)
    return [
        Bar(name=_NAMES["month"], value=remote / embedded, unit="×", must=None),
        Bar(name="a month of minutes of ten machines", value=remote, unit="s", must=None, baseline=embedded),
    ]


def _month_s(store: DuckDBStore | SpooledStore, path: Path, start_ns: int) -> float:
    store.import_parquet(PUMP, [path])
    machines = [MachineId(load.machine_name(number)) for number in range(10)]
    taken = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        block = store.read_windows(PUMP, machines, start_ns=start_ns, end_ns=start_ns + 30 * DAY_NS, width_s=60)
        taken.append(time.perf_counter() - started)
        if block.starts_ns.size < 10 * 30 * 1440 - 10:
            raise RuntimeError(f"{block.starts_ns.size} windows instead of a month of ten machines")
    return float(np.median(taken))


def _outage_bars(folder: Path) -> list[Bar]:
    with spooled(folder) as (store, influx):
        found = outage(store, influx, folder)
    return [
        Bar(name="acknowledged readings lost", value=found.acknowledged - found.stored, unit="messages", must=0),
        Bar(name="memory grown", value=found.grown_mib, unit="MiB", must=50),
        Bar(name="drained after the server came back", value=found.drained_s, unit="s", must=DRAIN_S),
        Bar(name="acknowledged while it was away", value=found.acknowledged, unit="messages", must=None),
        Bar(name="spool at its largest", value=found.spool_mib, unit="MiB", must=None),
    ]


def outage(store: SpooledStore, influx: InfluxDB, folder: Path, seconds: float = OUTAGE_S) -> Outage:
    """Busy for a third of the time, without an answer for a third, gone for the last; then back."""
    examiner, process = new_examiner(folder, store), psutil.Process()
    committed = _publish(store, examiner, 5.0, 0)
    before = process.memory_info().rss
    influx.fail = lambda path: 503 if path == "/api/v2/write" else None
    committed = _publish(store, examiner, seconds / 3, committed)
    influx.fail = _hang
    committed = _publish(store, examiner, seconds / 3, committed)
    influx.fail = None
    influx.kill()
    committed = _publish(store, examiner, seconds / 3, committed)
    largest = store.status().spool_bytes
    influx.start()
    back = time.perf_counter()
    while not is_drained(store) and time.perf_counter() - back < 5 * DRAIN_S:
        time.sleep(0.05)
    drained = time.perf_counter() - back
    return Outage(
        acknowledged=committed,
        stored=stored_in(influx),
        grown_mib=(process.memory_info().rss - before) / 2**20,
        drained_s=drained,
        spool_mib=largest / 2**20,
    )


def _publish(store: SpooledStore, examiner: Examiner, seconds: float, first: int) -> int:
    """Commit at an even rate; return how many messages were committed so far."""
    generator, started, count = random.Random(first), time.perf_counter(), first
    while (elapsed := time.perf_counter() - started) < seconds:
        due = first + int(elapsed * OUTAGE_RATE)
        if due - count >= BATCH:
            batch = [delivery(generator, count + i) for i in range(BATCH)]
            store.commit(examiner.examine(batch).batch)
            count += BATCH
        time.sleep(0.02)
    return count


def _hang(path: str) -> int | None:
    if path == "/api/v2/write":
        time.sleep(15)
        return 503
    return None


def stored_in(influx: InfluxDB) -> int:
    remote = InfluxDBStore(InfluxDBAddress(url=influx.url, token=TOKEN, timeout_s=60.0), BUCKETS, _PLACES, host="judge")
    total = 0
    for number in range(MACHINES):
        portion = f'select count("vib") from "{PUMP}" where "machine" = \'{load.machine_name(number)}\''
        total += sum(rows.columns["count"][0] for rows in remote.ask(portion))
    remote.close()
    return total


def is_drained(store: SpooledStore) -> bool:
    return store.status().waiting_commits == 0


_PLACES = Places(of=lambda _: (SiteId(load.SITE), LineId(load.LINE)))


@contextmanager
def spooled(folder: Path) -> Iterator[tuple[SpooledStore, InfluxDB]]:
    folder.mkdir(parents=True, exist_ok=True)
    with an_influxdb() as influx:
        for name in (BUCKETS.readings, BUCKETS.rollups):
            influx.run(f'create database "{name}"')
        store = SpooledStore(
            Spool(folder / "spool.sqlite", limit_bytes=1_000_000_000, dead_letters_per_device=1_000),
            InfluxDBStore(InfluxDBAddress(url=influx.url, token=TOKEN), BUCKETS, _PLACES, host="bench"),
            raw_days=30.0,
            clock_ns=time.time_ns,
            topic_of=load.topic_of,
        )
        try:
            yield store, influx
        finally:
            store.close()


def new_examiner(folder: Path, store: DuckDBStore | SpooledStore) -> Examiner:
    plant = load_plant(load.write_plant(folder, MACHINES))
    window = TimeWindow(past_ns=30 * DAY_NS, future_ns=300_000_000_000)
    return Examiner(plant, window, QualityRules(), store.load())


def _messages(count: int) -> Iterator[Delivery]:
    generator = random.Random(7)
    return (delivery(generator, number) for number in range(count))


def delivery(generator: random.Random, number: int) -> Delivery:
    seq, machine = divmod(number, MACHINES)
    topic = load.topic_of(load.machine_name(machine))
    return Delivery(topic, load.message("bench", seq, generator), time.time_ns(), (1, number))


def _a_month(path: Path) -> tuple[Path, int]:
    generator, minutes = np.random.default_rng(3), 30 * 1440 + 1
    start_ns = 1_790_812_800_000_000_000 // DAY_NS * DAY_NS
    times = np.tile(start_ns // 1_000_000 + np.arange(minutes) * 60_000, 10)
    columns = {
        "machine": pa.array(np.repeat([load.machine_name(n) for n in range(10)], minutes)).dictionary_encode(),
        "event_time": pa.array(times, pa.timestamp("ms", tz="UTC")),
        "state": pa.array(["executing"] * times.size).dictionary_encode(),
    }
    columns |= {
        name: pa.array(generator.normal(mean, sd, times.size).round(3).astype(np.float32))
        for name, (mean, sd) in load.VALUES.items()
    }
    pq.write_table(pa.table(columns), path)
    return path, start_ns
