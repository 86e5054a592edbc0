"""The dead letters of a spool."""

import sqlite3
from collections.abc import Iterable
from typing import Any

from configs.instant import utc_of_ns
from ingest.dead_letter_box import DeadLetterBox, Letter
from ingest.ports import DeadLetter, SettledAs, Settlement
from ingest.spool.spool_file import SpoolFile

_INSERT = """
insert into dead_letters (id, account, topic, payload, size, reason, detail, first_seen_ns, last_seen_ns, count)
values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_UPDATE = """
update dead_letters set count = count + ?, last_seen_ns = max(last_seen_ns, ?),
    settled_as = null, settled_by = null, settled_at_ns = null
where id = ?
"""
_SETTLE = """
update dead_letters set settled_as = ?, settled_by = ?, settled_at_ns = ? where id = ? and settled_as is null
"""
_NEWEST = """
select id, topic, payload, reason, detail, first_seen_ns, last_seen_ns, count, length(payload) = size,
    settled_as, settled_by, settled_at_ns
from dead_letters order by last_seen_ns desc, id limit ?
"""


def write_letters(connection: sqlite3.Connection, box: DeadLetterBox, letters: Iterable[Letter]) -> None:
    """Write rows in the transaction under way; a letter that is there already is counted up."""
    for each in letters:
        if box.is_kept(each):
            connection.execute(_UPDATE, (each.count, each.seen_ns, each.id))
        else:
            topic = each.topic.encode("utf-8", "backslashreplace").decode()
            row = (each.id, each.account, topic, each.payload, each.size, each.reason, each.detail)
            connection.execute(_INSERT, (*row, each.seen_ns, each.seen_ns, each.count))


def write_settlements(connection: sqlite3.Connection, settlements: Iterable[Settlement]) -> None:
    """Note in the transaction under way which letters are done with."""
    for each in settlements:
        connection.execute(_SETTLE, (each.settled_as.value, each.by, each.at_ns, each.letter))


def read_letters(file: SpoolFile, limit: int) -> list[DeadLetter]:
    """Return the newest letters."""
    return [_dead_letter(*row) for row in file.rows(_NEWEST, (limit,))]


def _dead_letter(*row: Any) -> DeadLetter:
    letter, topic, payload, reason, detail, first_ns, last_ns, count, is_whole, settled_as, by, at_ns = row
    return DeadLetter(
        id=letter,
        topic=topic,
        payload=payload,
        reason=reason,
        detail=detail,
        first_seen=utc_of_ns(first_ns),
        last_seen=utc_of_ns(last_ns),
        count=count,
        is_whole=bool(is_whole),
        settled_as=SettledAs.OPEN if settled_as is None else SettledAs(settled_as),
        settled_by=by,
        settled_at=None if at_ns is None else utc_of_ns(at_ns),
    )
