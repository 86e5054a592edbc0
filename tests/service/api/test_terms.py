"""Costs, working time and lead times over the API."""

from service.actor import Role
from tests.fakes.houses import House

SHIFT = {"name": "day", "start": "08:00:00", "end": "17:00:00", "days": ["mon", "sat"]}
SITE = {"cost_unplanned_krw": 2e6, "risk": "1 in 20", "shifts": [SHIFT], "holidays": "KR", "closed": ["2026-12-24"]}


def test_what_was_put_is_what_is_got(factory: House) -> None:
    client = factory.client(Role.ENGINEER)
    machine = factory.services.plant.machines[0].id
    for path, body in (("/sites/ansan/terms", SITE), (f"/machines/{machine}/terms", {"planned_stop_h": 2.0})):
        put = client.put(f"/api/v1{path}", json=body)
        assert put.status_code == 200, put.text
        got = client.get(f"/api/v1{path}").json()
        assert put.json() == got
        assert got | body == got


def test_a_part_goes_back_to_the_catalogue_where_nothing_is_said(factory: House) -> None:
    client = factory.client(Role.ENGINEER)
    path = "/api/v1/part-types/cnc_machining_centre.spindle_bearing/terms"
    usual = client.get(path).json()
    assert client.put(path, json={"lead_time_days": 77}).json() == usual | {"lead_time_days": 77.0}
    assert client.put(path, json={}).json() == usual


def test_what_cannot_be_is_refused_and_what_is_not_there_not_found(factory: House) -> None:
    client = factory.client(Role.ENGINEER)
    exchanged = {"cost_planned_krw": 9.0, "cost_unplanned_krw": 5.0}
    assert client.put("/api/v1/sites/ansan/terms", json=exchanged).status_code == 422
    assert client.put("/api/v1/sites/ansan/terms", json={"cost_planned_krw": 0}).status_code == 422
    assert client.get("/api/v1/sites/nowhere/terms").status_code == 404
    assert client.get("/api/v1/part-types/nothing/terms").status_code == 404
    assert factory.client(Role.TECHNICIAN).put("/api/v1/sites/ansan/terms", json=SITE).status_code == 403
