"""Trail, outbox, health, watermarks, models, meters, out of service and answers; on both engines."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from configs.plant import EquipmentTypeId, LifeUnit, MachineId, SiteId
from service.actor import SYSTEM, Actor, Role
from service.advisory.shelving import OutOfService
from service.errors import NotFoundError
from service.state import audit, health, idempotency, meters, models, out_of_service, outbox, watermarks
from service.state.audit import AuditedAct
from service.state.database import StateDatabase
from service.state.idempotency import KeptAnswer
from service.state.meters import MeterEntry
from service.state.models import ModelRole, ModelVersion
from service.state.outbox import Notice
from service.state.watermarks import Watermark
from tests.fakes.conclusions import NOW, a_health

BUSAN, SEOUL = SiteId("busan"), SiteId("seoul")
LOCAL = Actor(id="l", name="Local", role=Role.VIEWER, sites=frozenset({SEOUL}))
PUMP = MachineId("pump1")
MINUTE = timedelta(minutes=1)


def test_the_trail_is_sealed(database: StateDatabase) -> None:
    for site in (BUSAN, SEOUL, None):
        act = AuditedAct(action="a", object_kind="case", object_id="1", site=site, before=None, after="예")
        with database.transaction() as session:
            audit.append(session, SYSTEM, act, now=NOW)
    with database.reading() as session:
        assert [each.number for each in audit.list_entries(session, SYSTEM)] == [3, 2, 1]
        assert [each.number for each in audit.list_entries(session, LOCAL)] == [2]
        assert [each.number for each in audit.list_entries(session, SYSTEM, before=3, limit=1)] == [2]
        assert audit.first_broken_link(session) is None


@pytest.mark.parametrize(
    "crime",
    [
        "UPDATE audit SET actor_name = 'nobody' WHERE number = 2",
        "UPDATE audit SET after = 'other' WHERE number = 2",
        "DELETE FROM audit WHERE number = 1",
    ],
)
def test_whoever_alters_the_trail_is_found_out(database: StateDatabase, crime: str) -> None:
    act = AuditedAct(action="a", object_kind="case", object_id="1", site=None)
    with database.transaction() as session:
        for _ in range(3):
            audit.append(session, SYSTEM, act, now=NOW)
    with database.transaction() as session:
        session.execute(text(crime))
    with database.reading() as session:
        assert audit.first_broken_link(session) == 2


def test_a_notice_waits_until_its_receiver_has_confirmed_it(database: StateDatabase) -> None:
    notice = Notice(key="case:1:raised", kind="case_raised", site=BUSAN, body="{}")
    with database.transaction() as session:
        outbox.queue(session, notice, now=NOW)
        outbox.queue(session, notice, now=NOW)
        outbox.queue(session, replace(notice, key="later"), now=NOW, not_before=NOW + MINUTE)
    with database.transaction() as session:
        waiting = outbox.pending(session, NOW)
        assert [(each.notice, each.attempts) for each in waiting] == [(notice, 0)]
        outbox.mark_failed(session, waiting[0].id, trouble="no answer", not_before=NOW + MINUTE)
        session.expire_all()
        assert outbox.pending(session, NOW) == ()
        again = outbox.pending(session, NOW + MINUTE)
        assert [(each.notice.key, each.attempts, each.trouble) for each in again] == [
            (notice.key, 1, "no answer"),
            ("later", 0, None),
        ]
        outbox.mark_sent(session, again[0].id, now=NOW + MINUTE)
        session.expire_all()
        assert [each.notice.key for each in outbox.pending(session, NOW + MINUTE)] == ["later"]
        assert outbox.discard_before(session, NOW + MINUTE) == 2


def test_health_is_the_newest(database: StateDatabase) -> None:
    sites = {PUMP: BUSAN, MachineId("pump2"): SEOUL}
    with database.transaction() as session:
        health.save(session, [a_health(), a_health("pump2")], sites)
        health.save(session, [a_health(health=70.0)], sites)
        health.save(session, [], sites)
    with database.reading() as session:
        assert health.latest(session, SYSTEM) == (a_health(health=70.0), a_health("pump2"))
        assert health.latest(session, LOCAL) == (a_health("pump2"),)
        assert health.latest(session, SYSTEM, machine=PUMP) == (a_health(health=70.0),)


def test_watermarks_move(database: StateDatabase) -> None:
    first = Watermark(machine=PUMP, window_end_ns=1_795_594_385_250_000_000, detection_state="{}")
    second = replace(first, window_end_ns=first.window_end_ns + 60, detection_state='{"a": 1}')
    with database.transaction() as session:
        watermarks.save(session, [first])
        watermarks.save(session, [second])
    with database.reading() as session:
        assert watermarks.load(session) == {PUMP: second}


KIND = EquipmentTypeId("pump")
MODEL = ModelVersion(digest="a" * 64, equipment_type=KIND, trained_at=NOW, manifest="{}", role=ModelRole.CHAMPION)


def test_an_equipment_type_has_one_champion(database: StateDatabase) -> None:
    second = replace(MODEL, digest="b" * 64, trained_at=NOW + MINUTE)
    shadow = replace(MODEL, digest="c" * 64, trained_at=NOW - MINUTE, role=ModelRole.SHADOW)
    with database.transaction() as session:
        assert models.champion(session, KIND) is None
        for version in (MODEL, second, shadow, MODEL):
            models.add(session, version, now=NOW)
        models.promote(session, MODEL.digest, now=NOW)
        with pytest.raises(NotFoundError, match="no model dddd"):
            models.promote(session, "d" * 64, now=NOW)
    with database.reading() as session:
        assert models.champions(session) == {KIND: MODEL}
        assert models.list_models(session) == (replace(second, role=ModelRole.RETIRED), MODEL, shadow)


def test_typed_meters_are_kept_newest_first(database: StateDatabase) -> None:
    one = MeterEntry(machine=PUMP, unit=LifeUnit.SHOTS, value=5.0, at=NOW, said_by="Kim", said_at=NOW)
    two = replace(one, value=6.0)
    with database.transaction() as session:
        meters.add(session, one, BUSAN)
        meters.add(session, two, BUSAN)
    with database.reading() as session:
        assert meters.typed(session, SYSTEM) == (two, one)
        assert meters.typed(session, SYSTEM, machine=PUMP, limit=1) == (two,)
        assert meters.typed(session, LOCAL) == ()


def test_out_of_service_ends_by_itself(database: StateDatabase) -> None:
    out = OutOfService(machine=PUMP, since=NOW, until=NOW + MINUTE, reason="overhaul", said_by="Kim")
    with database.transaction() as session:
        out_of_service.save(session, replace(out, reason="other"), BUSAN)
        out_of_service.save(session, out, BUSAN)
    with database.transaction() as session:
        assert out_of_service.of_machine(session, SYSTEM, PUMP, NOW) == out
        assert out_of_service.current(session, SYSTEM, NOW + MINUTE) == {}
        assert out_of_service.current(session, LOCAL, NOW) == {}
        out_of_service.remove(session, PUMP)
        assert out_of_service.current(session, SYSTEM, NOW) == {}


def test_the_first_answer_to_a_key_stays(database: StateDatabase) -> None:
    answer = KeptAnswer(request_digest="d", status=201, body=b"{}")
    with database.transaction() as session:
        assert idempotency.find(session, "one", "k") is None
        idempotency.keep(session, "one", "k", answer, now=NOW)
        idempotency.keep(session, "one", "k", replace(answer, status=200), now=NOW)
    with database.transaction() as session:
        assert idempotency.find(session, "one", "k") == answer
        assert idempotency.find(session, "other", "k") is None
        idempotency.discard_before(session, NOW + MINUTE)
    with database.reading() as session:
        assert idempotency.find(session, "one", "k") is None
