from dataclasses import replace

from service.app.monitor import STALLED_AFTER_S, MonitorWatch
from service.monitor.monitor import MonitorStatus

GOING = MonitorStatus(alive=True, caught_up=False, rounds=0, windows=0, behind_s=60.0, last_round_at=None, trouble="")


class Turned:
    def __init__(self) -> None:
        self.status = GOING
        self.now = 0.0
        self.watch = MonitorWatch(lambda: self.status, lambda: self.now)


def test_a_monitor_is_ready_while_its_counts_rise() -> None:
    turned = Turned()
    assert turned.watch.readiness().ready
    turned.now += STALLED_AFTER_S + 1
    stalled = turned.watch.readiness()
    assert (stalled.ready, "no progress" in stalled.detail) == (False, True)
    turned.status = replace(GOING, windows=5)
    assert turned.watch.readiness().ready


def test_trouble_and_an_ended_thread_make_it_unready() -> None:
    turned = Turned()
    turned.status = replace(GOING, trouble="pump: the disk is full")
    assert turned.watch.readiness().detail == "pump: the disk is full"
    turned.status = replace(GOING, alive=False)
    assert turned.watch.readiness().detail == "has ended; restart the service"


def test_what_it_counts_is_measured() -> None:
    turned = Turned()
    assert turned.watch.metrics() == {"rounds_total": 0, "windows_total": 0, "behind_seconds": 60, "caught_up": 0}
