"""What could make parts last longer, as data."""

from typing import Annotated, Self

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel
from starlette.responses import Response

from configs.plant import PartTypeId
from models.prognosis.change_test import ChangeTest
from service.advisory.improvement import Extension, WorstActor
from service.api.csv_text import CSV_ANSWER, csv_response, csv_text
from service.api.plan import Format
from service.http.improving import improvement, tested_change
from service.http.paging import Page, Paging, page_of
from service.http.policy import Viewer
from service.http.services import ServicesOf

router = APIRouter(tags=["improvement"])


class ExtensionSchema(BaseModel):
    """What ten per cent less stress on a kind of part is worth; all null where no law is known.

    `life_factor` is by how much lives grow (P10, median, P90); the savings are won a year over all `slots`.
    """

    part_type: str
    slots: int
    stress: str | None
    life_factor_p10: float | None
    life_factor: float | None
    life_factor_p90: float | None
    yearly_krw: float
    saved_krw: float | None
    saved_low_krw: float | None
    saved_high_krw: float | None

    @classmethod
    def of(cls, each: Extension) -> Self:
        """Return the shape of an extension."""
        factor = each.factor
        return cls(
            part_type=each.part_type,
            slots=each.slots,
            stress=None if each.law is None else each.law.stress,
            life_factor_p10=None if factor is None else factor.p10,
            life_factor=None if factor is None else factor.median,
            life_factor_p90=None if factor is None else factor.p90,
            yearly_krw=each.yearly_krw,
            saved_krw=None if factor is None else each.saved_krw,
            saved_low_krw=None if factor is None else each.saved_low_krw,
            saved_high_krw=None if factor is None else each.saved_high_krw,
        )


class WorstActorSchema(BaseModel):
    """A slot that failed in the last year, and what that cost."""

    machine: str
    slot: str
    part_type: str
    failures: int
    modes: dict[str, int]
    cost_krw: float

    @classmethod
    def of(cls, each: WorstActor) -> Self:
        """Return the shape of a worst actor."""
        return cls(
            machine=each.machine,
            slot=each.slot,
            part_type=each.part_type,
            failures=each.failures,
            modes=dict(each.modes),
            cost_krw=each.cost_krw,
        )


class ChangeTestSchema(BaseModel):
    """Whether parts last longer since a change: longer, shorter, undecided or too_few.

    `ratio` is lives after over lives before with its 80 % range; `more_failures` are still needed on each side.
    """

    outcome: str
    failures_before: int
    failures_after: int
    ratio: float | None
    low: float | None
    high: float | None
    more_failures: int

    @classmethod
    def of(cls, test: ChangeTest) -> Self:
        """Return the shape of a test."""
        return cls(
            outcome=test.outcome,
            failures_before=test.failures_before,
            failures_after=test.failures_after,
            ratio=test.ratio,
            low=test.low,
            high=test.high,
            more_failures=test.more_failures,
        )


@router.get("/life-extensions", response_model=Page[ExtensionSchema], responses=CSV_ANSWER)
def list_life_extensions(services: ServicesOf, actor: Viewer, paging: Paging, output: Format = "json") -> Response:
    """Return what less stress is worth for each kind of part, the most won a year first."""
    with services.database.reading() as session:
        found = [ExtensionSchema.of(each) for each in improvement(services, actor, session).extensions]
    if output == "csv":
        header = tuple(ExtensionSchema.model_fields)
        return csv_response(
            "life_extensions.csv", csv_text(header, (tuple(each.model_dump().values()) for each in found))
        )
    page = page_of([(f"{place:06d}", each) for place, each in enumerate(found)], paging)
    return Response(page.model_dump_json(), media_type="application/json")


@router.get("/worst-actors")
def list_worst_actors(services: ServicesOf, actor: Viewer, paging: Paging) -> Page[WorstActorSchema]:
    """Return the slots whose failures of the last year cost most."""
    with services.database.reading() as session:
        found = improvement(services, actor, session).actors
    return page_of([(f"{place:06d}", WorstActorSchema.of(each)) for place, each in enumerate(found)], paging)


@router.get("/change-tests")
def read_change_test(
    services: ServicesOf,
    actor: Viewer,
    part_type: Annotated[str, Query(max_length=130)],
    since: AwareDatetime,
) -> ChangeTestSchema:
    """Return whether parts of a kind last longer since a change."""
    with services.database.reading() as session:
        test = tested_change(services, actor, session, part_type=PartTypeId(part_type), changed_at=since)
    return ChangeTestSchema.of(test)
