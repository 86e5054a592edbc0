"""A connection that stands and delivers nothing is noticed."""

from ingest.sources.canary import Canary


def test_a_canary_is_sent_now_and_then_and_waited_for() -> None:
    canary = Canary("yeji", 20.0)
    first = canary.next(100.0)
    assert first is not None
    assert (first.topic, first.qos, first.retain) == ("yeji/v1/canary/yeji", 1, False)
    assert (canary.next(119.0), canary.unanswered_s(119.0)) == (None, 19.0)
    assert canary.next(120.0) is not None
    assert canary.unanswered_s(125.0) == 25.0
    canary.answer()
    assert canary.unanswered_s(125.0) == 0.0


def test_a_new_connection_begins_anew() -> None:
    canary = Canary("yeji", 20.0)
    canary.next(100.0)
    canary.begin_anew()
    assert canary.unanswered_s(101.0) == 0.0
    assert canary.next(101.0) is not None


def test_it_can_be_switched_off() -> None:
    assert Canary("yeji", 0).next(100.0) is None
