"""The dead letters of the embedded store."""

import duckdb
import numpy as np
from numpy.typing import NDArray

from ingest.dead_letter_box import DeadLetterBox, Letter
from ingest.stores.duckdb_file import registered, texts

_UPDATE = """
update dead_letters d set count = d.count + n.count, last_seen_ns = greatest(d.last_seen_ns, n.last_seen_ns)
from letters n where d.id = n.id
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


def _columns(letters: list[Letter]) -> dict[str, NDArray[np.object_] | NDArray[np.int64]]:
    payloads = np.empty(len(letters), dtype=object)
    payloads[:] = [letter.payload for letter in letters]
    return {
        "id": texts([letter.id for letter in letters]),
        "account": texts([letter.account for letter in letters]),
        "topic": texts([letter.topic for letter in letters]),
        "payload": payloads,
        "reason": texts([letter.reason for letter in letters]),
        "detail": texts([letter.detail for letter in letters]),
        "last_seen_ns": np.array([letter.seen_ns for letter in letters], np.int64),
        "count": np.array([letter.count for letter in letters], np.int64),
    }
