"""Settles dead letters: stores them after a fix, or gives them up; each with who did it in the trail."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session

from configs.instant import ns_of
from configs.plant import SiteId
from ingest.intake.examination import Reexamined
from ingest.ports import DeadLetter, SettledAs, Settlement
from service.actor import Actor
from service.errors import InvalidRequestError, NotFoundError
from service.security.rights import Right, require
from service.state import audit
from service.state.audit import AuditedAct
from service.state.database import StateDatabase

LONGEST_REASON = 200


class LetterDesk(Protocol):
    """Reads dead letters again, and notes what became of them."""

    def preview(self, letters: Sequence[DeadLetter]) -> Mapping[str, str]:
        """Return why letters still cannot be stored, by id."""

    def replay(self, letters: Sequence[DeadLetter], *, by: str, at_ns: int) -> Reexamined:
        """Store letters that can be read now."""

    def settle(self, settlements: Sequence[Settlement]) -> None:
        """Note that letters are done with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """What a replay came to, or would: letters stored, and why the others still cannot be, by letter id."""

    stored: tuple[str, ...]
    refused: Mapping[str, str]


def choose(letters: Sequence[DeadLetter], ids: Sequence[str], reason: str | None) -> list[DeadLetter]:
    """Return the letters of these ids, each known by its beginning, or every open one of a reason.

    Raises
    ------
    NotFoundError
        There is no letter, or more than one, whose id begins like that.
    """
    if reason is not None:
        return [each for each in letters if each.reason == reason and each.settled_as is SettledAs.OPEN]
    chosen: dict[str, DeadLetter] = {}
    for wanted in ids:
        found = [each for each in letters if each.id.startswith(wanted)]
        if len(found) != 1:
            told = "there is no such dead letter" if not found else "more than one begins like this"
            raise NotFoundError(f"ids: {wanted[:64]}: {told}")
        chosen[found[0].id] = found[0]
    return list(chosen.values())


def preview(actor: Actor, desk: LetterDesk, letters: Sequence[DeadLetter]) -> Replayed:
    """Return what a replay of letters would come to; nothing changes."""
    require(actor, Right.SETTLE_DEAD_LETTER)
    return _outcome(letters, desk.preview(letters))


def replay(
    database: StateDatabase, actor: Actor, desk: LetterDesk, letters: Sequence[DeadLetter], *, now: datetime
) -> Replayed:
    """Store letters that can be read now, as history: each is received when it first was, and its case notifies nobody."""
    require(actor, Right.SETTLE_DEAD_LETTER)
    again = desk.replay(letters, by=actor.name, at_ns=ns_of(now))
    outcome = _outcome(letters, again.refused)
    with database.transaction() as session:
        for letter in letters:
            if letter.id not in again.refused:
                _audit(session, actor, letter, "dead_letter_replayed", after=letter.reason, now=now)
    return outcome


def discard(
    database: StateDatabase,
    actor: Actor,
    desk: LetterDesk,
    letters: Sequence[DeadLetter],
    *,
    because: str,
    now: datetime,
) -> int:
    """Give letters up; they stay in the list of settled ones. Return how many were still open.

    Raises
    ------
    InvalidRequestError
        No reason is given, or one too long.
    """
    require(actor, Right.SETTLE_DEAD_LETTER)
    reason = because.strip()
    if not 0 < len(reason) <= LONGEST_REASON or not reason.isprintable():
        raise InvalidRequestError(f"because: say why the messages are given up, in 1 to {LONGEST_REASON} characters")
    still_open = [letter for letter in letters if letter.settled_as is SettledAs.OPEN]
    settlements = [
        Settlement(letter=letter.id, settled_as=SettledAs.DISCARDED, by=actor.name, at_ns=ns_of(now))
        for letter in still_open
    ]
    with database.transaction() as session:
        for letter in still_open:
            _audit(session, actor, letter, "dead_letter_discarded", after=reason, now=now)
        desk.settle(settlements)
    return len(still_open)


def _outcome(letters: Sequence[DeadLetter], refused: Mapping[str, str]) -> Replayed:
    return Replayed(stored=tuple(letter.id for letter in letters if letter.id not in refused), refused=refused)


def _audit(session: Session, actor: Actor, letter: DeadLetter, action: str, *, after: str, now: datetime) -> None:
    levels = letter.topic.split("/")
    act = AuditedAct(
        action=action,
        object_kind="dead_letter",
        object_id=letter.id[:64],
        site=SiteId(levels[2]) if len(levels) == 6 else None,
        before=letter.topic[:200],
        after=after,
    )
    audit.append(session, actor, act, now=now)
