"""What the spool in front of InfluxDB promises: nothing that was acknowledged is lost or doubled, whatever dies when."""

import json
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest

from configs.plant import EquipmentTypeId, MachineId
from ingest.errors import StoreLockedError, StoreUnavailableError
from ingest.ports import IntakeBatch
from ingest.reading import QualityFlag
from ingest.spool.spooled_store import SpooledStore
from ingest.stores.influxdb_store import InfluxDBBuckets
from tests.fakes.influxdb import InfluxDB
from tests.fakes.readings import MINUTE_NS, NOON_NS, SECOND_NS, TOPIC, a_batch, a_ledger, an_intake_batch
from tests.fakes.remote_stores import a_spooled_store, an_influxdb_store, fresh_buckets
from tests.fakes.waiting import wait_until

pytestmark = pytest.mark.influxdb
ROOT = Path(__file__).parents[3]
PUMP, ONE = EquipmentTypeId("pump"), MachineId("pump1")


@pytest.fixture
def buckets(influx: InfluxDB) -> Iterator[InfluxDBBuckets]:
    """Return two empty buckets; the server is well again afterwards."""
    yield fresh_buckets(influx)
    influx.fail = None
    if influx.process is None:
        influx.start()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "spool.sqlite"


@pytest.fixture
def store(influx: InfluxDB, buckets: InfluxDBBuckets, path: Path) -> Iterator[SpooledStore]:
    opened = a_spooled_store(influx, buckets, path)
    yield opened
    influx.fail = None
    opened.close()
    opened.close()


def some(first: int, count: int = 10) -> IntakeBatch:
    rows = [("pump1", NOON_NS + (first + i) * SECOND_NS, {"vib": float(first + i)}) for i in range(count)]
    return an_intake_batch(a_batch(*rows, seqs=np.arange(first, first + count)))


def fill(store: SpooledStore, size: int) -> tuple[int, str]:
    """Commit until nothing more is taken; return how many batches were, and what was said then."""
    taken = 0
    while True:
        try:
            store.commit(some(size * taken, size))
        except StoreUnavailableError as error:
            return taken, str(error)
        taken += 1


def stored(influx: InfluxDB, buckets: InfluxDBBuckets) -> list[float]:
    """Return every value of `vib` on the server, in order of time, as often as it is there."""
    remote = an_influxdb_store(influx.url, buckets)
    rows = remote.ask('select "vib" from "pump"')
    remote.close()
    return [value for each in rows for value in each.columns["vib"]]


POINTS = ("before commit", "in commit", "after commit", "before forward", "after forward", "in trim")


@pytest.mark.parametrize("point", POINTS)
def test_a_kill_at_any_step_loses_nothing_acknowledged_and_doubles_nothing(
    influx: InfluxDB, buckets: InfluxDBBuckets, path: Path, point: str
) -> None:
    """Four commits of ten messages, one of them poison; the fourth meets its end, or what becomes of it."""
    script = Path(__file__).with_name("crash_process.py")
    killed = subprocess.run(
        [sys.executable, str(script), str(path), point, "4", influx.url, buckets.readings],
        cwd=ROOT,
        capture_output=True,
        check=False,
        env={"PYTHONPATH": str(ROOT)},
    )
    assert killed.returncode == -9, killed.stderr
    acknowledged = killed.stdout.splitlines()
    store = a_spooled_store(influx, buckets, path)
    store._settle()
    kept = 30 if point in {"before commit", "in commit"} else 40
    letters = [letter.payload for letter in store.dead_letters(99)]
    assert (store.progress()[0].changes, len(letters)) == (kept * 9 // 10, kept // 10)
    assert store.load().ledgers[0].highest == kept - 1
    times = store.read_series(ONE, 0, 2 * NOON_NS).event_times_ns.tolist()
    assert len(stored(influx, buckets)) == len(set(times)) == kept * 9 // 10
    for payload in acknowledged:
        assert payload in letters or json.loads(payload)["ts"] * 1_000_000 in times
    store.close()


def test_a_server_that_is_killed_and_away_costs_no_acknowledged_reading(
    influx: InfluxDB, buckets: InfluxDBBuckets, store: SpooledStore
) -> None:
    """Busy at first, then silent, then gone; it comes back, and all that was committed meanwhile is there, once."""
    memory = psutil.Process().memory_info().rss
    for at in range(10):
        store.commit(some(10 * at))
    influx.fail = lambda path: 503 if path == "/api/v2/write" else None
    for at in range(10, 20):
        store.commit(some(10 * at))
    wait_until(lambda: store.status().trouble is not None)
    assert "503" in (store.status().trouble or "")
    influx.kill()
    influx.fail = None
    for at in range(20, 300):
        store.commit(some(10 * at))
    with pytest.raises(StoreUnavailableError):
        store.roll_up(NOON_NS)
    assert store.last_values()[0].value == 2999.0
    influx.start()
    store._forwarder._hurry.set()
    wait_until(lambda: store.status().waiting_commits == 0)
    assert stored(influx, buckets) == [float(i) for i in range(3000)]
    assert store.roll_up(NOON_NS) == 49
    assert psutil.Process().memory_info().rss - memory < 50_000_000
    assert (store.status().trouble, store.status().failures > 0) == (None, True)


def test_a_server_that_is_killed_while_it_is_written_to_has_all_that_it_took(
    influx: InfluxDB, buckets: InfluxDBBuckets, store: SpooledStore
) -> None:
    killer = threading.Timer(0.05, influx.kill)
    killer.start()
    for at in range(200):
        store.commit(some(20 * at, 20))
    killer.join()
    influx.start()
    store._forwarder._hurry.set()
    wait_until(lambda: store.status().waiting_commits == 0)
    assert stored(influx, buckets) == [float(i) for i in range(4000)]


def test_a_full_spool_takes_nothing_more_until_the_server_is_back(
    influx: InfluxDB, buckets: InfluxDBBuckets, path: Path
) -> None:
    store = a_spooled_store(influx, buckets, path, spool_mb=0.02)
    influx.fail = lambda path: 503 if path == "/api/v2/write" else None
    taken, said = fill(store, 10)
    assert taken > 3
    assert re.search(r"is full: .*store\.spool_mb", said)
    influx.fail = None
    store._forwarder._hurry.set()
    wait_until(lambda: store.status().waiting_commits == 0)
    store._forwarder._trim()
    store.commit(some(10 * taken))
    store._settle()
    assert stored(influx, buckets) == [float(i) for i in range(10 * taken + 10)]
    store.close()


def test_one_poisoned_reading_goes_to_the_dead_letters_and_the_others_are_stored(
    influx: InfluxDB, buckets: InfluxDBBuckets, path: Path
) -> None:
    """Somebody else has written a text where we have a number, so the server refuses every batch with that sensor."""
    stranger = an_influxdb_store(influx.url, buckets)
    assert stranger._link.write(buckets.readings, [f'pump,machine=other odd="text" {NOON_NS}']) == []
    stranger.close()
    store = a_spooled_store(influx, buckets, path)
    rows = [
        ("pump1", NOON_NS + i * SECOND_NS, {"vib": float(i)} | ({"odd": 1.0} if i == 600 else {})) for i in range(1000)
    ]
    influx.requests.clear()
    store.commit(an_intake_batch(a_batch(*rows, seqs=np.arange(1000))))
    store._settle()
    assert len(stored(influx, buckets)) == 999
    (letter,) = store.dead_letters(9)
    assert (letter.reason, letter.topic) == ("store_refused", TOPIC)
    assert "field type conflict" in letter.detail
    assert json.loads(letter.payload)["values"] == {"vib": 600.0, "odd": 1.0}
    assert json.loads(letter.payload)["seq"] == 600
    claim, batch, halves = 1, 1, 2 * 10
    assert influx.requests.count("/api/v2/write") <= claim + batch + halves
    assert store.status().refused == 1
    store.close()


def test_sending_again_changes_nothing_and_two_readings_of_one_instant_stay_apart(
    influx: InfluxDB, buckets: InfluxDBBuckets
) -> None:
    remote = an_influxdb_store(influx.url, buckets)
    twins = a_batch((ONE, NOON_NS, {"vib": 1.0}), (ONE, NOON_NS, {"vib": 2.0}))
    unnumbered = replace(twins, seqs=np.array([-1, -1]), event_times_ns=twins.event_times_ns + SECOND_NS)
    for _ in range(3):
        assert list(remote.write([twins, unnumbered])) == []
    remote.close()
    assert sorted(stored(influx, buckets)) == [1.0, 1.0, 2.0, 2.0]


def test_another_service_on_the_same_buckets_is_refused(
    influx: InfluxDB, buckets: InfluxDBBuckets, store: SpooledStore, tmp_path: Path
) -> None:
    with pytest.raises(StoreLockedError, match=r"another service \(here\) writes there"):
        a_spooled_store(influx, buckets, tmp_path / "second.sqlite")
    store.close()
    a_spooled_store(influx, buckets, tmp_path / "second.sqlite").close()


def test_a_second_process_on_the_same_spool_is_refused(
    influx: InfluxDB, buckets: InfluxDBBuckets, store: SpooledStore, path: Path
) -> None:
    with pytest.raises(StoreLockedError, match="in use by another process"):
        a_spooled_store(influx, buckets, path)


def test_a_server_that_is_away_at_the_start_is_waited_for(
    influx: InfluxDB, buckets: InfluxDBBuckets, path: Path
) -> None:
    influx.kill()
    store = a_spooled_store(influx, buckets, path)
    store.commit(some(0))
    wait_until(lambda: store.status().trouble is not None)
    assert "does not answer" in (store.status().trouble or "")
    influx.start()
    store._forwarder._hurry.set()
    wait_until(lambda: store.status().waiting_commits == 0)
    assert len(stored(influx, buckets)) == 10
    store.close()


@pytest.mark.parametrize(("token", "bucket", "mend"), [("yeji:wrong", None, "token"), (None, "nowhere", "bucket")])
def test_what_the_settings_have_wrong_is_said(
    influx: InfluxDB, buckets: InfluxDBBuckets, token: str | None, bucket: str | None, mend: str
) -> None:
    own = buckets if bucket is None else InfluxDBBuckets(readings=bucket, rollups=bucket)
    remote = an_influxdb_store(influx.url, own, **({"token": token} if token else {}))
    with pytest.raises(StoreUnavailableError, match=mend):
        remote.write([a_batch((ONE, NOON_NS, {"vib": 1.0}))])
    remote.close()


def test_raw_readings_are_retired_and_their_rollups_stay(
    influx: InfluxDB, buckets: InfluxDBBuckets, path: Path
) -> None:
    store = a_spooled_store(influx, buckets, path, raw_days=1.0)
    store.commit(some(0, 130))
    assert store.roll_up(NOON_NS) == 2
    store.roll_up(NOON_NS + 2 * 86_400 * SECOND_NS)
    assert store.read_series(ONE, 0, 2 * NOON_NS).event_times_ns.size == 0
    span = {"start_ns": NOON_NS, "end_ns": NOON_NS + 60 * MINUTE_NS}
    assert store.read_windows(PUMP, [ONE], width_s=60, **span).mean.ravel().tolist() == [29.5, 89.5]
    store.close()


def test_a_disk_that_fills_up_stops_acknowledging_and_is_got_over(
    influx: InfluxDB, buckets: InfluxDBBuckets, small_disk: Path
) -> None:
    store = a_spooled_store(influx, buckets, small_disk / "spool.sqlite")
    influx.fail = lambda path: 503 if path == "/api/v2/write" else None
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"x" * 4_000_000)
    taken, said = fill(store, 100)
    assert re.search("full.*look at the disk's space", said)
    assert store.progress()[0].changes == 100 * taken
    ballast.unlink()
    influx.fail = None
    store._forwarder._hurry.set()
    store.commit(some(100 * taken, 100))
    wait_until(lambda: store.status().waiting_commits == 0)
    assert stored(influx, buckets) == [float(i) for i in range(100 * taken + 100)]
    store.close()


def test_flags_travel_with_the_values(store: SpooledStore) -> None:
    batch = a_batch((ONE, NOON_NS, {"vib": 1.0, "temp": 2.0}))
    batch.quality[0] = [QualityFlag.STUCK, 0]
    store.commit(an_intake_batch(batch, ledgers=(a_ledger(),)))
    assert store.read_series(ONE, NOON_NS, NOON_NS + 1).quality.tolist() == [[QualityFlag.STUCK, 0]]


def test_a_time_finer_than_the_servers_is_rounded_down_and_not_lost(store: SpooledStore) -> None:
    store.commit(an_intake_batch(a_batch((ONE, NOON_NS + 123_456_000, {"vib": 1.0}))))
    assert store.read_series(ONE, NOON_NS, NOON_NS + SECOND_NS).event_times_ns.tolist() == [NOON_NS + 123_000_000]


def test_a_service_that_was_away_too_long_does_not_write_beside_its_successor(
    influx: InfluxDB, buckets: InfluxDBBuckets, store: SpooledStore
) -> None:
    """Its claim has run out while it could not reach the server, and another service has taken its place."""
    influx.fail = lambda _: 503
    store.commit(some(0))
    wait_until(lambda: store.status().trouble is not None)
    influx.fail = None
    remote = an_influxdb_store(influx.url, buckets)
    remote.release(store._writer)
    remote.claim("successor", time.time_ns())
    store._forwarder._hurry.set()
    wait_until(lambda: "another service" in (store.status().trouble or ""))
    assert stored(influx, buckets) == []
    remote.release("successor")
    remote.close()
    wait_until(lambda: store.status().waiting_commits == 0)
    assert len(stored(influx, buckets)) == 10
