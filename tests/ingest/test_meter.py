"""Meters: they only rise, and count what a machine did, not what is not known."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from configs.plant import LifeUnit, PartTypeId, Slot, SlotId
from ingest.meter import MAX_STEP_S, MeterMemory, MeterProfile, advance, blank_meters, profile_meters
from ingest.reading import ReadingBatch
from tests.fakes.plants import a_machine, a_part_type, a_sensor, a_text, a_type
from tests.fakes.readings import NOON_NS, SECOND_NS, a_batch

U = LifeUnit


def a_profile(*units: LifeUnit, counter: LifeUnit | None = None) -> MeterProfile:
    slots = tuple(
        Slot(id=SlotId(unit), name=a_text(), part_type=PartTypeId(f"pump.{unit}"), signs=()) for unit in units
    )
    sensors = (a_sensor("vib"), *([a_sensor("count", measurand=counter.value)] if counter else []))
    kind = a_type(slots=slots, sensors=sensors)
    parts = [a_part_type(f"pump.{unit}", life_unit=unit) for unit in units]
    return profile_meters(kind, [a_machine("pump1", kind), a_machine("pump2", kind)], parts)


def states(*reported: tuple[float, str], machine: str = "pump1") -> ReadingBatch:
    batch = a_batch(*((machine, NOON_NS + int(at * SECOND_NS), {"vib": 1.0}) for at, _ in reported))
    return replace(batch, states=np.array([state for _, state in reported], dtype=object))


def total(profile: MeterProfile, *batches: ReadingBatch, unit: LifeUnit = U.OPERATING_HOURS) -> float:
    memory, value = blank_meters(profile), 0.0
    for batch in batches:
        increments, memory = advance(profile, memory, batch)
        value += sum(meter.value for meter in increments if meter.unit is unit)
    return value


def test_every_machine_counts_operating_hours_and_what_its_parts_live_by() -> None:
    assert a_profile(U.STARTS, U.SHOTS).units == (U.OPERATING_HOURS, U.SHOTS, U.STARTS)


def test_running_time_is_counted_while_executing() -> None:
    batch = states((0, "executing"), (60, "executing"), (120, "idle"), (180, "idle"), (240, "executing"))
    assert total(a_profile(U.STARTS), batch) == pytest.approx(120 / 3600)
    assert total(a_profile(U.CUTTING_MINUTES), batch, unit=U.CUTTING_MINUTES) == pytest.approx(2)


def test_a_silence_counts_as_running_only_so_far() -> None:
    batch = states((0, "executing"), (86_400, "executing"))
    assert total(a_profile(), batch) == pytest.approx(MAX_STEP_S / 3600)


def test_starts_are_counted_when_execution_begins() -> None:
    batch = states((0, "executing"), (1, "idle"), (2, "executing"), (3, "executing"), (4, "off"), (5, "executing"))
    assert total(a_profile(U.STARTS), batch, unit=U.STARTS) == 2


def test_calendar_days_pass_through_silence() -> None:
    batch = states((0, "off"), (43_200, "executing"))
    assert total(a_profile(U.CALENDAR_DAYS), batch, unit=U.CALENDAR_DAYS) == pytest.approx(0.5)


def test_counting_goes_on_across_batches_and_restarts() -> None:
    profile = a_profile()
    first, second = states((0, "executing")), states((60, "executing"))
    assert total(profile, first, second) == pytest.approx(1 / 60)
    restarted = MeterMemory(
        at_ns=np.array([NOON_NS, NOON_NS]), executing=np.array([True, True]), counter=np.full((2, 1), np.nan)
    )
    increments, _ = advance(profile, restarted, second)
    assert [meter.value for meter in increments] == [pytest.approx(1 / 60)]


def test_late_readings_count_nothing() -> None:
    profile = a_profile(U.STARTS)
    assert total(profile, states((100, "executing")), states((10, "idle"), (50, "executing"), (160, "idle"))) == (
        pytest.approx(1 / 60)
    )


def test_an_increment_tells_its_machine_unit_and_time() -> None:
    increments, memory = advance(
        a_profile(), blank_meters(a_profile()), states((0, "executing"), (36, "idle"), machine="pump2")
    )
    assert [(m.machine, m.unit, m.value, m.at_ns) for m in increments] == [
        ("pump2", U.OPERATING_HOURS, pytest.approx(0.01), NOON_NS + 36 * SECOND_NS)
    ]
    assert memory.executing.tolist() == [False, False]


def counts(*sent: tuple[float, float | None], machine: str = "pump1") -> ReadingBatch:
    return a_batch(
        *(
            (machine, NOON_NS + int(at * SECOND_NS), {"vib": 1.0, "count": np.nan if value is None else value})
            for at, value in sent
        )
    )


def test_a_device_that_counts_itself_is_believed_through_resets() -> None:
    profile = a_profile(U.SHOTS, counter=U.SHOTS)
    assert total(profile, counts((0, 100), (1, None), (2, 130)), unit=U.SHOTS) == 130
    assert total(profile, counts((0, 100)), counts((1, 130), (2, 5), (3, 15)), unit=U.SHOTS) == 145


def test_machines_count_apart() -> None:
    profile = a_profile(U.SHOTS, counter=U.SHOTS)
    both = a_batch(
        ("pump1", NOON_NS, {"vib": 1.0, "count": 7.0}),
        ("pump2", NOON_NS, {"vib": 1.0, "count": 1.0}),
        ("pump2", NOON_NS + 1, {"vib": 1.0, "count": 3.0}),
    )
    increments, _ = advance(profile, blank_meters(profile), both)
    assert {m.machine: m.value for m in increments if m.unit is U.SHOTS} == {"pump1": 7.0, "pump2": 3.0}


def test_a_batch_without_the_counter_leaves_it_alone() -> None:
    profile = a_profile(U.SHOTS, counter=U.SHOTS)
    assert total(profile, counts((0, 5)), states((1, "executing")), counts((2, 8)), unit=U.SHOTS) == 8


@given(
    st.lists(st.tuples(st.integers(1, 1000), st.sampled_from(["executing", "idle", "off"])), min_size=1, max_size=30),
    st.data(),
)
def test_meters_never_fall_and_do_not_depend_on_the_batches(
    reports: list[tuple[int, str]], data: st.DataObject
) -> None:
    profile = a_profile(U.STARTS, U.CALENDAR_DAYS)
    at, stream = 0, []
    for step, state in reports:
        at += step
        stream.append((float(at), state))
    cut = data.draw(st.integers(0, len(stream)))
    parts = [states(*part) for part in (stream[:cut], stream[cut:]) if part]
    for unit in profile.units:
        whole = total(profile, states(*stream), unit=unit)
        assert whole >= 0
        assert total(profile, *parts, unit=unit) == pytest.approx(whole)
