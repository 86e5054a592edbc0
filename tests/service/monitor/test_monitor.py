"""The monitor round by round: learning, conditions, cases, predictions, restarts and trouble."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from configs.plant import LifeUnit, MachineId, SlotId
from ingest.meter import MeterState
from models.errors import NotEnoughDataError
from models.health import HealthStatus
from models.prediction import PredictionStatus
from service.actor import SYSTEM
from service.advisory.case import FindingKind
from service.monitor import monitor as module
from service.state import health, models, part_lives, predictions, watermarks
from tests.fakes.parts import a_life
from tests.fakes.readings import NOON_NS
from tests.fakes.waiting import wait_until
from tests.fakes.windows import LEARNING_WINDOWS, MINUTE_NS, together, windows
from tests.service.monitor.conftest import Factory

PUMP = MachineId("pump1")
FIRST = LEARNING_WINDOWS


def later(machine: str = "pump1", *, first: int = FIRST, size: int = 30, **shift: float):
    return windows(machine, first=first, size=size, seed=5, shift=shift)


def the_health(factory: Factory):
    with factory.database.reading() as session:
        return {each.machine: each for each in health.latest(session, SYSTEM)}


def learnt(factory: Factory) -> module.Monitor:
    monitor = factory.monitor()
    for machine in factory.plant.machines:
        factory.report(windows(machine.id, size=FIRST))
        factory.report(windows(machine.id, first=FIRST, size=2, seed=5))
    monitor.poll()
    return monitor


def findings(factory: Factory) -> dict[FindingKind, list]:
    found: dict[FindingKind, list] = {}
    for case in factory.cases():
        for finding in case.findings:
            found.setdefault(finding.kind, []).append(finding)
    return found


def test_a_machine_is_learnt_and_its_model_is_signed_and_champion(factory: Factory) -> None:
    monitor = factory.monitor()
    factory.report(windows(size=50))
    monitor.poll()
    assert the_health(factory)[PUMP].status is HealthStatus.LEARNING
    factory.report(windows(size=FIRST - 50, first=50))
    factory.report(later(size=2))
    monitor.poll()
    assert the_health(factory)[PUMP].status is HealthStatus.OK
    with factory.database.reading() as session:
        (champion,) = models.champions(session).values()
    assert (factory.folder / "artefacts" / f"{champion.digest}.joblib").exists()
    assert monitor.status().trouble == ""


def test_an_anomaly_opens_a_case_that_names_its_sensors(factory: Factory) -> None:
    monitor = learnt(factory)
    factory.report(later(first=FIRST + 2, vib=1.5, temp=4.0))
    monitor.poll()
    (finding,) = findings(factory)[FindingKind.ANOMALY]
    assert finding.slot == "bearing"
    assert finding.sensors[0].sensor in {"vib", "temp"}
    assert finding.ended_at is None
    assert factory.told[-1].cases or factory.told[-2].cases


def test_a_limit_opens_a_case_within_a_poll_of_the_reading(factory: Factory) -> None:
    monitor = learnt(factory)
    factory.report(later(first=FIRST + 2, size=1, vib=9.0))
    monitor.poll()
    (finding,) = findings(factory)[FindingKind.LIMIT]
    assert finding.key == "limit:vib:warning"
    factory.report(later(first=FIRST + 3, size=6))
    monitor.poll()
    factory.report(later(first=FIRST + 9, size=6))
    monitor.poll()
    (finding,) = findings(factory)[FindingKind.LIMIT]
    assert finding.ended_at is not None


def test_a_running_machine_that_goes_silent_opens_a_case_that_ends_when_it_returns(factory: Factory) -> None:
    monitor = learnt(factory)
    factory.pass_by(timedelta(minutes=10))
    monitor.poll()
    (finding,) = findings(factory)[FindingKind.NO_DATA]
    assert finding.ended_at is None
    assert the_health(factory)[PUMP].status is HealthStatus.NO_DATA
    factory.report(later(first=FIRST + 15, size=3))
    monitor.poll()
    (finding,) = findings(factory)[FindingKind.NO_DATA]
    assert finding.ended_at is not None
    assert the_health(factory)[PUMP].status is HealthStatus.OK


def test_a_machine_that_was_switched_off_is_not_silent(factory: Factory) -> None:
    monitor = learnt(factory)
    factory.report(later(first=FIRST + 2, size=1), state="off")
    factory.pass_by(timedelta(hours=3))
    monitor.poll()
    assert findings(factory) == {}


def test_a_restart_goes_on_where_the_last_round_was_kept(factory: Factory) -> None:
    monitor = learnt(factory)
    factory.report(later(first=FIRST + 2, size=20, vib=1.5, temp=4.0))
    monitor.poll()
    before = factory.cases()
    again = factory.monitor()
    factory.report(later(first=FIRST + 22, size=5, vib=1.5, temp=4.0))
    again.poll()
    assert again.status().windows == 5
    assert [case.id for case in factory.cases()] == [case.id for case in before]
    with factory.database.reading() as session:
        (mark,) = watermarks.load(session).values()
    assert mark.window_end_ns == NOON_NS + (FIRST + 26) * MINUTE_NS


def test_what_is_a_day_old_is_assessed_and_opens_no_case(factory: Factory) -> None:
    monitor = factory.monitor()
    factory.report(windows(size=FIRST))
    factory.report(later(vib=1.5, temp=4.0))
    factory.report(later(first=FIRST + 30, size=2))
    factory.pass_by(timedelta(days=2))
    monitor.poll()
    assert monitor.status().windows > FIRST
    kinds = findings(factory)
    assert FindingKind.ANOMALY not in kinds
    hours = factory.store.read_condition(PUMP, 0, 2**62)
    assert set(hours.keys.tolist()) <= {"", "bearing", "seal"}


def test_a_history_of_many_machines_is_learnt_in_one_go(make_factory: Callable[..., Factory]) -> None:
    factory = make_factory("pump1", "pump2", "pump3")
    monitor = learnt(factory)
    with factory.database.reading() as session:
        (version,) = models.list_models(session)
    assert version.role is models.ModelRole.CHAMPION
    assert all(each.status is HealthStatus.OK for each in the_health(factory).values())
    assert monitor.status().caught_up


def test_machines_at_different_times_are_each_assessed_up_to_their_own(make_factory: Callable[..., Factory]) -> None:
    factory = make_factory("pump1", "pump2")
    monitor = factory.monitor()
    for step in range(0, 40, 4):
        factory.report(together(windows("pump1", first=step, size=4), windows("pump2", first=step // 2, size=2)))
        monitor.poll()
    monitor.poll()
    assert monitor.status().windows == 39 + 19
    assert the_health(factory)[MachineId("pump1")].learnt_s == 39 * 60.0
    assert the_health(factory)[MachineId("pump2")].learnt_s == 19 * 60.0


def with_parts(factory: Factory) -> None:
    installed = factory.now - timedelta(days=30)
    lives = [a_life(id=slot, slot=SlotId(slot), installed_at=installed) for slot in ("bearing", "seal")]
    with factory.database.transaction() as session:
        for life in lives:
            part_lives.add_life(session, life, factory.plant.sites[0].id)
    meter = MeterState(machine=PUMP, unit=LifeUnit.OPERATING_HOURS, value=1500.0, at_ns=factory.now_ns)
    factory.store.set_meters([meter])


def the_predictions(factory: Factory) -> dict:
    with factory.database.reading() as session:
        return {each.slot: each for each in predictions.latest(session, SYSTEM)}


def test_every_slot_gets_a_prediction_or_a_reason(factory: Factory) -> None:
    monitor = learnt(factory)
    before = the_predictions(factory)
    assert {each.status for each in before.values()} == {PredictionStatus.NO_DATA}
    with_parts(factory)
    with factory.database.transaction() as session:
        predictions.mark_stale(session, PUMP, None, now=factory.now - timedelta(seconds=1))
    monitor.poll()
    found = the_predictions(factory)
    assert {each.status for each in found.values()} == {PredictionStatus.OK}
    remaining = found[SlotId("bearing")].remaining
    assert remaining.p10 < remaining.p50 < remaining.p90
    assert found[SlotId("bearing")].model_digest


def test_a_prognosis_is_made_on_its_cadence_and_not_more_often(factory: Factory) -> None:
    with_parts(factory)
    monitor = learnt(factory)
    monitor.poll()
    made = the_predictions(factory)[SlotId("seal")].made_at
    factory.pass_by(timedelta(minutes=1))
    monitor.poll()
    factory.pass_by(timedelta(hours=1))
    monitor.poll()
    again = the_predictions(factory)[SlotId("seal")].made_at
    assert again - made >= timedelta(minutes=1)


def test_an_artefact_that_was_tampered_with_is_refused_and_learnt_again(factory: Factory) -> None:
    learnt(factory)
    (artefact,) = (factory.folder / "artefacts").glob("*.joblib")
    artefact.write_bytes(b"cos\nsystem\n(S'true'\ntR.")
    monitor = factory.monitor()
    factory.report(later(first=FIRST + 2, size=3))
    monitor.poll()
    assert the_health(factory)[PUMP].status is HealthStatus.OK
    with factory.database.reading() as session:
        assert len(models.list_models(session)) == 1


def test_a_machine_whose_learning_teaches_nothing_starts_again(
    factory: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monitor = factory.monitor()
    still = windows(size=FIRST)
    factory.report(still)
    factory.report(later(size=2))

    def retired(*_: object) -> object:
        raise NotEnoughDataError("the readings are gone")

    with monkeypatch.context() as patch:
        patch.setattr("service.monitor.learning.learning_windows", retired)
        monitor.poll()
    assert monitor.status().trouble == ""
    factory.report(windows(first=FIRST + 5, size=10))
    monitor.poll()
    assert the_health(factory)[PUMP].status is HealthStatus.LEARNING
    assert the_health(factory)[PUMP].learnt_s == 11 * 60.0


def test_trouble_in_one_part_is_said_once_and_stops_no_other(factory: Factory, monkeypatch: pytest.MonkeyPatch) -> None:
    monitor = learnt(factory)

    def broken(*_: object, **__: object) -> object:
        raise RuntimeError("no disk")

    factory.report(later(first=FIRST + 2, size=5, vib=9.0))
    with monkeypatch.context() as patch:
        patch.setattr(factory.store, "read_windows", broken)
        monitor.poll()
        monitor.poll()
        assert monitor.status().trouble == "pump: RuntimeError: no disk"
    assert FindingKind.LIMIT in findings(factory)
    monitor.poll()
    assert monitor.status().trouble == ""


def test_what_could_not_be_kept_is_concluded_again(factory: Factory, monkeypatch: pytest.MonkeyPatch) -> None:
    monitor = learnt(factory)
    factory.report(later(first=FIRST + 2, size=5))

    def broken(*_: object, **__: object) -> object:
        raise RuntimeError("database away")

    with monkeypatch.context() as patch:
        patch.setattr("service.monitor.round.record", broken)
        monitor.poll()
        assert "database away" in monitor.status().trouble
    monitor.poll()
    with factory.database.reading() as session:
        (mark,) = watermarks.load(session).values()
    assert mark.window_end_ns == NOON_NS + (FIRST + 6) * MINUTE_NS


def test_the_thread_polls_until_it_is_stopped(factory: Factory) -> None:
    monitor = factory.monitor(poll_s=0.01)
    factory.report(windows(size=10))
    monitor.start()
    wait_until(lambda: monitor.status().windows == 9)
    assert monitor.status().alive
    monitor.stop()
    monitor.stop()
    assert not monitor.status().alive


def test_a_long_round_is_kept_stretch_by_stretch(factory: Factory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT_AT_ONCE", 20)
    monkeypatch.setattr("service.monitor.catch_up.WINDOWS_AT_ONCE", 30)
    monkeypatch.setattr("service.monitor.catch_up.NEAR_WINDOWS", 10)
    monkeypatch.setattr("service.monitor.learning.READ_WINDOWS", 50)
    monitor = learnt(factory)
    assert len(factory.told) > 5
    assert the_health(factory)[PUMP].status is HealthStatus.OK
    assert monitor.status().behind_s <= 60.0


def test_a_model_of_other_sensors_is_not_used(factory: Factory) -> None:
    learnt(factory)
    kind = factory.plant.equipment_types[0]
    fewer = replace(kind, sensors=kind.sensors[1:])
    machine = replace(factory.plant.machines[0], sensors=fewer.sensors)
    factory.plant = replace(factory.plant, equipment_types=(fewer,), machines=(machine,))
    monitor = factory.monitor()
    factory.report(later(first=FIRST + 2, size=3))
    monitor.poll()
    assert monitor.status().trouble == ""
    assert the_health(factory)[PUMP].status is HealthStatus.OK


def test_untrusted_values_pass_no_limit(factory: Factory) -> None:
    monitor = learnt(factory)
    block = later(first=FIRST + 2, size=1, vib=9.0)
    factory.report(replace(block, mean=np.where(np.arange(4) == 0, np.nan, block.mean)))
    monitor.poll()
    assert findings(factory) == {}
