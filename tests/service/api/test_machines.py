from datetime import timedelta

from configs.plant import SiteId
from service.actor import Role
from tests.fakes.houses import MORNING, House
from tests.fakes.readings import NOON_NS, a_batch, an_intake_batch


def test_a_machine_shows_its_newest_values_and_state(house: House) -> None:
    house.store.commit(an_intake_batch(a_batch(("pump1", NOON_NS, {"vib": 0.5}))))
    machine = house.client().get("/api/v1/machines/pump1").json()
    assert machine["operating_state"] == "executing"
    assert machine["newest_reading_at"] == "2026-11-25T00:00:00Z"
    values = {sensor["id"]: sensor["last"] for sensor in machine["sensors"]}
    assert values == {"vib": {"value": 0.5, "at": "2026-11-25T00:00:00Z", "quality": 0}, "temp": None}
    assert [slot["id"] for slot in machine["slots"]] == ["seal"]


def test_machines_come_in_pages_by_id(house: House) -> None:
    client = house.client()
    first = client.get("/api/v1/machines", params={"limit": 1}).json()
    rest = client.get("/api/v1/machines", params={"limit": 1, "cursor": first["next_cursor"]}).json()
    assert [page["items"][0]["id"] for page in (first, rest)] == ["pump1", "pump2"]
    assert rest["next_cursor"] is None


def test_a_machine_that_never_reported_is_unknown_not_well(house: House) -> None:
    machine = house.client().get("/api/v1/machines/pump2").json()
    assert (machine["operating_state"], machine["health"], machine["newest_reading_at"]) == ("unknown", None, None)


def test_machines_of_other_sites_do_not_exist(house: House) -> None:
    client = house.client(Role.VIEWER, frozenset({SiteId("seoul")}))
    assert client.get("/api/v1/machines").json()["items"] == []
    assert client.get("/api/v1/machines/pump1").status_code == 404


def test_a_machine_can_be_taken_out_of_service_and_returned(house: House) -> None:
    client = house.client(Role.TECHNICIAN)
    until = (MORNING + timedelta(hours=4)).isoformat()
    path = "/api/v1/machines/pump1/out-of-service"
    taken = client.put(path, json={"until": until, "reason": "오일 교환"})
    assert (taken.status_code, taken.json()["reason"]) == (200, "오일 교환")
    assert client.get("/api/v1/machines/pump1").json()["out_of_service"]["reason"] == "오일 교환"
    assert client.delete(path).status_code == 204
    assert client.get("/api/v1/machines/pump1").json()["out_of_service"] is None


def test_out_of_service_needs_a_reason_and_a_time_with_a_zone(house: House) -> None:
    client, path = house.client(), "/api/v1/machines/pump1/out-of-service"
    assert client.put(path, json={"until": "2026-11-25T04:00:00", "reason": "x"}).status_code == 422
    assert client.put(path, json={"until": "2026-11-25T04:00:00Z", "reason": ""}).status_code == 422
    assert client.put(path, json={"until": "2026-11-24T04:00:00Z", "reason": "x"}).status_code == 422
