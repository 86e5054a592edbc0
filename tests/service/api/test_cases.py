import pytest
from fastapi.testclient import TestClient

from configs.plant import MachineId, SiteId
from service.actions.conclusions import Conclusions, record
from service.actor import Role
from service.app.announcer import Announcer
from tests.fakes.conclusions import NOW, a_health, a_limit, a_prediction, an_anomaly, an_assessment
from tests.fakes.houses import House


@pytest.fixture
def troubled(house: House) -> House:
    """The house with an open case about each of its pumps."""
    house.now[0] = NOW
    for machine in ("pump1", "pump2"):
        conditions = tuple(made(machine=MachineId(machine)) for made in (an_anomaly, a_limit))
        prediction = a_prediction(machine=MachineId(machine))
        concluded = Conclusions(
            plant=house.services.plant,
            assessments=(an_assessment(*conditions, predictions=(prediction,), machine=machine),),
            health=(a_health(machine),),
            watermarks=(),
        )
        recorded = record(house.database, concluded, now=NOW)
        Announcer(house.services.live, house.services.plant).announce(recorded)
    return house


def cases_of(client: TestClient, **query: object) -> list[dict[str, object]]:
    return client.get("/api/v1/cases", params=query).json()["items"]


def test_cases_are_found_by_machine_and_state_and_in_pages(troubled: House) -> None:
    client = troubled.client(Role.VIEWER)
    assert {case["machine"] for case in cases_of(client, state="raised")} == {"pump1", "pump2"}
    assert [case["machine"] for case in cases_of(client, machine="pump1")] == ["pump1"]
    assert cases_of(client, state="closed") == []
    first = client.get("/api/v1/cases", params={"limit": 1}).json()
    second = client.get("/api/v1/cases", params={"limit": 1, "cursor": first["next_cursor"]}).json()
    assert {page["items"][0]["machine"] for page in (first, second)} == {"pump1", "pump2"}
    assert second["next_cursor"] is None


def test_a_case_says_why_and_a_machine_says_that_it_is_open(troubled: House) -> None:
    client = troubled.client(Role.VIEWER)
    (case,) = cases_of(client, machine="pump1")
    read = client.get(f"/api/v1/cases/{case['id']}")
    assert read.headers["etag"] == f'"{case["version"]}"'
    kinds = {finding["kind"] for finding in read.json()["findings"]}
    assert {"limit", "anomaly"} <= kinds
    assert read.json()["events"][0]["kind"] == "raised"
    machine = client.get("/api/v1/machines/pump1").json()
    assert machine["open_case"]["id"] == case["id"]
    assert machine["health"]["status"] == "ok"


def test_an_acknowledgement_needs_the_version_that_was_seen_and_may_be_repeated(troubled: House) -> None:
    client = troubled.client(Role.OPERATOR)
    (case,) = cases_of(client, machine="pump1")
    path, seen = f"/api/v1/cases/{case['id']}/acknowledgement", f'"{case["version"]}"'
    assert client.post(path, headers={"if-match": '"99"'}).status_code == 412
    first = client.post(path, headers={"if-match": seen})
    assert (first.status_code, first.json()["state"], first.json()["acknowledged_by"]) == (
        200,
        "acknowledged",
        "OPERATOR",
    )
    assert client.post(path).json()["version"] == first.json()["version"]


def test_a_closed_case_keeps_its_verdicts_and_stays_closed(troubled: House) -> None:
    client = troubled.client(Role.TECHNICIAN)
    (case,) = cases_of(client, machine="pump1")
    path = f"/api/v1/cases/{case['id']}/closing"
    assert client.post(path, json={"verdicts": []}).status_code == 422
    said = [{"finding": each["id"], "verdict": "prevented"} for each in case["findings"]]  # type: ignore[attr-defined]
    closed = client.post(path, json={"verdicts": said})
    assert (closed.status_code, closed.json()["state"]) == (200, "closed")
    assert {finding["verdict"] for finding in closed.json()["findings"]} == {"prevented"}
    assert client.post(path, json={"verdicts": said}).status_code == 409


def test_an_operator_cannot_close_and_a_stranger_cannot_see(troubled: House) -> None:
    (case,) = cases_of(troubled.client(), machine="pump1")
    body = {"verdicts": [{"finding": "x", "verdict": "prevented"}]}
    assert troubled.client(Role.OPERATOR).post(f"/api/v1/cases/{case['id']}/closing", json=body).status_code == 403
    stranger = troubled.client(Role.ADMINISTRATOR, frozenset({SiteId("seoul")}))
    assert cases_of(stranger) == []
    assert stranger.get(f"/api/v1/cases/{case['id']}").status_code == 404


def test_predictions_carry_ranges_dates_drivers_and_their_basis(troubled: House) -> None:
    (item,) = troubled.client().get("/api/v1/predictions", params={"machine": "pump1", "slot": "seal"}).json()["items"]
    remaining = item["remaining"]
    assert remaining["p10"] < remaining["p50"] < remaining["p90"]
    assert item["status"] == "ok"
    assert item["drivers"]
    assert sum(item["basis"].values()) == pytest.approx(1.0)
    course = troubled.client().get("/api/v1/degradation", params={"machine": "pump1", "slot": "seal"}).json()
    assert course["replace_by"] == item["replace_by"]
    assert course["forecast"]
