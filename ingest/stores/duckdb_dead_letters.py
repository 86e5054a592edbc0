"""The dead letters of the embedded store."""

from collections.abc import Sequence
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from configs.instant import utc_of_ns
from ingest.dead_letter_box import DeadLetterBox, Letter
from ingest.ports import DeadLetter, SettledAs, Settlement
from ingest.stores.duckdb_file import DuckDBFile, registered, texts

_UPDATE = """
update dead_letters d set count = d.count + n.count, last_seen_ns = greatest(d.last_seen_ns, n.last_seen_ns),
    settled_as = null, settled_by = null, settled_at_ns = null
from letters n where d.id = n.id
"""
_SETTLE = (
    "update dead_letters set settled_as = ?, settled_by = ?, settled_at_ns = ? where id = ? and settled_as is null"
)
_LISTED = """
select id, topic, payload, reason, detail, first_seen_ns, last_seen_ns, count,
    octet_length(payload) = coalesce(size, octet_length(payload)), settled_as, settled_by, settled_at_ns
from dead_letters order by last_seen_ns desc, id limit ?
"""
_INSERT = "insert into dead_letters by name select *, last_seen_ns as first_seen_ns from letters"


def write_letters(cursor: duckdb.DuckDBPyConnection, box: DeadLetterBox, letters: list[Letter]) -> None:
    """Write rows in the cursor's transaction; a letter that is there already is counted up."""
    repeats = [letter for letter in letters if box.is_kept(letter)]
    if repeats:
        with registered(cursor, "letters", _columns(repeats)):
            cursor.execute(_UPDATE)
    fresh = [letter for letter in letters if not box.is_kept(letter)]
    if fresh:
        with registered(cursor, "letters", _columns(fresh)):
            cursor.execute(_INSERT)


def write_settlements(cursor: duckdb.DuckDBPyConnection, settlements: Sequence[Settlement]) -> None:
    """Note in the cursor's transaction which letters are done with."""
    for each in settlements:
        cursor.execute(_SETTLE, [each.settled_as.value, each.by, each.at_ns, each.letter])


def read_letters(file: DuckDBFile, limit: int) -> list[DeadLetter]:
    """Return the newest letters."""
    return [_dead_letter(*row) for row in file.rows(_LISTED, [limit])]


def _dead_letter(*row: Any) -> DeadLetter:
    letter, topic, payload, reason, detail, first_ns, last_ns, count, is_whole, settled_as, by, at_ns = row
    return DeadLetter(
        id=letter,
        topic=topic,
        payload=bytes(payload),
        reason=reason,
        detail=detail,
        first_seen=utc_of_ns(first_ns),
        last_seen=utc_of_ns(last_ns),
        count=count,
        is_whole=is_whole,
        settled_as=SettledAs.OPEN if settled_as is None else SettledAs(settled_as),
        settled_by=by,
        settled_at=None if at_ns is None else utc_of_ns(at_ns),
    )


def _columns(letters: list[Letter]) -> dict[str, NDArray[np.object_] | NDArray[np.int64]]:
    payloads = np.empty(len(letters), dtype=object)
    payloads[:] = [letter.payload for letter in letters]
    return {
        "id": texts([letter.id for letter in letters]),
        "account": texts([letter.account for letter in letters]),
        "topic": texts([letter.topic for letter in letters]),
        "payload": payloads,
        "size": np.array([letter.size for letter in letters], np.int64),
        "reason": texts([letter.reason for letter in letters]),
        "detail": texts([letter.detail for letter in letters]),
        "last_seen_ns": np.array([letter.seen_ns for letter in letters], np.int64),
        "count": np.array([letter.count for letter in letters], np.int64),
    }
