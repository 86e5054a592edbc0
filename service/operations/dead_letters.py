"""`yeji dead-letters`: what could not be stored, to list, to store after a fix, or to give up."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlencode

from configs.instant import ns_of
from configs.settings import Settings
from ingest.ports import DeadLetter, SettledAs
from service.actions import dead_letters
from service.actions.dead_letters import LetterDesk, Replayed
from service.actor import SYSTEM
from service.app.clock import utc_now
from service.app.foundations import Foundations, lay_foundations
from service.app.intake import letter_desk
from service.errors import InvalidRequestError
from service.operations.loopback import RunningService, running_service
from service.operations.result import Output, Row
from service.operations.setup import plant_for

SHOWN_ID = 12
SHOWN = ("reason", "count", "detail", "settled_as")
MOST = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Which letters a command is about: by id or its beginning, or every open one of a reason."""

    ids: tuple[str, ...] = ()
    reason: str | None = None


class _Letters(Protocol):
    def list(self, *, settled: bool) -> Sequence[Row]: ...
    def replay(self, chosen: Chosen, *, dry_run: bool) -> tuple[Sequence[str], Mapping[str, str]]: ...
    def discard(self, chosen: Chosen, because: str) -> int: ...


def list_letters(settings: Settings, *, settled: bool, reason: str | None, output: Output) -> None:
    """Show the letters, newest first; settled ones too where asked for."""
    with _letters(settings) as letters:
        rows = [row for row in letters.list(settled=settled) if reason in {None, row["reason"]}]
    short = [{"id": str(row["id"])[:SHOWN_ID], **{name: row[name] for name in SHOWN}} for row in rows]
    output.show_rows(rows if output.as_json else short, "no dead letters: every message could be stored")


def replay_letters(settings: Settings, chosen: Chosen, *, dry_run: bool, output: Output) -> None:
    """Store what can be read now; with `dry_run` only tell what would be."""
    _check(chosen)
    with _letters(settings) as letters:
        stored, refused = letters.replay(chosen, dry_run=dry_run)
    verb = "would be stored" if dry_run else "stored"
    lines = [f"{len(stored)} {verb}, {len(refused)} still refused"]
    lines += [f"{letter[:SHOWN_ID]}: {detail}" for letter, detail in refused.items()]
    output.show({"stored": list(stored), "refused": dict(refused), "dry_run": dry_run}, "\n".join(lines))


def discard_letters(settings: Settings, chosen: Chosen, because: str, output: Output) -> None:
    """Give letters up, with the reason in the trail."""
    _check(chosen)
    with _letters(settings) as letters:
        count = letters.discard(chosen, because)
    output.show({"discarded": count}, f"{count} given up; `yeji dead-letters list --all` still shows them")


def _check(chosen: Chosen) -> None:
    if bool(chosen.ids) == (chosen.reason is not None):
        raise InvalidRequestError("name dead letters by their ids, or all of one reason with --reason")


@contextmanager
def _letters(settings: Settings) -> Iterator[_Letters]:
    with running_service(settings) as service:
        if service is not None:
            yield _Asked(service)
            return
        with lay_foundations(settings, plant_for(settings)) as base:
            desk = letter_desk(base.settings, base.plant, base.store, clock_ns=lambda: ns_of(utc_now()))
            yield _Opened(base, desk)


class _Asked:
    """The letters of the running service."""

    def __init__(self, service: RunningService) -> None:
        self._service = service

    def list(self, *, settled: bool) -> Sequence[Row]:
        found: list[Row] = []
        query: dict[str, Any] = {"settled": str(settled).lower(), "limit": 1000}
        while len(found) < MOST:
            page = self._service.get(f"/dead-letters?{urlencode(query)}")
            found += [_row_of_json(item) for item in page["items"]]
            if page["next_cursor"] is None:
                break
            query["cursor"] = page["next_cursor"]
        return found

    def replay(self, chosen: Chosen, *, dry_run: bool) -> tuple[Sequence[str], Mapping[str, str]]:
        body = {"ids": chosen.ids, "reason": chosen.reason, "dry_run": dry_run}
        answer = self._service.post("/dead-letters/replay", body)
        return answer["stored"], {each["id"]: each["detail"] for each in answer["refused"]}

    def discard(self, chosen: Chosen, because: str) -> int:
        body = {"ids": chosen.ids, "reason": chosen.reason, "because": because}
        return int(self._service.post("/dead-letters/discard", body)["discarded"])


class _Opened:
    """The letters of a store that no service holds."""

    def __init__(self, base: Foundations, desk: LetterDesk) -> None:
        self._base = base
        self._desk = desk

    def list(self, *, settled: bool) -> Sequence[Row]:
        letters = self._base.store.dead_letters(MOST)
        return [_row(letter) for letter in letters if settled or letter.settled_as is SettledAs.OPEN]

    def replay(self, chosen: Chosen, *, dry_run: bool) -> tuple[Sequence[str], Mapping[str, str]]:
        letters = self._chosen(chosen)
        found: Replayed
        if dry_run:
            found = dead_letters.preview(SYSTEM, self._desk, letters)
        else:
            found = dead_letters.replay(self._base.database, SYSTEM, self._desk, letters, now=utc_now())
        return found.stored, found.refused

    def discard(self, chosen: Chosen, because: str) -> int:
        letters = self._chosen(chosen)
        return dead_letters.discard(self._base.database, SYSTEM, self._desk, letters, because=because, now=utc_now())

    def _chosen(self, chosen: Chosen) -> Sequence[DeadLetter]:
        return dead_letters.choose(self._base.store.dead_letters(MOST), chosen.ids, chosen.reason)


def _row(letter: DeadLetter) -> Row:
    return {
        "id": letter.id,
        "reason": letter.reason,
        "count": letter.count,
        "last_seen": letter.last_seen.isoformat(timespec="seconds"),
        "topic": letter.topic,
        "detail": letter.detail,
        "settled_as": letter.settled_as.value,
        "settled_by": letter.settled_by,
    }


def _row_of_json(item: Mapping[str, Any]) -> Row:
    return {
        name: item[name]
        for name in ("id", "reason", "count", "last_seen", "topic", "detail", "settled_as", "settled_by")
    }
