from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from configs.instant import ns_of
from service.api.csv_text import csv_text, guarded, points_as_csv
from service.api.decimation import Points


@pytest.mark.parametrize("text", ["=1+1", "+82", "-cmd", "@SUM(A1)", "\t=1"])
def test_no_cell_of_text_starts_a_formula(text: str) -> None:
    assert guarded(text) == f"'{text}"


def test_numbers_and_plain_text_stay_as_they_are() -> None:
    assert [guarded(cell) for cell in (-1.5, 3, "pump", None)] == ["-1.5", "3", "pump", ""]


def test_a_spreadsheet_reads_it_as_utf_8() -> None:
    assert csv_text(["이름"], [["펌프"]]) == "\ufeff이름\r\n펌프\r\n"


def test_times_are_the_sites_own_and_a_gap_is_an_empty_row() -> None:
    at = ns_of(datetime(2026, 11, 24, 8, 13, 5, 250_000, tzinfo=UTC))
    series = Points(
        times_ns=np.array([at, at + 1_000_000_000]),
        low=np.array([0.5, np.nan]),
        high=np.array([0.7, np.nan]),
        mean=np.array([0.6, np.nan]),
        good_share=np.array([1.0, 0.0]),
        flags=np.array([0, 2]),
    )
    text = points_as_csv(series, name="v", unit="mm/s", zone=ZoneInfo("Asia/Seoul"))
    assert text.splitlines() == [
        "\ufefftime (Asia/Seoul),v low [mm/s],v high [mm/s],v mean [mm/s],good share,quality flags",
        "2026-11-24T17:13:05.250+09:00,0.5,0.7,0.6,1.0,0",
        "2026-11-24T17:13:06.250+09:00,,,,0.0,2",
    ]
