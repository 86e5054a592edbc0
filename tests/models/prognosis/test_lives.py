from datetime import timedelta

import numpy as np
import pytest

from configs.plant import LifeUnit, MachineId, PartTypeId
from ingest.meter import MeterState
from ingest.part_life import RemovalReason
from models.errors import NotEnoughDataError
from models.prognosis.lives import (
    NO_LIVES,
    BeyondRecords,
    Ending,
    LifeHistory,
    life_history,
    records_kept_since,
    usage_of,
)
from tests.fakes.parts import NOW, NOW_NS, a_closed_life, a_life
from tests.fakes.plants import a_part_type


def a_meter(value: float, unit: LifeUnit = LifeUnit.OPERATING_HOURS) -> MeterState:
    return MeterState(machine=MachineId("pump1"), unit=unit, value=value, at_ns=NOW_NS)


def test_an_open_life_is_censored_where_the_meter_stands() -> None:
    history = life_history(a_part_type(), [a_life()], [a_meter(3500.0)], now=NOW)
    assert history.exit.tolist() == [2500.0]
    assert history.ending.tolist() == [Ending.CENSORED]
    assert not history.closed.any()


@pytest.mark.parametrize(
    ("reason", "ending"),
    [
        (RemovalReason.FAILED, Ending.FAILED),
        (RemovalReason.PLANNED, Ending.CENSORED),
        (RemovalReason.OPPORTUNISTIC, Ending.CENSORED),
        (RemovalReason.INSPECTION, Ending.CENSORED),
        (RemovalReason.UNKNOWN, Ending.UNKNOWN),
        (None, Ending.UNKNOWN),
    ],
)
def test_only_a_failure_ends_a_life_as_one(reason: RemovalReason | None, ending: Ending) -> None:
    history = life_history(a_part_type(), [a_closed_life(700.0, reason)], [], now=NOW)
    assert (history.ending.tolist(), history.exit.tolist(), history.closed.all()) == ([ending], [700.0], True)


def test_a_used_part_enters_at_the_age_it_came_with() -> None:
    history = life_history(a_part_type(), [a_closed_life(700.0, age_at_install=300.0)], [], now=NOW)
    assert (history.entry.tolist(), history.exit.tolist()) == ([300.0], [1000.0])


def test_a_part_of_unknown_age_is_never_taken_for_new() -> None:
    history = life_history(a_part_type(), [a_closed_life(700.0, age_at_install=None)], [], now=NOW)
    assert history.known_start.tolist() == [False]


def test_a_life_under_stress_counts_at_reference_stress() -> None:
    history = life_history(
        a_part_type(), [a_closed_life(700.0)], [], now=NOW, beyond=BeyondRecords(stress={"life1": 2.0})
    )
    assert history.exit.tolist() == [1400.0]


def test_lives_that_run_backwards_or_have_no_meter_are_only_counted() -> None:
    lives = [a_closed_life(-5.0), a_life(), a_closed_life(0.0), a_closed_life(9.0, age_at_install=-1.0)]
    history = life_history(a_part_type(), lives, [a_meter(5.0, LifeUnit.SHOTS)], now=NOW)
    assert (history.exit.size, history.unusable) == (0, 4)


def test_lives_of_other_part_types_are_left_out() -> None:
    other = a_closed_life(5.0, part_type=PartTypeId("pump.bearing"))
    assert life_history(a_part_type(), [other], [], now=NOW).exit.size == 0


def test_calendar_lives_need_no_meter() -> None:
    calendar = a_part_type(life_unit=LifeUnit.CALENDAR_DAYS)
    life = a_life(life_unit=LifeUnit.CALENDAR_DAYS, used_days=30.0)
    assert life_history(calendar, [life], [], now=NOW).exit.tolist() == [30.0]
    removed = a_closed_life(0.0, life_unit=LifeUnit.CALENDAR_DAYS, removed_at=NOW - timedelta(days=40))
    assert life_history(calendar, [removed], [], now=NOW).exit.tolist() == [60.0]


def test_usage_is_unknown_without_a_meter() -> None:
    assert usage_of(a_life(), None, NOW) is None


@pytest.mark.parametrize(("entry", "exit_"), [(np.nan, 1.0), (-1.0, 1.0), (2.0, 1.0)])
def test_a_history_refuses_ages_that_cannot_be(entry: float, exit_: float) -> None:
    with pytest.raises(NotEnoughDataError, match="correct the meter values"):
        LifeHistory(
            entry=np.array([entry]),
            exit=np.array([exit_]),
            known_start=np.array([True]),
            ending=np.array([0], dtype=np.int8),
            closed=np.array([True]),
        )


def test_no_lives_is_a_history_too() -> None:
    assert NO_LIVES.exit.size == 0


def worn_share(reason: RemovalReason, planned_ages: list[float]) -> float:
    """Return how likely the first of some lives was cut short by wear, beside planned changes at some ages."""
    planned = [a_closed_life(age, RemovalReason.PLANNED, id=f"planned{i}") for i, age in enumerate(planned_ages)]
    history = life_history(a_part_type(), [a_closed_life(700.0, reason), *planned], [], now=NOW)
    return float(history.worn_shares[0])


def test_what_an_inspection_takes_off_counts_as_worn_and_a_failure_never_does() -> None:
    assert worn_share(RemovalReason.INSPECTION, []) == 0.9
    assert worn_share(RemovalReason.FAILED, []) == 0.0
    assert NO_LIVES.worn_shares.size == 0


def test_planned_changes_at_an_even_interval_say_little_of_wear_and_scattered_ones_much() -> None:
    assert worn_share(RemovalReason.PLANNED, [700.0, 690.0, 720.0, 705.0]) == pytest.approx(0.1)
    assert worn_share(RemovalReason.PLANNED, [100.0, 300.0, 1500.0, 4000.0]) == pytest.approx(0.9)
    assert worn_share(RemovalReason.PLANNED, [100.0]) == 0.5


def test_what_readings_say_of_a_removal_takes_the_place_of_its_reason() -> None:
    beyond = BeyondRecords(worn={"life1": 0.25})
    history = life_history(a_part_type(), [a_closed_life(700.0, RemovalReason.INSPECTION)], [], now=NOW, beyond=beyond)
    assert history.worn_shares.tolist() == [0.25]


def test_a_part_older_than_the_records_is_under_observation_since_they_began() -> None:
    life = a_closed_life(700.0)
    half = life.installed_at + (NOW - life.installed_at) / 2
    history = life_history(a_part_type(), [life], [], now=NOW, beyond=BeyondRecords(kept_since=half))
    assert (history.entry.tolist(), history.exit.tolist()) == ([350.0], [700.0])


def test_records_began_with_the_first_removal_of_a_lasting_part() -> None:
    tool = a_closed_life(1.0, removed_at=NOW - timedelta(days=90), part_type=PartTypeId("tool"))
    lives = [tool, a_closed_life(5.0, removed_at=NOW - timedelta(days=9)), a_closed_life(5.0), a_life()]
    assert records_kept_since(lives, frozenset({PartTypeId("tool")})) == NOW - timedelta(days=9)
    assert records_kept_since([a_life()]) is None
