from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from configs.plant import EquipmentTypeId
from tests.fakes.history_files import a_parquet_of
from tests.fakes.houses import MORNING, House
from tests.fakes.readings import MINUTE_NS, NOON_NS, SECOND_NS, a_batch, an_intake_batch

PATH = "/api/v1/readings"


def commit(house: House, count: int, *, start_ns: int = NOON_NS, step_ns: int = SECOND_NS) -> None:
    rows = [("pump1", start_ns + number * step_ns, {"vib": float(number)}) for number in range(count)]
    house.store.commit(an_intake_batch(a_batch(*rows)))


def query(**changes: object) -> dict[str, object]:
    return {"machine": "pump1", "sensor": "vib", "from": "2026-11-25T00:00:00Z", "to": "2026-11-25T01:00:00Z"} | changes


def test_readings_come_back_as_columns(house: House) -> None:
    commit(house, 3)
    answer = house.client().get(PATH, params=query()).json()
    assert answer["unit"] == "mm/s"
    assert answer["step_s"] == 0.0
    assert answer["at_ms"] == [NOON_NS // 1_000_000 + 1000 * number for number in range(3)]
    assert answer["low"] == answer["high"] == answer["mean"] == [0.0, 1.0, 2.0]
    assert answer["good_share"] == [1.0, 1.0, 1.0]


def test_a_long_series_keeps_its_extremes(house: House) -> None:
    commit(house, 600)
    answer = house.client().get(PATH, params=query(max_points=20)).json()
    assert len(answer["at_ms"]) <= 20
    assert (min(answer["low"]), max(answer["high"])) == (0.0, 599.0)


def test_a_gap_is_null(house: House) -> None:
    commit(house, 3)
    commit(house, 3, start_ns=NOON_NS + 5 * MINUTE_NS)
    answer = house.client().get(PATH, params=query()).json()
    assert answer["low"] == [0.0, 1.0, 2.0, None, 0.0, 1.0, 2.0]


def stop(house: House, at_ns: int) -> None:
    house.store.commit(an_intake_batch(a_batch(("pump1", at_ns, {}), state="off")))


def test_a_hole_after_the_machine_said_off_is_a_stop_and_not_a_loss(house: House) -> None:
    commit(house, 3)
    stop(house, NOON_NS + 3 * SECOND_NS)
    commit(house, 3, start_ns=NOON_NS + 20 * MINUTE_NS)
    commit(house, 3, start_ns=NOON_NS + 40 * MINUTE_NS)
    answer = house.client().get(PATH, params=query()).json()
    at = NOON_NS // 1_000_000
    assert answer["stopped"] == [{"start_ms": at + 2000, "end_ms": at + 20 * 60_000}]


def test_a_machine_that_was_off_when_the_span_began_is_stopped_until_it_speaks(house: House) -> None:
    commit(house, 3, start_ns=NOON_NS - 30 * 60 * MINUTE_NS)
    stop(house, NOON_NS - 29 * 60 * MINUTE_NS)
    commit(house, 3, start_ns=NOON_NS + 20 * MINUTE_NS)
    house.store.roll_up(NOON_NS + 21 * MINUTE_NS)
    answer = house.client().get(PATH, params=query()).json()
    at = NOON_NS // 1_000_000
    assert answer["stopped"] == [{"start_ms": at, "end_ms": at + 20 * 60_000}]


def test_minutes_that_were_imported_are_shown_before_the_first_raw_reading(house: House, tmp_path: Path) -> None:
    rows = [("pump1", NOON_NS // 1_000_000 + 60_000 * minute, "executing", 7.0) for minute in range(10)]
    house.store.import_parquet(EquipmentTypeId("pump"), [a_parquet_of(tmp_path / "pump.parquet", rows)])
    commit(house, 3, start_ns=NOON_NS + 10 * MINUTE_NS)
    house.store.roll_up(NOON_NS + 11 * MINUTE_NS)
    answer = house.client().get(PATH, params=query()).json()
    assert answer["mean"] == [7.0] * 10 + [0.0, 1.0, 2.0]
    assert answer["stopped"] == []


def test_a_hole_between_what_was_imported_and_the_first_raw_reading_stays_a_hole(house: House, tmp_path: Path) -> None:
    rows = [("pump1", NOON_NS // 1_000_000 + 60_000 * minute, "executing", 7.0) for minute in range(3)]
    house.store.import_parquet(EquipmentTypeId("pump"), [a_parquet_of(tmp_path / "pump.parquet", rows)])
    commit(house, 3, start_ns=NOON_NS + 30 * MINUTE_NS)
    house.store.roll_up(NOON_NS + 31 * MINUTE_NS)
    answer = house.client().get(PATH, params=query()).json()
    assert answer["mean"] == [7.0, 7.0, 7.0, None, 0.0, 1.0, 2.0]
    assert answer["stopped"] == []


def test_a_year_is_read_from_the_rollups(house: House) -> None:
    commit(house, 10, step_ns=20 * SECOND_NS)
    house.store.roll_up(NOON_NS + 10 * MINUTE_NS)
    answer = house.client().get(PATH, params=query(**{"from": "2026-01-01T00:00:00Z"}, max_points=500)).json()
    assert answer["step_s"] >= 60
    assert max(answer["high"]) == 9.0
    assert min(value for value in answer["low"] if value is not None) == 0.0


def test_without_a_span_it_is_the_last_day(house: House) -> None:
    commit(house, 2, start_ns=NOON_NS - 3600 * SECOND_NS)
    answer = house.client().get(PATH, params={"machine": "pump1", "sensor": "vib"}).json()
    start, end = datetime.fromisoformat(answer["start"]), datetime.fromisoformat(answer["end"])
    assert (start, end) == (MORNING - timedelta(days=1), MORNING.astimezone(UTC))
    assert answer["low"] == [0.0, 1.0]


def test_a_spreadsheet_gets_the_sites_own_times(house: House) -> None:
    commit(house, 1)
    answer = house.client().get(PATH, params=query(format="csv"))
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="pump1-vib.csv"'
    assert answer.text.splitlines()[1] == "2026-11-25T09:00:00.000+09:00,0.0,0.0,0.0,1.0,0"


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"machine": "nobody"}, 404),
        ({"sensor": "nothing"}, 404),
        ({"from": "2026-11-25T02:00:00Z"}, 422),
        ({"from": "1999-01-01T00:00:00Z"}, 422),
        ({"from": "yesterday"}, 422),
        ({"from": "2026-11-25T00:00:00"}, 422),
        ({"max_points": 0}, 422),
        ({"format": "xml"}, 422),
        ({"colour": "red"}, 422),
    ],
)
def test_an_impossible_question_is_a_problem(house: House, changes: dict[str, object], status: int) -> None:
    answer = house.client().get(PATH, params=query(**changes))
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
