"""Predictions: the newest of each slot, one a day, and each that changed a case; on both engines."""

from dataclasses import replace
from datetime import timedelta

from configs.plant import MachineId, SiteId, SlotId
from models.prediction import Prediction
from service.actor import SYSTEM, Actor, Role
from service.state import predictions
from service.state.database import StateDatabase
from service.state.predictions import ModelRole
from tests.fakes.conclusions import NOW, a_prediction

PUMP, SEAL = MachineId("pump1"), SlotId("seal")
SITES = {PUMP: SiteId("busan"), MachineId("pump2"): SiteId("seoul")}
HOUR = timedelta(hours=1)


def save(database: StateDatabase, *made: Prediction, role: ModelRole = ModelRole.CHAMPION) -> None:
    with database.transaction() as session:
        predictions.save(session, made, SITES, role=role)


def latest(database: StateDatabase, actor: Actor = SYSTEM) -> tuple[Prediction, ...]:
    with database.reading() as session:
        return predictions.latest(session, actor)


def kept(database: StateDatabase) -> list[int]:
    with database.reading() as session:
        found = predictions.kept(session, SYSTEM, PUMP, SEAL, since=NOW - timedelta(days=30))
    return [round((each.made_at - NOW) / HOUR) for each in found]


def stale(database: StateDatabase) -> frozenset[tuple[MachineId, SlotId]]:
    with database.reading() as session:
        return predictions.stale(session)


def test_the_newest_prediction_of_each_slot_is_shown(database: StateDatabase) -> None:
    old, new = a_prediction(), a_prediction(made_at=NOW + HOUR)
    bearing = a_prediction("bearing")
    other = a_prediction(machine=MachineId("pump2"))
    save(database, old, bearing, other)
    save(database, new)
    assert latest(database) == (bearing, new, other)
    seoul = Actor(id="x", name="X", role=Role.VIEWER, sites=frozenset({SiteId("seoul")}))
    assert latest(database, seoul) == (other,)
    with database.reading() as session:
        assert predictions.latest_of(session, SYSTEM, PUMP, SEAL) == new
        assert predictions.latest_of(session, SYSTEM, PUMP, SlotId("none")) is None
        assert predictions.latest(session, SYSTEM, machine=PUMP) == (bearing, new)
        bare = tuple(replace(each, forecast=()) for each in (bearing, new, other))
        assert predictions.latest(session, SYSTEM, with_forecast=False) == bare
    save(database)


def test_the_first_of_each_day_is_kept(database: StateDatabase) -> None:
    for hours in (0, 1, 2, 20, 21, 44):
        save(database, a_prediction(made_at=NOW + hours * HOUR))
    assert kept(database) == [0, 20, 44]


def test_a_prediction_that_changed_a_case_is_kept(database: StateDatabase) -> None:
    save(database, a_prediction())
    changed = a_prediction(made_at=NOW + HOUR)
    save(database, changed)
    with database.transaction() as session:
        predictions.keep_for_case(session, changed, SiteId("busan"), "case1")
        predictions.keep_for_case(session, changed, SiteId("busan"), "case1")
    assert kept(database) == [0, 1]


def test_a_shadow_is_kept_apart(database: StateDatabase) -> None:
    champion, shadow = a_prediction(), a_prediction(days=99.0)
    save(database, champion)
    save(database, shadow, role=ModelRole.SHADOW)
    assert latest(database) == (champion,)
    assert kept(database) == [0]


def test_a_prediction_is_stale_until_one_is_made_after_the_change(database: StateDatabase) -> None:
    save(database, a_prediction(), a_prediction("bearing"))
    with database.transaction() as session:
        predictions.mark_stale(session, PUMP, [SEAL], now=NOW + 2 * HOUR)
    assert stale(database) == {(PUMP, SEAL)}
    save(database, a_prediction(made_at=NOW + HOUR))
    assert stale(database) == {(PUMP, SEAL)}
    with database.reading() as session:
        early, late = a_prediction(made_at=NOW + HOUR), a_prediction(made_at=NOW + 3 * HOUR)
        assert predictions.outdated(session, [early]) == {(PUMP, SEAL)}
        assert predictions.outdated(session, [late, a_prediction("bearing")]) == frozenset()
    save(database, late)
    assert stale(database) == frozenset()


def test_all_slots_of_a_machine_can_be_made_stale(database: StateDatabase) -> None:
    save(database, a_prediction(), a_prediction("bearing"), a_prediction(machine=MachineId("pump2")))
    with database.transaction() as session:
        predictions.mark_stale(session, PUMP, None, now=NOW + HOUR)
    assert stale(database) == {(PUMP, SEAL), (PUMP, SlotId("bearing"))}
