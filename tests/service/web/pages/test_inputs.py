"""Pages by which people enter data: the touch form, files, and what was found."""

import io

import pytest

from configs.instant import ns_of
from configs.plant import MachineId
from ingest.sighting import InputFormat, Sighting
from service.actor import Role
from tests.fakes.houses import House

HTML = {"accept": "text/html"}
LOG = "일시,진동(mm/s),온도(℃)\n2026-11-24 09:00,1.5,40\n2026-11-24 10:00,1.6,고장\n"


def a_sighting(house: House, **changes: object) -> None:
    said = {
        "format": InputFormat.NATIVE,
        "topic": "yeji/v1/busan/a/pump1/telemetry",
        "machine": "pump1",
        "known_machine": MachineId("pump1"),
        "sensor": "seal_temp",
        "unit": "degC",
        "value": 51.5,
        "event_time_ns": ns_of(house.now[0]),
    }
    house.services.found.note([Sighting(**(said | changes))], ns_of(house.now[0]))  # type: ignore[arg-type]


def test_the_form_shows_every_sensor_with_its_last_value(house: House) -> None:
    page = house.client(Role.OPERATOR).get("/entry", headers=HTML)
    assert page.status_code == 200
    assert 'data-id="vib"' in page.text
    assert 'data-id="temp"' in page.text
    assert house.client(Role.VIEWER).get("/entry", headers=HTML).status_code == 403


def test_a_file_goes_from_the_page_into_the_store_and_back_out(house: House) -> None:
    client = house.client(Role.TECHNICIAN)
    shown = client.post("/tables", files={"file": ("pump1.csv", io.BytesIO(LOG.encode()))}, headers=HTML)
    assert shown.status_code == 200
    assert "Not a number" in shown.text
    path = shown.url.path
    assert client.post(f"{path}/storing", headers=HTML).status_code == 200
    house.services.tables.wait()  # type: ignore[attr-defined]
    assert "3 new" in client.get(path, headers=HTML).text
    assert len(house.store.last_values()) == 2
    client.post(f"{path}/undoing", headers=HTML)
    assert house.store.last_values() == []


def test_a_guess_is_corrected_on_the_page(house: House) -> None:
    client = house.client(Role.TECHNICIAN)
    text = "일시,흔들림\n2026-11-24 09:00,1.5\n"
    shown = client.post("/tables", files={"file": ("pump1.csv", io.BytesIO(text.encode()))}, headers=HTML)
    shape = shown.text.split('name="machine:')[1].split('"')[0]
    form = {f"machine:{shape}": "pump1", f"column:{shape}:흔들림": "pump1/vib"}
    assert "Store 1 values" in client.post(f"{shown.url.path}/answers", data=form, headers=HTML).text


def test_what_is_no_table_comes_back_with_the_reason(house: House) -> None:
    client = house.client(Role.TECHNICIAN)
    shown = client.post("/tables", files={"file": ("x.xlsx", io.BytesIO(b"PK\x03\x04"))}, headers=HTML)
    assert shown.status_code == 422
    assert "damaged" in shown.text


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("메모,담당\n점검함,김\n", "No row of headings with a time and sensor names was found"),
        ("일시,항목가,항목나\n2026-11-24 09:00,1.5,40\n", "Choose below whose table it is"),
    ],
)
def test_a_table_that_is_not_understood_says_what_to_do(house: House, text: str, advice: str) -> None:
    client = house.client(Role.TECHNICIAN)
    shown = client.post("/tables", files={"file": ("memo.csv", io.BytesIO(text.encode()))}, headers=HTML)
    assert advice in shown.text


def test_a_found_sensor_is_one_tap_from_being_stored(house: House) -> None:
    a_sighting(house)
    client = house.client(Role.ENGINEER)
    shown = client.get("/found", headers=HTML)
    assert "seal_temp" in shown.text
    assert "51.5 °C" in shown.text
    form = {"topic": "yeji/v1/busan/a/pump1/telemetry", "machine": "pump1", "sensor": "seal_temp"}
    answer = client.post("/found/registration", data=form, headers=HTML)
    assert "plant revision 2" in answer.text
    machine = house.services.plant.machine(MachineId("pump1"))
    assert machine is not None
    assert [sensor.unit for sensor in machine.sensors if sensor.id == "seal_temp"] == ["degC"]
    assert house.services.found.all() == ()
    entry = {"machine": "pump1", "at": "2026-11-25T00:00:00Z", "values": {"seal_temp": 51.0}}
    assert client.post("/api/v1/entries", json=entry).status_code == 201


def test_a_found_machine_is_registered_with_a_type_and_its_strange_sensors(house: House) -> None:
    topic = "yeji/v1/busan/a/pump9/telemetry"
    for sensor in ("vib", "bearing_temp", "oddity"):
        a_sighting(house, topic=topic, machine="pump9", known_machine=None, sensor=sensor, unit=None, value=1.0)
    client = house.client(Role.ENGINEER)
    assert '<option value="centrifugal_pump">' in client.get("/found", headers=HTML).text.split("</select>")[0]
    wish = {"topic": topic, "machine": "pump9", "equipment_type": "centrifugal_pump"}
    assert client.post("/api/v1/found/registration", json=wish).json() == {"revision": 3}
    machine = house.services.plant.machine(MachineId("pump9"))
    assert machine is not None
    assert {"vib", "oddity"} <= {sensor.id for sensor in machine.sensors}


def test_what_cannot_be_registered_says_why(house: House) -> None:
    a_sighting(house, sensor="진동 1")
    client = house.client(Role.ENGINEER)
    wish = {"topic": "yeji/v1/busan/a/pump1/telemetry", "machine": "pump1", "sensor": "진동 1"}
    answer = client.post("/api/v1/found/registration", json=wish)
    assert answer.status_code == 422
    assert "cannot be an id" in answer.json()["detail"]
    assert client.post("/api/v1/found/registration", json={**wish, "sensor": "none"}).status_code == 404
    assert house.client(Role.TECHNICIAN).post("/api/v1/found/registration", json=wish).status_code == 403


def test_typed_readings_are_checked_and_stored_once(house: House) -> None:
    client = house.client(Role.OPERATOR)
    entry = {"machine": "pump1", "at": "2026-11-25T00:00:00Z", "values": {"vib": 1.5, "temp": 40.0}}
    assert client.post("/api/v1/entries", json=entry).json()["stored"] is True
    assert client.post("/api/v1/entries", json=entry).json()["stored"] is False
    series = house.store.read_series(MachineId("pump1"), 0, ns_of(house.now[0]) + 1)
    assert series.values.tolist() == [[1.5, 40.0]] or series.values.tolist() == [[40.0, 1.5]]
    for wrong in ({"values": {"vib": 900.0}}, {"values": {"nope": 1.0}}, {"at": "2026-12-25T00:00:00Z"}):
        assert client.post("/api/v1/entries", json={**entry, **wrong}).status_code == 422
