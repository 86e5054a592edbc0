from fastapi.testclient import TestClient
from sqlalchemy import func, select

from service.actor import SYSTEM, Role
from service.app.web import build_web
from service.state import meters
from service.state.tables import IdempotencyRow
from tests.fakes.houses import House

READING = {"machine": "pump1", "unit": "operating_hours", "value": 100.0}
KEY = {"idempotency-key": "k-1"}


def test_a_post_sent_twice_is_done_once_and_answered_alike(house: House) -> None:
    client = house.client()
    first = client.post("/api/v1/meters", json=READING, headers=KEY)
    again = client.post("/api/v1/meters", json=READING, headers=KEY)
    assert first.status_code == 201
    assert (again.status_code, again.content) == (201, first.content)
    assert typed_meters(house) == 1


def test_an_answer_is_known_to_a_program_that_was_started_again(house: House) -> None:
    key = {"authorization": f"Bearer {house.key(Role.OPERATOR)}", "host": "127.0.0.1:8000"} | KEY
    first, again = (
        TestClient(app).post("/api/v1/meters", json=READING, headers=key)
        for app in (house.app, build_web(house.services))
    )
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["content-type"] == first.headers["content-type"]
    assert typed_meters(house) == 1


def test_whoever_is_not_let_in_leaves_nothing_behind(house: House) -> None:
    stranger = house.client(None)
    assert [stranger.post("/api/v1/meters", json=READING, headers=KEY).status_code for _ in range(2)] == [401, 401]
    with house.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(IdempotencyRow)) == 0


def test_without_a_key_it_is_done_again(house: House) -> None:
    client = house.client()
    client.post("/api/v1/meters", json=READING)
    client.post("/api/v1/meters", json=READING)
    assert typed_meters(house) == 2


def test_a_key_belongs_to_one_request_of_one_caller(house: House) -> None:
    client, other = house.client(), house.client(Role.TECHNICIAN)
    client.post("/api/v1/meters", json=READING, headers=KEY)
    reused = client.post("/api/v1/meters", json=READING | {"value": 200.0}, headers=KEY)
    assert reused.status_code == 422
    assert "Idempotency-Key" in reused.json()["detail"]
    assert other.post("/api/v1/meters", json=READING | {"value": 300.0}, headers=KEY).status_code == 201


def test_a_refused_request_stays_refused_and_a_failed_one_may_be_tried_again(house: House) -> None:
    client = house.client()
    wrong = {"machine": "nobody", "unit": "operating_hours", "value": 1}
    assert [client.post("/api/v1/meters", json=wrong, headers=KEY).status_code for _ in range(2)] == [404, 404]


def typed_meters(house: House) -> int:
    with house.database.reading() as session:
        return len(meters.typed(session, SYSTEM))
