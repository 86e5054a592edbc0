"""What a round of the monitor concluded is kept whole or not at all; on both engines."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from configs.plant import LifeUnit, MachineId, SlotId
from service.actions import cases as case_actions
from service.actions.cases import FindingVerdict
from service.actions.conclusions import Conclusions, RecordedChanges, record
from service.actions.out_of_service import set_out_of_service
from service.actor import SYSTEM, Actor, Role
from service.advisory.case import Case, CaseState, Verdict
from service.advisory.case_event import CaseEventKind
from service.state import audit, cases, health, outbox, part_lives, predictions, watermarks
from service.state.database import StateDatabase
from service.state.watermarks import Watermark
from tests.fakes.conclusions import NOW, a_health, a_limit, a_prediction, ago, an_anomaly, an_assessment
from tests.fakes.parts import a_life
from tests.fakes.plants import a_machine, a_part_type, a_plant

PLANT = a_plant()
MINUTE = timedelta(minutes=1)
MARK = Watermark(machine=MachineId("pump1"), window_end_ns=60, detection_state="{}")


def conclude(database: StateDatabase, *assessments, now=NOW, plant=PLANT, **more) -> RecordedChanges:
    conclusions = Conclusions(plant=plant, assessments=assessments, health=(), watermarks=())
    return record(database, replace(conclusions, **more), now=now)


def open_case(database: StateDatabase) -> Case | None:
    with database.reading() as session:
        return cases.open_case_of(session, SYSTEM, MachineId("pump1"))


def close(database: StateDatabase, case: Case, now=NOW) -> None:
    verdicts = tuple(FindingVerdict(finding=each.id, verdict=Verdict.NOTHING_FOUND) for each in case.findings)
    case_actions.close(database, SYSTEM, case.id, verdicts=verdicts, expected_version=None, now=now)


def test_everything_of_a_round_is_kept(database: StateDatabase) -> None:
    assessment = an_assessment(an_anomaly(), predictions=(a_prediction(),))
    changes = conclude(database, assessment, health=(a_health(),), watermarks=(MARK,))
    with database.reading() as session:
        assert cases.open_cases(session, SYSTEM) == tuple(each.case for each in changes.cases)
        assert predictions.latest(session, SYSTEM) == changes.predictions == (a_prediction(),)
        assert health.latest(session, SYSTEM) == changes.health == (a_health(),)
        assert watermarks.load(session) == {"pump1": MARK}
        assert [each.act.action for each in audit.list_entries(session, SYSTEM)] == ["raised"]
        kept = predictions.kept(session, SYSTEM, MachineId("pump1"), SlotId("seal"), since=NOW)
    assert kept == (a_prediction(),)


def test_a_round_that_fails_leaves_nothing(database: StateDatabase) -> None:
    foreign = an_assessment(machine="nowhere", predictions=(a_prediction(machine=MachineId("nowhere")),))
    with pytest.raises(KeyError):
        conclude(database, an_assessment(an_anomaly()), foreign, health=(a_health(),), watermarks=(MARK,))
    with database.reading() as session:
        assert cases.list_cases(session, SYSTEM) == ()
        assert health.latest(session, SYSTEM) == ()
        assert watermarks.load(session) == {}
        assert audit.list_entries(session, SYSTEM) == ()
        assert outbox.pending(session, NOW) == ()


def test_a_failure_while_a_case_is_saved_takes_the_watermark_back(
    database: StateDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("no audit, no action")

    monkeypatch.setattr(audit, "append", fail)
    with pytest.raises(RuntimeError, match="no audit"):
        conclude(database, an_assessment(an_anomaly()), watermarks=(MARK,))
    with database.reading() as session:
        assert watermarks.load(session) == {}
        assert cases.list_cases(session, SYSTEM) == ()


def test_the_same_round_twice_changes_no_case(database: StateDatabase) -> None:
    conclude(database, an_assessment(an_anomaly()))
    before = open_case(database)
    assert conclude(database, an_assessment(an_anomaly()), now=NOW + MINUTE).cases == ()
    assert open_case(database) == before


def test_a_person_and_the_monitor_at_once_lose_nothing(database: StateDatabase) -> None:
    names = [f"pump{i}" for i in range(8)]
    plant = a_plant(*(a_machine(name) for name in names))
    before = [replace(an_assessment(replace(a_limit(), machine=MachineId(n))), machine=MachineId(n)) for n in names]
    found = {each.case.machine: each.case for each in conclude(database, *before, plant=plant).cases}
    person = Actor(id="k", name="Kim", role=Role.OPERATOR, sites=None)

    def acknowledge_all() -> None:
        for case in found.values():
            case_actions.acknowledge(database, person, case.id, expected_version=None, now=NOW)

    def assess_all() -> None:
        for each in before:
            heat = replace(a_limit("temp"), machine=each.machine)
            conclude(database, replace(each, conditions=(*(each.conditions or ()), heat)), plant=plant)

    threads = [threading.Thread(target=deed) for deed in (acknowledge_all, assess_all)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    with database.reading() as session:
        after = cases.open_cases(session, SYSTEM)
    assert [(each.state, each.acknowledged_by, len(each.findings)) for each in after] == [
        (CaseState.ACKNOWLEDGED, "Kim", 2)
    ] * len(names)


def test_a_quiet_machine_costs_no_case(database: StateDatabase) -> None:
    assert conclude(database, an_assessment(), an_assessment(conditions=None)).cases == ()


def test_a_case_clears_when_the_condition_is_over(database: StateDatabase) -> None:
    conclude(database, an_assessment(an_anomaly()))
    changes = conclude(database, an_assessment(), now=NOW + MINUTE)
    assert [change.kind for change in changes.cases[0].changes] == [CaseEventKind.FINDING_ENDED, CaseEventKind.CLEARED]
    with database.reading() as session:
        assert [each.notice.kind for each in outbox.pending(session, NOW + MINUTE)] == ["case_raised", "case_cleared"]


def test_two_machines_have_a_case_each(database: StateDatabase) -> None:
    second = replace(an_anomaly(), machine=MachineId("pump2"))
    changes = conclude(database, an_assessment(an_anomaly()), an_assessment(second, machine="pump2"))
    assert {each.case.machine for each in changes.cases} == {"pump1", "pump2"}


def test_an_old_episode_is_written_down_once_and_calls_nobody(database: StateDatabase) -> None:
    old = an_assessment(an_anomaly(since=ago(days=40), until=ago(days=39)), assessed_until=ago(days=39))
    changes = conclude(database, old)
    assert (changes.cases[0].case.history, changes.cases[0].case.state) == (True, CaseState.CLOSED)
    assert conclude(database, old, now=NOW + MINUTE).cases == ()
    assert conclude(database, old, now=NOW + timedelta(days=60)).cases == ()
    with database.reading() as session:
        assert len(cases.list_cases(session, SYSTEM)) == 1
        assert outbox.pending(session, NOW + MINUTE) == ()


def test_what_was_judged_is_not_raised_again_until_it_comes_anew(database: StateDatabase) -> None:
    conclude(database, an_assessment(an_anomaly()))
    case = open_case(database)
    assert case is not None
    close(database, case, now=NOW + MINUTE)
    later = NOW + 2 * MINUTE
    assert conclude(database, an_assessment(an_anomaly()), now=later).cases == ()
    assert conclude(database, an_assessment(an_anomaly(since=later)), now=later).cases != ()


def test_a_judged_replacement_rests_until_there_is_another_part(database: StateDatabase) -> None:
    conclude(database, an_assessment(predictions=(a_prediction(),)))
    case = open_case(database)
    assert case is not None
    close(database, case)
    later = NOW + timedelta(days=2)
    asked = an_assessment(predictions=(a_prediction(made_at=later),))
    assert conclude(database, asked, now=later).cases == ()
    with database.transaction() as session:
        part_lives.add_life(session, replace(a_life(), machine="pump1", slot="seal", installed_at=later), "busan")
    assert conclude(database, asked, now=later).cases != ()


def test_a_prediction_that_changed_the_case_is_kept_beside_the_days_first(database: StateDatabase) -> None:
    conclude(database, an_assessment(predictions=(a_prediction(raises_case=False, made_at=NOW - MINUTE),)))
    calm = a_prediction("bearing", raises_case=False)
    conclude(database, an_assessment(predictions=(a_prediction(), calm)))
    conclude(database, an_assessment(predictions=(a_prediction(made_at=NOW + MINUTE),)), now=NOW + MINUTE)
    with database.reading() as session:
        kept = predictions.kept(session, SYSTEM, MachineId("pump1"), SlotId("seal"), since=NOW - MINUTE)
    assert [(each.made_at, len(each.forecast)) for each in kept] == [(NOW - MINUTE, 0), (NOW, 1)]


def test_a_prediction_about_a_part_that_was_replaced_meanwhile_is_dropped(database: StateDatabase) -> None:
    conclude(database, an_assessment(predictions=(a_prediction(raises_case=False),)))
    with database.transaction() as session:
        predictions.mark_stale(session, MachineId("pump1"), [SlotId("seal")], now=NOW + 2 * MINUTE)
    late = an_assessment(predictions=(a_prediction(made_at=NOW + MINUTE), a_prediction("bearing")))
    changes = conclude(database, late, now=NOW + 3 * MINUTE)
    assert [each.slot for each in changes.predictions] == ["bearing"]


def test_a_part_that_lasts_for_hours_raises_no_case(database: StateDatabase) -> None:
    tool = a_part_type(life_unit=LifeUnit.CUTTING_MINUTES, eta=60.0)
    plant = replace(a_plant(a_machine()), part_types=(tool,))
    assert conclude(database, an_assessment(predictions=(a_prediction(),)), plant=plant).cases == ()


def test_a_machine_out_of_service_raises_no_case(database: StateDatabase) -> None:
    set_out_of_service(database, SYSTEM, a_machine(), until=NOW + MINUTE, reason="overhaul", now=NOW)
    assert conclude(database, an_assessment(a_limit())).cases == ()
    assert conclude(database, an_assessment(a_limit()), now=NOW + MINUTE).cases != ()
