from dataclasses import replace

import numpy as np

from configs.plant import SiteId
from ingest.reading import QualityFlag
from ingest.sequence_ledger import observe, open_ledger
from service.actor import Role
from tests.fakes.houses import House
from tests.fakes.readings import NOON_NS, SECOND_NS, a_batch, a_rejection, an_intake_batch


def test_the_data_is_told_sensor_by_sensor_with_what_is_missing_and_refused(house: House) -> None:
    stream = "yeji/v1/busan/a/pump1"
    ledger = observe(open_ledger(stream, "b1", 1), 5, NOON_NS - 60 * SECOND_NS)
    readings = a_batch(("pump1", NOON_NS - SECOND_NS, {"vib": 2.0, "temp": 30.0}))
    flagged = replace(readings, quality=np.array([[QualityFlag.STUCK, 0]], np.uint16))
    house.store.commit(an_intake_batch(flagged, ledgers=(ledger,), rejections=(a_rejection(),)))
    found = house.client(Role.VIEWER).get("/api/v1/data-health").json()
    assert (found["troubled_sensors"], found["missing_messages"], found["intake"]) == (3, 3, None)
    pump1, pump2 = found["machines"]
    assert [(each["sensor"], each["condition"], each["flags"]) for each in pump1["sensors"]] == [
        ("vib", "stuck", ["stuck"]),
        ("temp", "ok", []),
    ]
    assert (pump2["silent"], pump2["newest_received_at"]) == (True, None)
    assert [(each["machine"], each["first"], each["last"], each["count"]) for each in found["missing"]] == [
        ("pump1", 2, 4, 3)
    ]
    assert [(each["reason"], each["count"]) for each in found["dead_letters"]] == [("malformed_json", 1)]


def test_other_sites_are_not_told_of(house: House) -> None:
    house.store.commit(an_intake_batch(rejections=(a_rejection(),)))
    found = house.client(Role.VIEWER, frozenset({SiteId("seoul")})).get("/api/v1/data-health").json()
    assert (found["machines"], found["missing"], found["dead_letters"]) == ([], [], [])


def test_stored_readings_are_judged_again_by_a_day_at_most(house: House) -> None:
    rows = [("pump1", NOON_NS + at * SECOND_NS, {"vib": 900.0}) for at in range(3)]
    house.store.commit(an_intake_batch(a_batch(*rows)))
    wish = {"machine": "pump1", "start": "2026-11-25T00:00:00Z", "end": "2026-11-25T00:00:02Z"}
    client = house.client(Role.ENGINEER)
    assert client.post("/api/v1/data-health/recompute", json=wish).json() == {"changed": 2}
    assert client.post("/api/v1/data-health/recompute", json=wish).json() == {"changed": 0}
    longer = client.post("/api/v1/data-health/recompute", json=wish | {"end": "2026-11-27T00:00:00Z"})
    assert (longer.status_code, longer.json()["detail"][:4]) == (422, "end:")
    assert house.client(Role.TECHNICIAN).post("/api/v1/data-health/recompute", json=wish).status_code == 403
