"""Faults of a store on a server, behind the spool: it is away, it refuses one reading of many, it drops in silence."""

import json
import subprocess
import sys
import time
from collections import Counter
from math import ceil, log2
from pathlib import Path

import numpy as np

from benchmarks import load
from benchmarks.faults.rig import ROOT, Verdict, wait_for
from benchmarks.stores import BUCKETS, DRAIN_S, PUMP, is_drained, new_examiner, outage, spooled
from ingest.ports import Delivery
from ingest.reading import ReadingBatch, RejectionReason
from ingest.stores.influxdb_link import InfluxDBAddress, InfluxDBLink
from tests.fakes.influxdb import TOKEN, InfluxDB, an_influxdb
from tests.fakes.remote_stores import a_spooled_store, fresh_buckets

SPOOL_POINTS = ("before commit", "in commit", "after commit", "before forward", "after forward", "in trim")
CRASH_PROCESS = ROOT / "tests" / "ingest" / "spool" / "crash_process.py"
GROWN_MIB = 50.0
ONE_BATCH = 1_000
BAD = 617
"""Which message of the batch holds the reading that the server refuses."""

DAY_MS = 86_400_000
KEPT_DAYS = 30


def store_away(folder: Path, *, seconds: float) -> Verdict:
    """D13: the server is busy, then answers nothing, then is gone: acknowledged readings wait in the spool and drain."""
    with spooled(folder) as (store, influx):
        found = outage(store, influx, folder, seconds)
    wrong = [
        line
        for line, is_so in (
            (f"memory grew by {found.grown_mib:.0f} MiB", found.grown_mib > GROWN_MIB),
            (f"it took {found.drained_s:.0f} s to drain", found.drained_s > DRAIN_S),
        )
        if is_so
    ]
    figures = {"grown, MiB": found.grown_mib, "drained in, s": found.drained_s, "spool, MiB": found.spool_mib}
    return Verdict(
        obligations=found.acknowledged,
        lost=max(0, found.acknowledged - found.stored),
        doubled=max(0, found.stored - found.acknowledged),
        kills=1,
        figures=figures,
        wrong=tuple(wrong),
    )


def spool_crashes(folder: Path, *, times: int) -> Verdict:
    """D2 in the spool: kill -9 before, in and after the commit, before and after forwarding, and in trimming."""
    verdict, folder = Verdict(), folder / "spool"
    folder.mkdir()
    with an_influxdb() as influx:
        for number in range(times * len(SPOOL_POINTS)):
            point = SPOOL_POINTS[number % len(SPOOL_POINTS)]
            verdict = _added(verdict, _spool_crash(influx, folder / f"{number}.sqlite", point, 2 + number // 6 % 7))
    return verdict


def _spool_crash(influx: InfluxDB, path: Path, point: str, commits: int) -> Verdict:
    """Let a process die at a point of its last commit, open what it left, and compare with what it acknowledged."""
    buckets = fresh_buckets(influx)
    command = [sys.executable, str(CRASH_PROCESS), str(path), point, str(commits), influx.url, buckets.readings]
    died = subprocess.run(command, cwd=ROOT, capture_output=True, check=False, env={"PYTHONPATH": str(ROOT)})
    store = a_spooled_store(influx, buckets, path)
    wait_for(lambda: is_drained(store), 30, "the spool has drained")
    letters = Counter(letter.payload for letter in store.dead_letters(1_000))
    store.close()
    rows = _server(influx).query(buckets.readings, 'select "vib" from "pump"')
    stored = Counter(int(at) // 1_000_000 for each in rows for at in each.columns["time"])
    acknowledged = died.stdout.splitlines()
    good = [json.loads(payload)["ts"] for payload in acknowledged if payload.startswith(b"{")]
    poison = [payload for payload in acknowledged if not payload.startswith(b"{")]
    return Verdict(
        obligations=len(acknowledged),
        kills=1,
        lost=len(set(good) - stored.keys()) + len(set(poison) - letters.keys()),
        doubled=sum(count - 1 for count in (*stored.values(), *letters.values())),
        wrong=() if died.returncode == -9 else (f"{point}: the process did not reach it",),
    )


def _added(one: Verdict, other: Verdict) -> Verdict:
    return Verdict(
        obligations=one.obligations + other.obligations,
        kills=one.kills + other.kills,
        lost=one.lost + other.lost,
        doubled=one.doubled + other.doubled,
        wrong=one.wrong + other.wrong,
    )


def one_bad_point(folder: Path) -> Verdict:
    """D14: a field has another type on the server: of a batch of a thousand the one reading that meets it is refused."""
    with spooled(folder) as (store, influx):
        _server(influx).write(BUCKETS.readings, [f'{PUMP},machine=other hf_noise="text" {time.time_ns()}'])
        examiner, writes = new_examiner(folder, store), []
        influx.fail = lambda path: writes.append(path) if path == "/api/v2/write" else None
        batch = [_delivery(number, time.time_ns(), bad=number == BAD) for number in range(ONE_BATCH)]
        store.commit(examiner.examine(batch).batch)
        wait_for(lambda: is_drained(store), 60, "the spool has drained")
        letters = [letter for letter in store.dead_letters(100) if letter.reason == RejectionReason.STORE_REFUSED]
        stored = len(_times_ns(influx))
    most = 1 + 2 * ceil(log2(ONE_BATCH))
    wrong = []
    if len(letters) != 1:
        wrong.append(f"{len(letters)} readings in the dead letters instead of one")
    if len(writes) > most:
        wrong.append(f"{len(writes)} requests, at most {most} would do")
    return Verdict(
        obligations=ONE_BATCH,
        lost=ONE_BATCH - 1 - stored,
        figures={"requests": float(len(writes)), "stored": float(stored)},
        wrong=tuple(wrong),
    )


def success_means_stored(folder: Path) -> Verdict:
    """D15: what the server would drop in silence is refused by us, with a reason; all else is there, minute by minute."""
    with spooled(folder) as (store, influx):
        examiner, now_ns = new_examiner(folder, store), time.time_ns()
        deliveries = [_delivery(number, now_ns, at_ms=at_ms) for number, at_ms in enumerate(_awkward_times(now_ns))]
        deliveries.append(_delivery(len(deliveries), now_ns, body={"values": {"vib": None}}))
        examined = examiner.examine(deliveries)
        store.commit(examined.batch)
        wait_for(lambda: is_drained(store), 60, "the spool has drained")
        taken = _per_minute(_times_of_values(examined.batch.readings[0]))
        there = _per_minute(_times_ns(influx))
    refused = Counter(each.reason.value for each in examined.batch.rejections)
    wrong = [
        f"minute {minute}: {taken[minute]} taken, {there[minute]} stored"
        for minute in taken | there
        if taken[minute] != there[minute]
    ]
    if len(deliveries) != examined.messages + examined.duplicates + sum(refused.values()):
        wrong.append("messages that were neither stored nor refused")
    if refused[RejectionReason.TIME_WINDOW.value] < 2:
        wrong.append(f"what lies outside the server's retention was not refused: {dict(refused)}")
    figures = {"stored": float(sum(there.values())), "refused": float(sum(refused.values()))}
    return Verdict(obligations=len(deliveries), wrong=tuple(wrong[:3]), figures=figures)


def _awkward_times(now_ns: int) -> list[int]:
    """Return times of messages: past the retention, ahead of the clock, many in one millisecond, and plain ones."""
    now_ms = now_ns // 1_000_000
    return [
        now_ms - (KEPT_DAYS + 1) * DAY_MS,
        now_ms + 6 * 60_000,
        *(now_ms - 120_000 for _ in range(50)),
        *(now_ms - 600_000 + 700 * number for number in range(500)),
        now_ms - (KEPT_DAYS - 1) * DAY_MS,
        now_ms + 4 * 60_000,
    ]


def _delivery(
    number: int, received_ns: int, *, bad: bool = False, at_ms: int | None = None, body: dict[str, object] | None = None
) -> Delivery:
    values = {"vib": 1.0 + number % 100 / 100} | ({"hf_noise": 2.0} if bad else {})
    document = {"v": 1, "boot": "b", "seq": number, "ts": at_ms or received_ns // 1_000_000 - ONE_BATCH + number}
    payload = json.dumps(document | (body or {"values": values})).encode()
    return Delivery(load.topic_of(load.machine_name(0)), payload, received_ns, (1, 1 + number))


def _server(influx: InfluxDB) -> InfluxDBLink:
    return InfluxDBLink(InfluxDBAddress(url=influx.url, token=TOKEN))


def _times_ns(influx: InfluxDB) -> list[int]:
    """Return the times of all points of the machine, as the server has them."""
    statement = f'select "vib" from "{PUMP}" where "machine" = \'{load.machine_name(0)}\''
    return [int(at) for rows in _server(influx).query(BUCKETS.readings, statement) for at in rows.columns["time"]]


def _times_of_values(readings: ReadingBatch) -> list[int]:
    """Return the times of the rows that hold a value: a device may also report that it has none."""
    times: list[int] = readings.event_times_ns[~np.isnan(readings.values).all(axis=1)].tolist()
    return times


def _per_minute(times_ns: list[int]) -> Counter[int]:
    return Counter(at // 60_000_000_000 for at in times_ns)
