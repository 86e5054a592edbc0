"""What a site says of costs, working time and parts, as changes of the plant."""

from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from configs.calendar import Shift
from configs.catalogue.load import load_catalogue
from configs.plant import MachineId, PartTypeId, SiteId
from configs.plant_changes import plant_with
from configs.plant_file import dump_plant
from service.advisory.terms import (
    MOST_DAYS,
    PartTerms,
    StopTerms,
    WorkingTerms,
    machine_change,
    part_change,
    site_change,
)
from service.errors import InvalidRequestError
from tests.fakes.plants import a_plant

BUSAN = SiteId("busan")
DAY = Shift(name="주간", start=time(8), end=time(17), weekdays=(0, 4))
WORKING = WorkingTerms(shifts=(DAY,), holidays="KR", closed=(date(2026, 12, 24),), opened=(date(2026, 12, 5),))


def test_what_is_said_is_what_the_plant_holds_and_what_is_unsaid_goes_out_again() -> None:
    said = StopTerms(
        cost_planned_krw=1e5, cost_unplanned_krw=9e5, planned_stop_h=1.0, unplanned_stop_h=8.0, risk="1 in 20"
    )
    changes = [
        site_change(BUSAN, said, WORKING),
        machine_change(MachineId("pump1"), StopTerms(downtime_krw_per_hour=5e4)),
        part_change(PartTypeId("pump.seal"), PartTerms(lead_time_days=40.0, cost_ratio=2.0)),
    ]
    text, catalogue = dump_plant(a_plant()), load_catalogue()
    plant = plant_with(text, catalogue, "plant", changes, revision=4)
    site = plant.site(BUSAN)
    assert (site.cost_unplanned_krw, site.risk) == (9e5, 0.05)
    assert site.calendar is not None
    assert (site.calendar.shifts, site.calendar.closed, site.calendar.opened) == (
        (DAY,),
        WORKING.closed,
        WORKING.opened,
    )
    assert plant.machines[0].downtime_krw_per_hour == 5e4
    seal = plant.part_type(PartTypeId("pump.seal"))
    assert (seal.lead_time_days, seal.cost_ratio) == (40.0, 2.0)
    undone = [
        site_change(BUSAN, StopTerms(), WorkingTerms()),
        machine_change(MachineId("pump1"), StopTerms()),
        part_change(PartTypeId("pump.seal"), PartTerms()),
    ]
    again = plant_with(text, catalogue, "plant", [*changes, *undone], revision=7)
    assert again.site(BUSAN) == replace(site, cost_planned_krw=None, cost_unplanned_krw=None, planned_stop_h=None,
                                        unplanned_stop_h=None, risk=None, calendar=None)  # fmt: skip
    assert again.machines[0].downtime_krw_per_hour is None
    before = a_plant().part_type(PartTypeId("pump.seal"))
    after = again.part_type(PartTypeId("pump.seal"))
    assert (after.lead_time_days, after.cost_ratio) == (before.lead_time_days, before.cost_ratio)


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (StopTerms(cost_planned_krw=0.0), "cost_planned_krw: more than 0"),
        (StopTerms(downtime_krw_per_hour=-5.0), "downtime_krw_per_hour: more than 0"),
        (StopTerms(cost_unplanned_krw=float("nan")), "cost_unplanned_krw: more than 0"),
        (StopTerms(planned_stop_h=9000.0), "planned_stop_h: more than 0 and at most 8,760"),
        (StopTerms(cost_planned_krw=2.0, cost_unplanned_krw=1.0), "cost_unplanned_krw: .* exchanged"),
        (StopTerms(planned_stop_h=2.0, unplanned_stop_h=1.0), "unplanned_stop_h: .* exchanged"),
        (StopTerms(risk="often"), "risk: 'often' is not a risk"),
    ],
)
def test_costs_that_cannot_be_are_refused_by_name(said: StopTerms, message: str) -> None:
    with pytest.raises(InvalidRequestError, match=message):
        machine_change(MachineId("pump1"), said)


@pytest.mark.parametrize(
    ("working", "message"),
    [
        (WorkingTerms(closed=(date(2026, 1, 2),)), "at least one shift"),
        (WorkingTerms(opened=(date(2026, 1, 2),)), "at least one shift"),
        (replace(WORKING, shifts=(DAY,) * 7), "at most 6"),
        (replace(WORKING, holidays="XX"), "holidays: those of KR"),
        (replace(WORKING, opened=WORKING.closed), "both closed and opened"),
        (replace(WORKING, shifts=(replace(DAY, name=""),)), "needs a name"),
        (replace(WORKING, shifts=(replace(DAY, name="a\nb"),)), "needs a name"),
        (replace(WORKING, shifts=(replace(DAY, end=DAY.start),)), "different times"),
        (replace(WORKING, shifts=(replace(DAY, weekdays=()),)), "one weekday"),
        (replace(WORKING, closed=tuple(date(2027, 1, 1) + timedelta(days=i) for i in range(MOST_DAYS + 1))), "at most"),
    ],
)
def test_working_time_that_cannot_be_is_refused(working: WorkingTerms, message: str) -> None:
    with pytest.raises(InvalidRequestError, match=message):
        site_change(BUSAN, StopTerms(), working)


@pytest.mark.parametrize(
    "terms",
    [
        PartTerms(lead_time_days=-1.0),
        PartTerms(price_krw=-1.0),
        PartTerms(cost_ratio=0.5),
        PartTerms(lead_time_days=1e5),
    ],
)
def test_figures_of_a_part_that_cannot_be_are_refused(terms: PartTerms) -> None:
    with pytest.raises(InvalidRequestError, match="leave it out where the catalogue's is right"):
        part_change(PartTypeId("pump.seal"), terms)
