"""Takes in numbered messages and dies at a chosen point: `crash_process.py FILE POINT COMMITS`."""

import os
import sys
from pathlib import Path

import duckdb

from ingest.ports import IntakeBatch
from ingest.stores.duckdb_file import DuckDBFile
from ingest.stores.duckdb_store import DuckDBStore
from tests.fakes.intake import an_intake
from tests.fakes.readings import NOON_NS, TOPIC, a_payload
from tests.fakes.source import MemorySource


def die() -> None:
    os.kill(os.getpid(), 9)


class CrashingSource(MemorySource):
    """Tells of each acknowledgement, and dies before, or half way through, the last ones."""

    def __init__(self, point: str, commits: int) -> None:
        super().__init__()
        self.point, self.left = point, commits

    def acknowledge(self, deliveries: list) -> int:
        self.left -= 1
        if self.left == 0 and self.point == "after commit":
            die()
        for at, delivery in enumerate(deliveries):
            if self.left == 0 and self.point == "half acknowledged" and at == len(deliveries) // 2:
                die()
            os.write(1, b"%s\n" % delivery.payload)
        return super().acknowledge(deliveries)


class CrashingStore:
    """Dies before its last commit, or inside of it, when everything is written and nothing is committed."""

    def __init__(self, store: DuckDBStore, point: str, commits: int) -> None:
        self.store, self.point, self.left = store, point, commits
        self.load = store.load

    def commit(self, batch: IntakeBatch) -> None:
        self.left -= 1
        if self.left == 0 and self.point == "before commit":
            die()
        if self.left == 0 and self.point == "in commit":
            DuckDBFile.transaction = lambda file: Doomed(file)  # type: ignore[method-assign]  # noqa: PLW0108
        self.store.commit(batch)


class Doomed:
    """A transaction in which everything is written and that is never committed."""

    def __init__(self, file: DuckDBFile) -> None:
        self.cursor = file.cursor()

    def __enter__(self) -> duckdb.DuckDBPyConnection:
        self.cursor.execute("begin")
        return self.cursor

    def __exit__(self, *_: object) -> None:
        die()


def main() -> None:
    path, point, commits = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    source = CrashingSource(point, commits)
    intake = an_intake(source, CrashingStore(DuckDBStore(path), point, commits), batch_messages=10, commit_messages=1)
    for seq in range(10 * commits):
        payload = b"poison %d" % seq if seq % 10 == 7 else a_payload(seq=seq, ts=NOON_NS // 1_000_000 + seq)
        source.publish(TOPIC, payload, NOON_NS)
    while intake.take_in():
        pass


if __name__ == "__main__":
    main()
