"""When to order, as it is told beside a part: by what is in store and on order."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from service.advisory.spares import Spare, SpareState
from service.web.views.supply import order_words
from service.web.words import Words
from tests.fakes.conclusions import NOW, a_prediction
from tests.fakes.plants import a_part_type

WORDS = Words(language="ko", zone=ZoneInfo("Asia/Seoul"), now=NOW)


def told(days: float, spare: Spare | None) -> str:
    return order_words(a_prediction("seal", days=days), a_part_type(lead_time_days=7.0), WORDS, spare)


def at(days: float, state: SpareState = SpareState.ON_ORDER, order_in: float | None = None) -> Spare:
    order_by = None if order_in is None else NOW + timedelta(days=order_in)
    return Spare(state=state, at=NOW + timedelta(days=days), order_by=order_by)


@pytest.mark.parametrize(
    ("days", "spare", "words"),
    [
        (5.0, at(0.0, SpareState.IN_STORE), "예비품 있음"),
        (20.0, at(5.0), "주문한 부품"),
        (5.0, at(15.0), "늦음"),
        (5.0, at(10.0, SpareState.TO_ORDER, 0.0), "재고 없음: 지금 주문하면"),
        (5.0, None, "없으면 지금 주문"),
        (40.0, at(10.0, SpareState.TO_ORDER, 0.0), "지금 주문"),
        (60.0, at(7.0, SpareState.TO_ORDER, 46.0), "까지 주문"),
        (60.0, None, "까지 주문"),
    ],
)
def test_what_is_told_goes_by_where_the_spare_is(days: float, spare: Spare | None, words: str) -> None:
    assert words in told(days, spare)


def test_what_need_not_be_ordered_for_months_is_left_unsaid() -> None:
    assert told(400.0, None) == ""
    assert told(400.0, at(7.0, SpareState.TO_ORDER, 386.0)) == ""
