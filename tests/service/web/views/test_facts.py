from dataclasses import replace
from datetime import timedelta

import pytest

from configs.instant import ns_of
from configs.plant import Plant, SensorId, SlotId
from ingest.operation import OperatingState
from models.health import HealthStatus
from service.advisory.case import FindingKind, Severity
from service.advisory.shelving import OutOfService
from service.web.views.facts import MachineFacts, Standing, is_silent, soonest, standing_of, worst_indicator
from tests.fakes.facts import a_case, a_finding, facts_of, silent_for
from tests.fakes.sample_factory import NOW


def absent(until_minutes: float) -> OutOfService:
    until = NOW + timedelta(minutes=until_minutes)
    return OutOfService(machine="cnc-03", since=NOW - timedelta(hours=1), until=until, reason="점검", said_by="김반장")


@pytest.mark.parametrize("severity", list(Severity))
def test_a_machine_stands_as_its_open_case_is_severe(plant: Plant, severity: Severity) -> None:
    case = a_case(a_finding(severity=severity))
    assert standing_of(facts_of(plant, case=case), NOW).value == severity.name.lower()


def test_out_of_service_silences_a_case_until_it_ends(plant: Plant) -> None:
    case = a_case()
    assert standing_of(facts_of(plant, case=case, absence=absent(5)), NOW) is Standing.OUT_OF_SERVICE
    assert standing_of(facts_of(plant, case=case, absence=absent(-5)), NOW) is Standing.WARNING


def test_a_case_of_missing_data_alone_is_no_signal(plant: Plant) -> None:
    silent = a_case(a_finding(FindingKind.NO_DATA))
    both = a_case(a_finding(FindingKind.NO_DATA), a_finding())
    assert standing_of(facts_of(plant, case=silent), NOW) is Standing.NO_SIGNAL
    assert standing_of(facts_of(plant, case=both), NOW) is Standing.WARNING


def test_a_case_about_the_past_says_nothing_of_now(plant: Plant) -> None:
    assert standing_of(facts_of(plant, case=a_case(history=True)), NOW) is Standing.NORMAL


def test_silence_counts_from_the_period_of_the_fastest_sensor(plant: Plant) -> None:
    assert not is_silent(facts_of(plant, progress=silent_for(timedelta(seconds=50))), NOW)
    assert is_silent(facts_of(plant, progress=silent_for(timedelta(seconds=70))), NOW)
    slow = facts_of(plant, progress=silent_for(timedelta(seconds=70)))
    sensors = tuple(replace(sensor, period_s=600.0) for sensor in slow.machine.sensors)
    assert not is_silent(replace(slow, machine=replace(slow.machine, sensors=sensors)), NOW)
    assert is_silent(facts_of(plant, progress=None), NOW)


def test_a_machine_that_is_off_is_not_silent(plant: Plant) -> None:
    off = facts_of(plant, progress=silent_for(timedelta(hours=9), state=OperatingState.OFF))
    assert standing_of(off, NOW) is Standing.STOPPED


def test_a_machine_that_still_learns_says_so(plant: Plant) -> None:
    facts = facts_of(plant)
    assert facts.health is not None
    learning = replace(facts.health, status=HealthStatus.LEARNING)
    assert standing_of(replace(facts, health=learning), NOW) is Standing.LEARNING
    assert standing_of(replace(facts, health=None), NOW) is Standing.NORMAL


def test_the_soonest_part_leaves_out_tools_that_last_minutes(plant: Plant) -> None:
    first = soonest(facts_of(plant))
    assert first is not None
    assert first.slot == "spindle_bearing"
    assert soonest(facts_of(plant, predictions=())) is None


def test_the_worst_indicator_is_the_most_worn_slot(plant: Plant) -> None:
    assert worst_indicator(facts_of(plant)) == ("spindle_bearing", 71.0)


def test_without_health_the_worst_indicator_is_the_sensor_closest_to_a_limit(plant: Plant) -> None:
    def facts(value: float) -> MachineFacts:
        known = facts_of(plant, health=None)
        values = tuple(
            replace(each, value=value) if each.sensor == "spindle_vib" else each for each in known.last_values
        )
        return replace(known, last_values=values)

    name, closeness = worst_indicator(facts(1.8)) or ("", 0.0)
    assert name == "spindle_vib"
    assert closeness == pytest.approx(100.0)
    _, quiet = worst_indicator(facts(0.1)) or ("", -1.0)
    assert quiet == 0.0
    assert worst_indicator(facts_of(plant, health=None, last_values=())) is None


def test_what_left_the_plant_file_is_not_found(plant: Plant) -> None:
    facts = facts_of(plant)
    assert facts.slot(SlotId("gone")) is None
    assert facts.sensor(SensorId("gone")) is None
    assert facts.prediction(SlotId("gone")) is None
    assert facts.last_value(SensorId("gone")) is None
    assert ns_of(NOW) > 0
