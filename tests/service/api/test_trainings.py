from service.actor import Role
from service.http.training_desk import TrainingState
from tests.fakes.houses import House
from tests.fakes.waiting import wait_until


def test_nothing_was_trained_at_first(house: House) -> None:
    answer = house.client(Role.VIEWER).get("/api/v1/trainings/latest")
    assert answer.status_code == 200
    assert answer.json()["state"] == "never"
    missing = house.client(Role.ENGINEER).get("/api/v1/evaluations/latest/report")
    assert missing.status_code == 404
    assert "yeji evaluate" in missing.json()["detail"]


def test_an_engineer_starts_a_training_and_a_technician_may_not(house: House) -> None:
    assert house.client(Role.TECHNICIAN).post("/api/v1/trainings").status_code == 403
    started = house.client(Role.ENGINEER).post("/api/v1/trainings")
    assert started.status_code == 202
    assert started.json()["state"] == "running"
    wait_until(lambda: house.services.training.latest().state is not TrainingState.RUNNING, within_s=60.0)
    done = house.client(Role.VIEWER).get("/api/v1/trainings/latest").json()
    assert (done["state"], done["work"], done["taught"]) == ("done", "training", [])


def test_an_evaluation_without_history_fails_with_the_reason(house: House) -> None:
    assert house.client(Role.ENGINEER).post("/api/v1/evaluations").status_code == 202
    wait_until(lambda: house.services.training.latest().state is not TrainingState.RUNNING, within_s=60.0)
    done = house.client(Role.VIEWER).get("/api/v1/trainings/latest").json()
    assert done["state"] == "failed"
    assert "an evaluation needs 60" in done["trouble"]
