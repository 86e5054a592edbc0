"""What could not be stored: why, what to do, and to try again or give up."""

from typing import Annotated

from fastapi import APIRouter, Query

from configs.instant import ns_of
from ingest.ports import DeadLetter, SettledAs
from service.actions import dead_letters
from service.actor import Actor
from service.api.record_schemas import (
    DeadLetterDiscard,
    DeadLetterReplay,
    DeadLetterSchema,
    DiscardedSchema,
    ReplayedSchema,
)
from service.http.paging import Page, Paging, page_of
from service.http.policy import Engineer
from service.http.scope import may_see_topic
from service.http.services import Services, ServicesOf

router = APIRouter(tags=["intake"])
MOST_LETTERS = 5000
LATEST_NS = 2**63 - 1


@router.get("/dead-letters")
def list_dead_letters(
    services: ServicesOf,
    actor: Engineer,
    paging: Paging,
    *,
    settled: Annotated[bool, Query(description="Also those that were replayed or discarded.")] = False,
) -> Page[DeadLetterSchema]:
    """Return the messages that could not be stored, newest first, each with its reason and what to do."""
    letters = [each for each in _visible(services, actor) if settled or each.settled_as is SettledAs.OPEN]
    keyed = [(_newest_first(letter), DeadLetterSchema.of(letter)) for letter in letters]
    return page_of(keyed, paging)


@router.post("/dead-letters/replay")
def replay_dead_letters(services: ServicesOf, actor: Engineer, wish: DeadLetterReplay) -> ReplayedSchema:
    """Store messages that can be read now, after the plant or the service was corrected; with `dry_run` only tell."""
    letters = dead_letters.choose(_visible(services, actor), wish.ids, wish.reason)
    if wish.dry_run:
        return ReplayedSchema.of(dead_letters.preview(actor, services.letters, letters))
    found = dead_letters.replay(services.database, actor, services.letters, letters, now=services.clock())
    return ReplayedSchema.of(found)


@router.post("/dead-letters/discard")
def discard_dead_letters(services: ServicesOf, actor: Engineer, wish: DeadLetterDiscard) -> DiscardedSchema:
    """Give messages up, with the reason in the trail; they stay in the list of settled ones."""
    letters = dead_letters.choose(_visible(services, actor), wish.ids, wish.reason)
    count = dead_letters.discard(
        services.database, actor, services.letters, letters, because=wish.because, now=services.clock()
    )
    return DiscardedSchema(discarded=count)


def _visible(services: Services, actor: Actor) -> list[DeadLetter]:
    return [each for each in services.records.dead_letters(MOST_LETTERS) if may_see_topic(actor, each.topic)]


def _newest_first(letter: DeadLetter) -> str:
    return f"{LATEST_NS - ns_of(letter.last_seen):020d} {letter.id}"
