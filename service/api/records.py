"""What could not be stored, and what never arrived."""

from fastapi import APIRouter

from configs.instant import ns_of
from ingest.ports import DeadLetter
from service.api.record_schemas import DeadLetterSchema, GapSchema
from service.http.paging import Page, Paging, page_of
from service.http.policy import Engineer, Viewer
from service.http.scope import may_see_topic
from service.http.services import ServicesOf

router = APIRouter(tags=["intake"])
MOST_LETTERS = 5000
LATEST_NS = 2**63 - 1


@router.get("/dead-letters")
def list_dead_letters(services: ServicesOf, actor: Engineer, paging: Paging) -> Page[DeadLetterSchema]:
    """Return the messages that could not be stored, newest first, each with its reason and what to do."""
    letters = [each for each in services.records.dead_letters(MOST_LETTERS) if may_see_topic(actor, each.topic)]
    keyed = [(_newest_first(letter), DeadLetterSchema.of(letter)) for letter in letters]
    return page_of(keyed, paging)


@router.get("/gaps")
def list_gaps(services: ServicesOf, actor: Viewer, paging: Paging) -> Page[GapSchema]:
    """Return the sequence numbers that streams lack right now."""
    gaps = [gap for gap in services.records.gaps() if may_see_topic(actor, gap.stream)]
    keyed = [(f"{gap.stream} {gap.boot} {gap.first:020d}", GapSchema.of(gap)) for gap in gaps]
    return page_of(keyed, paging)


def _newest_first(letter: DeadLetter) -> str:
    return f"{LATEST_NS - ns_of(letter.last_seen):020d} {letter.id}"
