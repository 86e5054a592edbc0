"""What costs most, what comes back, what helped, what less stress is worth, and whether a change did anything."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from configs.plant import LifeUnit, MachineId, PartTypeId, SlotId, StressLaw
from ingest.label import Label, LabelKind
from ingest.maintenance_event import MaintenanceEvent, MaintenanceKind
from ingest.part_life import PartLife, RemovalReason
from models.prognosis.change_test import Outcome
from service.advisory.costs import stop_costs
from service.advisory.improvement import (
    change_test,
    extensions,
    remedies,
    repeat_failures,
    worst_actors,
    yearly_cost,
)
from service.advisory.monthly_report import report_month
from tests.fakes.conclusions import NOW, ago
from tests.fakes.planning import SITE, planned
from tests.fakes.plants import JUDGED, a_machine, a_part_type
from tests.service.advisory.test_replacement import LIFE

PUMP, SEAL = MachineId("pump1"), SlotId("seal")
PART = PartTypeId("pump.seal")
COSTS = {(PUMP, SEAL): stop_costs(a_machine(), SITE, a_part_type())}
LAW = StressLaw(stress="load", reference=10.0, exponent=3.0, exponent_sd=0.5, source=JUDGED)


def a_removal(days_ago: float, reason: RemovalReason = RemovalReason.FAILED, **changes: object) -> PartLife:
    life = replace(
        LIFE,
        id=f"life{days_ago}{reason}",
        installed_at=ago(days=days_ago + 50),
        age_at_install=0.0,
        removed_at=ago(days=days_ago),
        meter_at_removal=2500.0,
        removal_reason=reason,
        failure_mode="ELP",
    )
    return replace(life, **changes)


def test_the_worst_actors_are_those_whose_failures_cost_most() -> None:
    elsewhere = a_removal(5, machine=MachineId("pump2"), failure_mode=None)
    lives = [a_removal(5), a_removal(50), elsewhere, a_removal(400), a_removal(9, RemovalReason.PLANNED), LIFE]
    first, second = worst_actors(lives, COSTS, now=NOW)
    assert (first.machine, first.failures, first.modes, first.cost_krw) == (PUMP, 2, (("ELP", 2),), 1_000_000.0)
    assert (second.machine, second.modes, second.cost_krw) == ("pump2", (), 0.0)
    assert len(worst_actors(lives, COSTS, now=NOW, most=1)) == 1


def test_a_failure_sooner_than_nine_in_ten_is_a_repeat() -> None:
    early = a_removal(5, meter_at_removal=1100.0)
    usual = a_removal(6, meter_at_removal=9000.0)
    old = a_removal(7, meter_at_removal=1100.0, age_at_install=None)
    mute = a_removal(8, meter_at_removal=None)
    past = a_removal(500, meter_at_removal=1100.0)
    strange = a_removal(9, part_type=PartTypeId("gone"))
    lives = [early, usual, old, mute, past, strange, LIFE]
    (found,) = repeat_failures(lives, {PART: a_part_type()}, now=NOW)
    assert (found.life, found.ran) == (early, 100.0)
    assert found.usual == pytest.approx(8000.0 * 0.10536**0.5)


def test_a_remedy_held_where_no_failure_followed_for_ninety_days() -> None:
    lives = [
        a_removal(300, RemovalReason.PLANNED),
        a_removal(250),
        a_removal(150, RemovalReason.PLANNED),
        a_removal(10, RemovalReason.PLANNED),
    ]
    greased = MaintenanceEvent(machine=PUMP, slot=SEAL, at=ago(days=280), kind=MaintenanceKind.PREVENTIVE, note=None)
    nowhere = replace(greased, slot=SlotId("belt"))
    whole = replace(greased, slot=None)
    found = {each.done: each for each in remedies(lives, [greased, nowhere, whole], now=NOW)}
    plan = found[RemovalReason.PLANNED]
    assert (plan.held, plan.failed, plan.undecided, plan.share) == (1, 1, 1, 0.5)
    assert found[MaintenanceKind.PREVENTIVE].failed == 1
    assert found[RemovalReason.FAILED].held == 1
    (fresh,) = remedies([a_removal(1)], [], now=NOW)
    assert fresh.share is None


def test_less_stress_is_worth_what_the_longer_life_saves_a_year() -> None:
    slot = planned(stress_law=LAW)
    known, unknown = extensions([slot, planned("pump2", name="pump.belt")])
    assert (known.part_type, known.slots) == ("pump.seal", 1)
    assert known.yearly_krw == pytest.approx(yearly_cost(slot))
    assert known.factor is not None
    assert known.saved_krw == pytest.approx(known.yearly_krw * (1.0 - 1.0 / known.factor.median))
    assert known.saved_low_krw < known.saved_krw < known.saved_high_krw
    assert (unknown.law, unknown.factor, unknown.saved_krw) == (None, None, 0.0)


def test_a_part_that_costs_nothing_costs_nothing_a_year() -> None:
    assert yearly_cost(planned(price_krw=0.0)) == 0.0
    assert yearly_cost(planned()) > 0.0


def a_course(start: datetime, run: float, n: int) -> list[PartLife]:
    """Return lives one after the other that fail after running about so many hours, ten hours a day."""
    lives = []
    for i in range(n):
        ran = run * (0.6 + 0.8 * (i + 0.5) / n)
        end = start + timedelta(hours=ran * 2.4)
        lives.append(
            a_removal(
                0,
                id=f"{start}{i}",
                installed_at=start,
                removed_at=end,
                meter_at_install=0.0,
                meter_at_removal=ran,
            )
        )
        start = end
    return lives


def test_parts_put_in_after_a_change_are_set_against_those_before() -> None:
    before = a_course(ago(days=3000), 500.0, 20)
    changed_at = ago(days=1900)
    after = a_course(changed_at, 900.0, 20)
    across = a_removal(0, id="x", installed_at=ago(days=1950), removed_at=ago(days=1850), meter_at_removal=1500.0)
    open_ = replace(LIFE, id="o", installed_at=ago(days=10), age_at_install=0.0, meter_at_install=100.0)
    left_out = [replace(open_, id="u", age_at_install=None), replace(open_, id="p", part_type=PartTypeId("other"))]
    meters = {(PUMP, LifeUnit.OPERATING_HOURS): 300.0}
    lives = [*before, *after, across, open_, *left_out]
    found = change_test(lives, meters, part_type=PART, changed_at=changed_at, now=NOW)
    assert found.outcome is Outcome.LONGER
    assert (found.failures_before, found.failures_after) == (20, 20)
    none = change_test([open_], {}, part_type=PART, changed_at=changed_at, now=NOW)
    assert none.outcome is Outcome.TOO_FEW


def test_a_month_counts_what_came_off_and_what_was_said_in_it() -> None:
    said = Label(
        machine=PUMP,
        slot=SEAL,
        start=ago(days=9),
        end=ago(days=8),
        kind=LabelKind.PREVENTED,
        said_by="Lee",
        said_at=ago(days=8),
    )
    lives = [a_removal(5), a_removal(6, RemovalReason.PLANNED), a_removal(40), LIFE, a_removal(7, slot=SlotId("gone"))]
    late = replace(said, said_at=ago(days=90))
    report = report_month(lives, [said, late], COSTS, start=ago(days=30), end=NOW)
    assert dict(report.removals) == {RemovalReason.FAILED: 2, RemovalReason.PLANNED: 1}
    assert dict(report.verdicts) == {LabelKind.PREVENTED: 1}
    assert (report.planned_krw, report.unplanned_krw) == (100_000.0, 500_000.0)
    assert report.replaced == 3
    assert [life.slot for life in report.failures] == ["gone", "seal"]
