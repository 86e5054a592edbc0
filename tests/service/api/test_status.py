from service.observability.health import PartReadiness
from tests.fakes.houses import House
from tests.fakes.readings import NOON_NS, a_batch, an_intake_batch


def test_status_says_what_works_and_what_comes_in(house: House) -> None:
    house.store.commit(an_intake_batch(a_batch(("pump1", NOON_NS, {"vib": 0.5}))))
    status = house.client().get("/api/v1/status").json()
    assert (status["ready"], status["machines"], status["machines_reporting"]) == (True, 2, 1)
    assert status["newest_received_at"] == "2026-11-25T00:00:00Z"


def test_a_part_that_does_not_work_makes_the_program_unready(house: House) -> None:
    house.parts.append(PartReadiness(name="intake", ready=False, detail="the broker is away"))
    client = house.client()
    ready = client.get("/readyz")
    assert (ready.status_code, ready.text) == (503, "unready")
    assert {"name": "intake", "ready": False, "detail": "the broker is away"} in client.get("/api/v1/status").json()[
        "parts"
    ]
    assert client.get("/livez").status_code == 200


def test_metrics_count_requests_by_operation(house: House) -> None:
    client = house.client()
    client.get("/api/v1/machines/pump1")
    text = client.get("/metrics").text
    assert 'yeji_http_requests_total{operation="read_machine",status="200"} 1.0' in text
