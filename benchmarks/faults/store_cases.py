"""Faults of the store, of time and of order: a failed fsync, a full disk, a file cut short, any order, replays."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import duckdb

from benchmarks import load
from benchmarks.faults.rig import ROOT, Rig, Verdict, moments, wait_for
from benchmarks.kill9_oracle import MACHINES
from configs.plant_file import load_plant
from ingest.decode.time_window import TimeWindow
from ingest.errors import StoreUnavailableError
from ingest.intake.examination import Examiner
from ingest.intake.high_water import HighWaterFile, WatchedStore
from ingest.ports import Delivery, SettledAs
from ingest.quality import QualityRules
from ingest.stores.duckdb_store import DuckDBStore

DAY_NS = 86_400_000_000_000
WINDOW = TimeWindow(past_ns=30 * DAY_NS, future_ns=300_000_000_000)
DISK_MIB = 16


def failed_fsync(folder: Path, *, times: int) -> Verdict:
    """D17: fdatasync fails: nothing of that commit is acknowledged, and the process ends for its supervisor."""
    rig, wrong = Rig(folder), []
    rig.start_broker()
    try:
        rig.connect_oracle()
        for number in range(times):
            rig.start_service()
            rig.wait_subscribed()
            with rig.publishing(500.0):
                time.sleep(0.5)
                tracer = _fail_fsync(rig.service_pid, first=5 + number)
                if not rig.wait_dead(20):
                    wrong.append("the process went on after a failed fsync")
                    rig.kill_service()
                tracer.kill()
                tracer.wait()
        rig.start_service()
        rig.wait_subscribed()
        return rig.judge(wrong=tuple(wrong))
    finally:
        rig.close()


def cut_short(folder: Path, *, times: int) -> Verdict:
    """D18: the store is cut short or lost behind our back: what is reported missing is what is missing."""
    whole, wrong, lost = _store_with_wal(folder, messages=3_000), [], 0
    generator = random.Random(18)
    for number in range(times):
        copy = folder / f"copy-{number}"
        shutil.copytree(whole, copy)
        wal = copy / "telemetry.duckdb.wal"
        if number % 3 == 0:
            (copy / "telemetry.duckdb").unlink()
            wal.unlink(missing_ok=True)
        else:
            keep = int(wal.stat().st_size * generator.random()) if number % 3 == 1 else wal.stat().st_size - 37
            with wal.open("r+b") as file:
                file.truncate(keep)
        reported, truly = _reported_and_true_loss(copy)
        lost += truly
        if reported != truly:
            wrong.append(f"{truly} lost, {reported} reported")
        shutil.rmtree(copy)
    return Verdict(obligations=3_000 * times, wrong=tuple(wrong[:3]), figures={"lost and reported": float(lost)})


def any_order(folder: Path, *, permutations: int) -> Verdict:
    """D3 and D19: everything three times in any order gives the same table as everything once in order."""
    messages = _messages(60)
    once = _content(folder / "once", messages)
    generator, wrong = random.Random(3), 0
    for number in range(permutations):
        shuffled = messages * 3
        generator.shuffle(shuffled)
        wrong += _content(folder / f"order-{number}", shuffled) != once
        shutil.rmtree(folder / f"order-{number}")
    told = (f"{wrong} of {permutations} orders gave another table",) if wrong else ()
    return Verdict(obligations=len(messages) * permutations, wrong=told)


def lying_clocks(folder: Path) -> Verdict:
    """D20: clocks that are off: what can be told is kept with a flag, everything else is a dead letter."""
    now_ms, wrong, kept = 1_795_564_800_000, [], 0
    shifts_s = {
        "-27 h": -27 * 3600,
        "+2 h": 7200,
        "-1 h": -3600,
        "1970": -now_ms // 1000,
        "2262": 7_446_000_000,
        "+4 min": 240,
    }
    for server_s in (-3600, 0, 3600):
        store, examiner = _open(folder / f"clock{server_s}")
        received_ns = (now_ms + server_s * 1000) * 1_000_000
        for number, (name, shift_s) in enumerate(shifts_s.items()):
            payload = json.dumps(
                {"v": 1, "boot": "b", "seq": number, "ts": now_ms + shift_s * 1000, "values": {"vib": 1.0}}
            )
            examined = examiner.examine([_delivery(0, payload.encode(), received_ns)])
            store.commit(examined.batch)
            stored = bool(examined.batch.readings)
            kept += stored
            off_s = abs(shift_s - server_s)
            flagged = stored and bool(examined.batch.readings[0].quality[0, 0] & 16)
            if stored == bool(examined.batch.rejections) or (stored and flagged != (off_s > 300)):
                wrong.append(f"server {server_s:+d} s, device {name}: neither flagged nor in the dead letters")
        store.close()
    return Verdict(obligations=3 * len(shifts_s), wrong=tuple(wrong), figures={"kept": float(kept)})


def replayed_letters(folder: Path) -> Verdict:
    """D27: dead letters are replayed twice after a fix: stored once, and the table is that of a fixed decoder."""
    messages = _messages(400)
    broken = [(m, p.replace(b'"vib"', b'"smell"')) if n % 5 == 0 else (m, p) for n, (m, p) in enumerate(messages)]
    store, examiner = _open(folder / "replayed")
    store.commit(examiner.examine([_delivery(m, p, load_now()) for m, p in broken]).batch)
    letters = store.dead_letters(5_000)
    mended = [replace(letter, payload=letter.payload.replace(b'"smell"', b'"vib"')) for letter in letters]
    for _ in range(2):
        settled = {each.id: each.settled_as for each in store.dead_letters(5_000)}
        again = [replace(each, settled_as=settled[each.id]) for each in mended]
        store.commit(examiner.examine_again(again, "benchmark", load_now()).batch)
    open_ = sum(each.settled_as is SettledAs.OPEN for each in store.dead_letters(5_000))
    rows = _rows_of(store)
    store.close()
    same = rows == _content(folder / "fixed", messages)
    wrong = () if same and not open_ else (f"tables alike: {same}; {open_} letters open",)
    return Verdict(obligations=len(messages), wrong=wrong, figures={"letters": float(len(letters))})


def full_disk(folder: Path) -> Verdict:
    """D16: the disk fills up: nothing is acknowledged, readiness goes, and it goes on by itself once there is room."""
    disk = folder / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_MIB}m", "tmpfs", str(disk)], check=True)
    rig = Rig(folder)
    rig.data.rmdir()
    rig.data = disk
    rig.start_broker()
    try:
        rig.start_service()
        rig.wait_subscribed()
        rig.connect_oracle()
        with rig.publishing(500.0):
            time.sleep(1.0)
            _fill(disk)
            wait_for(lambda: rig.told.get("unready") is not None, 60, "not ready on a full disk")
            time.sleep(3.0)
            (disk / "ballast").unlink()
            freed = time.monotonic()
            wait_for(lambda: rig.told.get("unready") is None, 60, "ready again")
            resumed = time.monotonic() - freed
        verdict = rig.judge()
        wrong = () if resumed <= 30 else (f"resumed after {resumed:.0f} s",)
        return replace(verdict, wrong=wrong, figures={"resumed after, s": resumed})
    finally:
        rig.close()
        subprocess.run(["umount", "-l", str(disk)], check=False)


def load_now() -> int:
    """Return when the messages of these cases were made, in nanoseconds UTC."""
    return 1_795_564_800_000_000_000


def _fill(disk: Path) -> None:
    try:
        with (disk / "ballast").open("wb", buffering=0) as file:
            while True:
                file.write(bytes(65_536))
    except OSError:
        return


def _fail_fsync(pid: int, first: int) -> "subprocess.Popen[bytes]":
    inject = f"inject=fdatasync:error=EIO:when={first}..{first + 2}"
    command = ["strace", "-f", "-q", "-o", "/dev/null", "-e", "trace=fdatasync", "-e", inject, "-p", str(pid)]
    return subprocess.Popen(command, stderr=subprocess.DEVNULL)


def _messages(count: int) -> list[tuple[int, bytes]]:
    generator = moments(7)
    found = []
    for number in range(count):
        seq, machine = divmod(number, 4)
        document = {"v": 1, "boot": "b", "seq": seq, "ts": 1_795_564_800_000 - (count - number) * 1000}
        values = {name: round(generator.gauss(mean, sd), 3) for name, (mean, sd) in load.VALUES.items()}
        found.append((machine, json.dumps(document | {"values": values, "state": "executing"}).encode()))
    return found


def _delivery(machine: int, payload: bytes, received_ns: int) -> Delivery:
    return Delivery(load.topic_of(load.machine_name(machine)), payload, received_ns, (1, 1))


def _open(folder: Path) -> tuple[DuckDBStore, Examiner]:
    plant = load.write_plant(folder, MACHINES)
    store = DuckDBStore(folder / "telemetry.duckdb")
    return store, Examiner(load_plant(plant), WINDOW, QualityRules(), store.load())


def _content(folder: Path, messages: Iterable[tuple[int, bytes]]) -> object:
    store, examiner = _open(folder)
    listed = list(messages)
    for at in range(0, len(listed), 50):
        batch = [_delivery(machine, payload, load_now()) for machine, payload in listed[at : at + 50]]
        store.commit(examiner.examine(batch).batch)
    rows = _rows_of(store)
    store.close()
    return rows


def _rows_of(store: DuckDBStore) -> object:
    rows = []
    for machine in range(4):
        series = store.read_series(load.machine_name(machine), 0, 2**62)  # type: ignore[arg-type]
        order = sorted(range(len(series.sensors)), key=lambda at, series=series: series.sensors[at])
        rows.append((series.event_times_ns.tolist(), series.values[:, order].tolist(), series.states.tolist()))
    return rows, sorted((own.stream, own.first, own.highest, len(own.gaps)) for own in store.load().ledgers)


def _store_with_wal(folder: Path, messages: int) -> Path:
    """Return the folder of a store that was killed, so that its log still holds what came last."""
    whole = folder / "whole"
    script = f"from benchmarks.faults.store_cases import fill_and_die; fill_and_die({str(whole)!r}, {messages})"
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False)
    return whole


def fill_and_die(folder: str, messages: int) -> None:
    """Fill a store message by message, and end as a power cut would."""
    path = Path(folder)
    store, examiner = _open(path)
    watched = WatchedStore(store, HighWaterFile(path / "telemetry.high-water"), load_now)
    listed = _messages(messages)
    for at in range(0, messages, 10):
        batch = [_delivery(machine, payload, load_now()) for machine, payload in listed[at : at + 10]]
        watched.commit(examiner.examine(batch).batch)
    os.kill(os.getpid(), signal.SIGKILL)


def _reported_and_true_loss(folder: Path) -> tuple[int, int]:
    try:
        store = DuckDBStore(folder / "telemetry.duckdb")
    except StoreUnavailableError:
        (folder / "telemetry.duckdb").rename(folder / "telemetry.duckdb.set-aside")
        (folder / "telemetry.duckdb.wal").unlink(missing_ok=True)
        store = DuckDBStore(folder / "telemetry.duckdb")
    watched = WatchedStore(store, HighWaterFile(folder / "telemetry.high-water"), load_now)
    watched.load()
    store.close()
    with duckdb.connect(str(folder / "telemetry.duckdb"), read_only=True) as opened:
        try:
            left = opened.execute(f"select count(*) from raw_{load.TYPE}").fetchone()
        except duckdb.CatalogException:
            left = (0,)
    return watched.lost, 3_000 - int(left[0] if left else 0)
