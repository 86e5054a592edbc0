"""What never arrived."""

from fastapi import APIRouter

from service.api.record_schemas import GapSchema
from service.http.paging import Page, Paging, page_of
from service.http.policy import Viewer
from service.http.scope import may_see_topic
from service.http.services import ServicesOf

router = APIRouter(tags=["intake"])


@router.get("/gaps")
def list_gaps(services: ServicesOf, actor: Viewer, paging: Paging) -> Page[GapSchema]:
    """Return the sequence numbers that streams lack right now."""
    gaps = [gap for gap in services.records.gaps() if may_see_topic(actor, gap.stream)]
    keyed = [(f"{gap.stream} {gap.boot} {gap.first:020d}", GapSchema.of(gap)) for gap in gaps]
    return page_of(keyed, paging)
