import numpy as np

from configs.instant import ns_of
from ingest.ports import ConditionBlock
from tests.fakes.houses import MORNING, House

HOUR_NS = 3_600_000_000_000


def write_indicator(house: House, hours: int) -> None:
    keys = np.array(["seal"] * hours, dtype=object)
    house.store.write_condition(
        ConditionBlock(
            machines=np.array(["pump1"] * hours, dtype=object),
            keys=keys,
            hours_ns=ns_of(MORNING) - HOUR_NS * np.arange(hours, 0, -1, dtype=np.int64),
            values=np.linspace(10, 20, hours),
            weights=np.ones(hours),
        )
    )


def test_without_predictions_there_is_an_empty_list_and_for_a_stranger_404(house: House) -> None:
    client = house.client()
    assert client.get("/api/v1/predictions").json() == {"items": [], "next_cursor": None}
    assert client.get("/api/v1/predictions", params={"machine": "nobody"}).status_code == 404


def test_degradation_is_the_hours_that_were_concluded(house: House) -> None:
    write_indicator(house, 5)
    answer = house.client().get("/api/v1/degradation", params={"machine": "pump1", "slot": "seal"}).json()
    assert answer["failure_limit"] == 100.0
    assert answer["indicator"] == [10.0, 12.5, 15.0, 17.5, 20.0]
    assert answer["forecast"] == []
    assert answer["replace_by"] is None


def test_degradation_goes_into_a_spreadsheet(house: House) -> None:
    write_indicator(house, 1)
    answer = house.client().get("/api/v1/degradation", params={"machine": "pump1", "slot": "seal", "format": "csv"})
    assert answer.text.splitlines()[1] == "2026-11-25T08:00:00.000+09:00,10.0,,,"


def test_a_slot_that_is_not_there_is_not_found(house: House) -> None:
    answer = house.client().get("/api/v1/degradation", params={"machine": "pump1", "slot": "wing"})
    assert answer.status_code == 404
