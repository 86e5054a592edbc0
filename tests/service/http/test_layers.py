"""The layers around every route, on the real application."""

import pytest

from service.actor import Role
from service.http.security_headers import CONTENT_SECURITY_POLICY
from tests.fakes.houses import House


def test_every_answer_is_dressed_against_foreign_scripts(house: House) -> None:
    for path in ("/livez", "/api/v1/machines", "/api/v1/nothing"):
        headers = house.client().get(path).headers
        assert headers["content-security-policy"] == CONTENT_SECURITY_POLICY
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
    assert "unsafe" not in CONTENT_SECURITY_POLICY


def test_a_foreign_host_name_is_refused(house: House) -> None:
    answer = house.client().get("/livez", headers={"host": "evil.example"})
    assert answer.status_code == 400
    assert "allowed_hosts" in answer.json()["detail"]


def test_another_sites_page_cannot_change_anything(house: House) -> None:
    client = house.client(role=None)
    client.cookies.set("yeji_session", "whatever")
    answer = client.post("/api/v1/meters", json={}, headers={"origin": "http://evil.example"})
    assert answer.status_code == 403
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("announces", [True, False])
def test_a_body_that_is_too_large_is_refused(house: House, announces: bool) -> None:
    body = b"x" * 1_100_000
    content = body if announces else iter([body[:600_000], body[600_000:]])
    answer = house.client().post("/api/v1/meters", content=content, headers={"content-type": "application/json"})
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_request_keeps_its_own_id_and_gets_one_where_it_has_none(house: House) -> None:
    client = house.client()
    assert client.get("/livez", headers={"x-request-id": "order-7"}).headers["x-request-id"] == "order-7"
    assert len(client.get("/livez", headers={"x-request-id": "bad id\t"}).headers["x-request-id"]) == 16


def test_an_error_that_nobody_foresaw_is_answered_without_its_inside(house: House) -> None:

    @house.app.get("/api/v1/broken")
    def broken() -> int:
        raise ZeroDivisionError("secret")

    answer = house.client(Role.VIEWER).get("/api/v1/broken", headers={"x-request-id": "r1"})
    assert answer.status_code == 500
    assert answer.json()["detail"] == "request r1 is in the log"
    assert "secret" not in answer.text
    exposed = house.services.metrics.exposition().decode()
    assert 'yeji_unexpected_errors_total{place="http"} 1.0' in exposed


def test_large_answers_are_zipped(house: House) -> None:
    answer = house.client().get("/api/v1/openapi.json", headers={"accept-encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
