from datetime import UTC, datetime, timedelta

import pytest

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
