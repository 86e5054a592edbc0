from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from configs.plant import LifeUnit
from models.prediction import RemainingLife
from service.web.views.life_bar import life_bar, range_words
from service.web.words import Words
from tests.fakes.sample_factory import NOW


def remaining(p10: float, p50: float, p90: float) -> RemainingLife:
    at = [NOW + timedelta(days=day) for day in (p10, p50, p90)]
    return RemainingLife(
        unit=LifeUnit.OPERATING_HOURS, p10=p10, p50=p50, p90=p90, p10_at=at[0], p50_at=at[1], p90_at=at[2]
    )


def test_the_axis_ends_at_a_round_number_of_days_past_range_and_lead_time(ko: Words) -> None:
    bar = life_bar(remaining(2.4, 6.1, 12.3), 5, ko)
    assert bar.end_words == "14일 뒤"
    assert (bar.low, bar.middle, bar.high) == (17.1, 43.6, 87.9)
    assert bar.lead == 35.7
    assert bar.lead_words == "납기 5일"
    assert bar.summary == "잔여수명 2~12일 (80% 범위), 중앙값 6일"
    assert life_bar(remaining(2.4, 6.1, 12.3), 21, ko).end_words == "28일 뒤"


def test_a_lead_time_too_short_to_be_seen_is_only_named(ko: Words) -> None:
    bar = life_bar(remaining(300, 900, 3000), 5, ko)
    assert not bar.is_lead_drawn
    assert bar.lead_words == "납기 5일"


def test_a_part_that_is_at_hand_has_no_lead_time(ko: Words) -> None:
    assert life_bar(remaining(2, 6, 12), 0, ko).lead is None


def test_the_label_of_a_long_lead_time_stands_before_its_mark(ko: Words) -> None:
    bar = life_bar(remaining(2, 6, 12), 21, ko)
    assert bar.lead_anchor == "end"
    assert bar.lead_label_at <= 82


def test_the_label_of_a_lead_time_in_the_middle_stands_about_its_mark(ko: Words) -> None:
    assert life_bar(remaining(2, 6, 24), 14, ko).lead_anchor == "mid"
    assert life_bar(remaining(2, 6, 24), 3, ko).lead_anchor == "start"


def test_a_range_that_has_begun_starts_now(ko: Words) -> None:
    assert range_words(remaining(-3, 2, 9), ko) == "1분~9일"
    assert life_bar(remaining(-3, 2, 9), 0, ko).low == 0


@given(
    st.lists(st.floats(-30, 9000, allow_nan=False), min_size=3, max_size=3).map(sorted),
    st.floats(0, 400, allow_nan=False),
)
def test_every_mark_stays_on_the_axis_and_in_order(days: list[float], lead: float) -> None:
    words = Words(language="ko", zone=ZoneInfo("Asia/Seoul"), now=NOW)
    bar = life_bar(replace(remaining(1, 2, 3), **_at(days)), lead, words)
    assert 0 <= bar.low <= bar.middle <= bar.high <= 100
    assert bar.lead is None or 0 <= bar.lead <= 100
    assert bar.width > 0


def _at(days: list[float]) -> dict[str, object]:
    return {name: NOW + timedelta(days=day) for name, day in zip(("p10_at", "p50_at", "p90_at"), days, strict=True)}
