"""Takes in numbered messages through a spool and dies at a chosen point: `crash_process.py FILE POINT COMMITS URL BUCKET`."""

import os
import sqlite3
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from ingest.ports import IntakeBatch, RefusedRow
from ingest.reading import ReadingBatch
from ingest.spool.spool import Spool
from ingest.spool.spool_file import SpoolFile
from ingest.spool.spooled_store import SpooledStore
from ingest.stores.influxdb_link import InfluxDBAddress
from ingest.stores.influxdb_store import InfluxDBBuckets, InfluxDBStore
from tests.fakes.influxdb import TOKEN
from tests.fakes.intake import an_intake
from tests.fakes.readings import NOON_NS, TOPIC, a_payload
from tests.fakes.remote_stores import PLACES
from tests.fakes.source import MemorySource


def die() -> None:
    os.kill(os.getpid(), 9)


class Doomed:
    """A transaction in which everything is written and that is never committed."""

    def __init__(self, file: SpoolFile) -> None:
        self.connection = file._connection

    def __enter__(self) -> sqlite3.Connection:
        self.connection.execute("begin immediate")
        return self.connection

    def __exit__(self, *_: object) -> None:
        die()


class CrashingRemote(InfluxDBStore):
    """Dies before, or after, it has sent what the last commit brought."""

    point = ""
    last_seq = 0

    def write(self, batches: Sequence[ReadingBatch]) -> Sequence[RefusedRow]:
        at_end = any(self.last_seq in batch.seqs for batch in batches)
        if at_end and self.point == "before forward":
            die()
        refused = super().write(batches)
        if at_end and self.point == "after forward":
            die()
        return refused


class CrashingStore(SpooledStore):
    """Dies before its last commit, in it, or right after it."""

    point, left = "", 0

    def commit(self, batch: IntakeBatch) -> None:
        self.left -= 1
        if self.left == 0 and self.point == "before commit":
            die()
        if self.left == 0 and self.point == "in commit":
            SpoolFile.transaction = lambda file: Doomed(file)  # type: ignore[method-assign]  # noqa: PLW0108
        super().commit(batch)
        if self.left == 0 and self.point == "after commit":
            die()


class TellingSource(MemorySource):
    """Tells of each acknowledgement."""

    def acknowledge(self, deliveries: list) -> int:
        for delivery in deliveries:
            os.write(1, b"%s\n" % delivery.payload)
        return super().acknowledge(deliveries)


def main() -> None:
    path, point, commits, url, bucket = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4], sys.argv[5]
    buckets = InfluxDBBuckets(readings=bucket, rollups=f"{bucket}_rollups")
    remote = CrashingRemote(InfluxDBAddress(url=url, token=TOKEN), buckets, PLACES, host="crash")
    remote.point, remote.last_seq = point, 10 * commits - 1
    spool = Spool(Path(path), limit_bytes=10_000_000, dead_letters_per_device=100)
    store = CrashingStore(spool, remote, raw_days=30.0, clock_ns=time.time_ns, topic_of=str)
    store.point, store.left = point, commits
    source = TellingSource()
    intake = an_intake(source, store, batch_messages=10, commit_messages=1)
    for seq in range(10 * commits):
        payload = b"poison %d" % seq if seq % 10 == 7 else a_payload(seq=seq, ts=NOON_NS // 1_000_000 + seq)
        source.publish(TOPIC, payload, NOON_NS)
    while intake.take_in():
        pass
    store._settle()
    if point == "in trim":
        SpoolFile.transaction = lambda file: Doomed(file)  # type: ignore[method-assign]  # noqa: PLW0108
    spool.trim(spool.newest)
    sys.exit("it was to die before")


if __name__ == "__main__":
    main()
