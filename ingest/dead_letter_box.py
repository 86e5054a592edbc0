"""Dead letters: which are kept whole, which are counted as repeats, and how many at most."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from ingest.reading import Rejection, RejectionReason

MAX_PAYLOAD = 65_536
"""Bytes kept of one payload."""

STRANGERS = ""
"""The account of everything that no machine of the plant sent, so that made-up names cannot fill the store."""

_STRANGE = frozenset(
    {RejectionReason.UNKNOWN_MACHINE, RejectionReason.UNKNOWN_TOPIC, RejectionReason.IDENTITY_MISMATCH}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A row of a store's table of dead letters.

    `account` is what its quota is counted for; `size` is that of the whole payload, of which the beginning is kept.
    """

    id: str
    account: str
    topic: str
    payload: bytes
    size: int
    reason: str
    detail: str
    seen_ns: int
    count: int


class DeadLetterBox:
    """Which letters are in the table, by heart, and how full each account is.

    Parameters
    ----------
    rows
        Id and account of every letter in the table.
    quota
        Letters kept whole per account, which is a device and a reason; beyond it they are only counted.
    """

    def __init__(self, rows: Iterable[tuple[str, str]], quota: int) -> None:
        self._quota = quota
        self._ids: set[str] = set()
        self._kept: Counter[str] = Counter()
        for letter, account in rows:
            self._note(letter, account)

    def letters(self, rejections: Iterable[Rejection]) -> list[Letter]:
        """Return the rows that rejections come to: one per different message, or per account over its quota."""
        found: dict[str, Letter] = {}
        kept = self._kept.copy()
        for rejection in rejections:
            letter = _letter(rejection)
            if letter.id not in self._ids and letter.id not in found:
                if kept[letter.account] >= self._quota:
                    letter = _overflow(letter, self._quota)
                else:
                    kept[letter.account] += 1
            known = found.get(letter.id)
            found[letter.id] = replace(letter, count=known.count + 1) if known else letter
        return list(found.values())

    def is_kept(self, letter: Letter) -> bool:
        """Whether the table has a row of this letter, which is then counted up."""
        return letter.id in self._ids

    def written(self, letters: Iterable[Letter]) -> None:
        """Learn that rows have been committed."""
        for letter in letters:
            if letter.id not in self._ids:
                self._note(letter.id, letter.account)

    def _note(self, letter: str, account: str) -> None:
        self._ids.add(letter)
        self._kept[account] += 1


def _letter(rejection: Rejection) -> Letter:
    identity = hashlib.sha256(
        rejection.topic.encode("utf-8", "surrogateescape") + b"\0" + rejection.payload
    ).hexdigest()
    own = STRANGERS if rejection.reason in _STRANGE else rejection.topic.rpartition("/")[0]
    sender = rejection.stream or own
    return Letter(
        id=identity,
        account=f"{sender} {rejection.reason.value}",
        topic=rejection.topic,
        payload=rejection.payload[:MAX_PAYLOAD],
        size=len(rejection.payload),
        reason=rejection.reason.value,
        detail=rejection.detail,
        seen_ns=rejection.received_time_ns,
        count=1,
    )


def _overflow(letter: Letter, quota: int) -> Letter:
    """Return the row that stands for all letters of an account beyond its quota."""
    identity = hashlib.sha256(b"overflow\0" + letter.account.encode("utf-8", "surrogateescape")).hexdigest()
    detail = f"more than {quota} such messages: further ones are counted here and not kept; {letter.detail}"
    return replace(letter, id=identity, payload=b"", size=max(1, letter.size), detail=detail)
