from datetime import timedelta

from service.actor import Role
from tests.fakes.houses import House

READING = {"machine": "pump1", "unit": "operating_hours", "value": 1000.0}
LIFE = {"machine": "pump1", "slot": "seal"}


def installed(house: House) -> dict[str, object]:
    client = house.client(Role.TECHNICIAN)
    assert client.post("/api/v1/meters", json=READING).status_code == 201
    answer = client.post("/api/v1/part-lives", json=LIFE)
    assert answer.status_code == 201, answer.text
    house.now[0] += timedelta(days=30)
    return answer.json()


def test_a_typed_meter_is_where_the_meter_stands(house: House) -> None:
    client = house.client(Role.TECHNICIAN)
    assert client.post("/api/v1/meters", json=READING).json() == READING | {"at": "2026-11-25T00:00:00Z"}
    assert client.get("/api/v1/meters").json()["items"] == [READING | {"at": "2026-11-25T00:00:00Z"}]
    assert client.get("/api/v1/meters", params={"machine": "pump2"}).json()["items"] == []


def test_the_first_part_of_a_slot_starts_at_the_meter(house: House) -> None:
    life = installed(house)
    assert (life["meter_at_install"], life["age_at_install"], life["removed_at"]) == (1000.0, 0.0, None)
    again = house.client().post("/api/v1/part-lives", json=LIFE)
    assert again.status_code == 409


def test_a_removal_closes_one_life_and_opens_the_next(house: House) -> None:
    life = installed(house)
    client = house.client(Role.TECHNICIAN)
    answer = client.post(
        f"/api/v1/part-lives/{life['id']}/removal", json={"reason": "failed", "meter": 1500.0, "note": "누설"}
    )
    assert answer.status_code == 200, answer.text
    closed, opened = answer.json()["closed"], answer.json()["opened"]
    assert (closed["removal_reason"], closed["meter_at_removal"], closed["note"]) == ("failed", 1500.0, "누설")
    assert (opened["meter_at_install"], opened["removed_at"]) == (1500.0, None)
    found = {
        is_open: [each["id"] for each in client.get("/api/v1/part-lives", params={"open": is_open}).json()["items"]]
        for is_open in (True, False)
    }
    assert found == {True: [opened["id"]], False: [closed["id"]]}
    assert client.post(f"/api/v1/part-lives/{life['id']}/removal", json={"reason": "failed"}).status_code == 409


def test_part_lives_come_in_pages(house: House) -> None:
    life = installed(house)
    client = house.client()
    client.post(f"/api/v1/part-lives/{life['id']}/removal", json={"reason": "planned", "meter": 1200})
    first = client.get("/api/v1/part-lives", params={"limit": 1, "machine": "pump1", "slot": "seal"}).json()
    second = client.get("/api/v1/part-lives", params={"limit": 1, "cursor": first["next_cursor"]}).json()
    assert len({first["items"][0]["id"], second["items"][0]["id"]}) == 2
    assert second["next_cursor"] is None


def test_an_operator_cannot_record_parts_and_a_stranger_slot_is_refused(house: House) -> None:
    assert house.client(Role.OPERATOR).post("/api/v1/part-lives", json=LIFE).status_code == 403
    assert house.client().post("/api/v1/part-lives", json=LIFE | {"slot": "wing"}).status_code == 404
    assert house.client().post("/api/v1/part-lives/none/removal", json={"reason": "failed"}).status_code == 404
    assert house.client().post("/api/v1/meters", json=READING | {"value": -1}).status_code == 422
