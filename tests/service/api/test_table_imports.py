"""Tables that people keep, through the API: looked at, stored once, undone."""

from pathlib import Path

import pytest

from configs.instant import ns_of
from configs.plant import MachineId, SiteId
from service.actor import SYSTEM, Role
from service.state import audit
from tests.fakes.houses import House

LOG = "일시,진동(mm/s),온도(℃),비고\n2026-11-24 09:00,1.5,40,\n2026-11-24 10:00,1.6,41,\n2026-11-24 11:00,고장,42,\n"


@pytest.fixture
def desk(house: House):  # type: ignore[no-untyped-def]
    return house.services.tables


def hand_in(house: House, text: str, name: str = "pump1.csv") -> dict:  # type: ignore[type-arg]
    client = house.client(Role.TECHNICIAN)
    answer = client.post("/api/v1/table-imports", files={"file": (name, text.encode(), "text/csv")})
    assert answer.status_code == 201, answer.text
    return answer.json()  # type: ignore[no-any-return]


def store(house: House, import_id: str) -> dict:  # type: ignore[type-arg]
    client = house.client(Role.TECHNICIAN)
    assert client.post(f"/api/v1/table-imports/{import_id}/storing").status_code == 202
    house.services.tables.wait()  # type: ignore[attr-defined]
    return client.get(f"/api/v1/table-imports/{import_id}").json()  # type: ignore[no-any-return]


def readings(house: House) -> list[tuple[str, ...]]:
    series = house.store.read_series(MachineId("pump1"), 0, ns_of(house.now[0]) * 2)
    return [tuple(f"{value:g}" for value in row) for row in series.values]


def test_a_preview_stores_nothing_and_tells_what_would_be(house: House) -> None:
    found = hand_in(house, LOG)
    assert (found["state"], found["total"], found["rejected"]) == ("previewed", 5, 1)
    (sheet,) = found["sheets"]
    assert sheet["rejections"] == [{"row": 4, "column": "진동", "problem": "not_a_number", "shown": "고장"}]
    assert readings(house) == []


def test_what_is_stored_takes_the_road_of_messages(house: House) -> None:
    kept = store(house, hand_in(house, LOG)["id"])
    assert (kept["state"], kept["done"], kept["known"]) == ("imported", 5, 0)
    assert readings(house) == [("1.5", "40"), ("1.6", "41"), ("nan", "42")]
    assert {last.sensor: last.value for last in house.store.last_values()} == {"vib": 1.6, "temp": 42.0}


def test_the_same_rows_are_stored_once_and_new_ones_added(house: House) -> None:
    store(house, hand_in(house, LOG)["id"])
    again = store(house, hand_in(house, LOG)["id"])
    assert (again["done"], again["known"]) == (0, 5)
    longer = store(house, hand_in(house, LOG + "2026-11-24 12:00,1.7,43,\n")["id"])
    assert (longer["done"], longer["known"]) == (2, 5)
    assert len(readings(house)) == 4


def test_an_import_can_be_undone_with_everything_that_it_brought(house: House) -> None:
    before = list(house.store.meters())
    kept = hand_in(house, LOG)
    store(house, kept["id"])
    house.store.roll_up(ns_of(house.now[0]))
    answer = house.client(Role.TECHNICIAN).post(f"/api/v1/table-imports/{kept['id']}/undoing")
    assert answer.json()["state"] == "undone"
    assert readings(house) == []
    assert house.store.last_values() == []
    assert house.store.progress() == []
    assert all(meter.value == pytest.approx(0) for meter in house.store.meters()) or before
    with house.database.reading() as session:
        actions = [entry.act.action for entry in audit.list_entries(session, SYSTEM, limit=3)]
    assert "table_import_undone" in actions
    assert store(house, hand_in(house, LOG)["id"])["done"] == 5


def test_undoing_leaves_what_came_otherwise(house: House) -> None:
    first = hand_in(house, "일시,온도\n2026-11-24 09:00,38\n", "pump1 a.csv")
    store(house, first["id"])
    second = hand_in(house, LOG)
    store(house, second["id"])
    house.client().post(f"/api/v1/table-imports/{second['id']}/undoing")
    assert [(last.sensor, last.value) for last in house.store.last_values()] == [("temp", 38.0)]


def test_answers_correct_a_guess_and_are_remembered_for_the_next_table(house: House) -> None:
    text = "일시,흔들림\n2026-11-24 09:00,1.5\n"
    found = hand_in(house, text)
    assert found["total"] == 0
    shape = found["sheets"][0]["shape"]
    said = [{"shape": shape, "columns": {"흔들림": "vib"}}]
    answered = house.client().put(f"/api/v1/table-imports/{found['id']}/answers", json=said)
    assert answered.json()["total"] == 1
    assert hand_in(house, text.replace("1.5", "1.6"))["total"] == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", ".xls"),
        (b"PK\x03\x04nothing", "damaged"),
        (b"\x00\x01\x02\x03\x04\x05", "neither"),
        (b"", "empty"),
    ],
)
def test_what_is_no_table_is_refused_in_one_line_and_not_kept(
    house: House, tmp_path: Path, content: bytes, said: str
) -> None:
    answer = house.client().post("/api/v1/table-imports", files={"file": ("x.xlsx", content)})
    assert answer.status_code == 422
    assert said in answer.json()["detail"]
    assert "\n" not in answer.json()["detail"]
    assert list(tmp_path.glob("imports/*")) == []


def test_operators_do_not_import(house: House) -> None:
    answer = house.client(Role.OPERATOR).post("/api/v1/table-imports", files={"file": ("a.csv", LOG.encode())})
    assert answer.status_code == 403


def test_somebody_of_another_site_sees_no_machine_of_it(house: House) -> None:
    client = house.client(Role.TECHNICIAN, frozenset({"seoul"}))  # type: ignore[arg-type]
    found = client.post("/api/v1/table-imports", files={"file": ("pump1.csv", LOG.encode())}).json()
    assert found["total"] == 0


def test_a_machine_list_makes_machines_and_undoing_takes_them_out(house: House) -> None:
    text = "설비번호,명칭,기종,라인\npump9,펌프 9호기,원심펌프,A\n"
    found = hand_in(house, text)
    kept = house.client(Role.ENGINEER)
    kept.post(f"/api/v1/table-imports/{found['id']}/storing")
    house.services.tables.wait()  # type: ignore[attr-defined]
    assert house.services.plant.machine(MachineId("pump9")) is not None
    assert house.services.plant.revision == 2
    kept.post(f"/api/v1/table-imports/{found['id']}/undoing")
    assert house.services.plant.machine(MachineId("pump9")) is None


def test_imports_are_known_only_where_all_of_their_sites_are(house: House) -> None:
    kept = hand_in(house, LOG)
    other, own = (house.client(Role.TECHNICIAN, sites=frozenset({SiteId(site)})) for site in ("seoul", "busan"))
    assert [each["id"] for each in own.get("/api/v1/table-imports").json()["items"]] == [kept["id"]]
    assert other.get("/api/v1/table-imports").json()["items"] == []
    assert other.get(f"/api/v1/table-imports/{kept['id']}").status_code == 404
    assert other.post(f"/api/v1/table-imports/{kept['id']}/storing").status_code == 404


def test_file_about_no_site_yet_is_known_to_who_handed_it_in(house: House) -> None:
    mine = house.client(Role.TECHNICIAN, sites=frozenset({SiteId("seoul")}))
    answer = mine.post("/api/v1/table-imports", files={"file": ("x.csv", b"a,b\n1,2\n", "text/csv")})
    assert answer.status_code == 201
    assert len(mine.get("/api/v1/table-imports").json()["items"]) == 1
