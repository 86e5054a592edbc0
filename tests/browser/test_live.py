"""What changes while a page is open: readings, cases, the connection itself."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Thread

import pytest
from playwright.sync_api import expect

from configs.plant import MachineId, SiteId
from service.live import ValueRow
from tests.browser.conftest import Site, Visit
from tests.fakes.waiting import wait_until

PLANT = SiteId("ansan")
SHOWN_WITHIN_S = 2.0


def say(site: Site, event: str, payload: object) -> None:
    site.house.services.live.publish(event, PLANT, payload)


def tick(site: Site, value: float | None = None) -> None:
    """Publish a tick: empty, or with a reading of the spindle's vibration a second in the future."""
    at = site.house.now[0] + timedelta(seconds=1)
    rows = [] if value is None else [ValueRow(MachineId("cnc-03"), "spindle_vib", value, at, 0)]
    say(site, "tick", {"at": at, "values": rows})


@contextmanager
def ticking(site: Site) -> Iterator[None]:
    """Let the service tick several times a second."""
    stopped = Event()

    def run() -> None:
        while not stopped.wait(0.2):
            tick(site)

    thread = Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join()


def test_a_new_reading_is_shown_within_two_seconds(site: Site, visit: Visit) -> None:
    page = visit(site).open("/machines/cnc-03")
    page.locator(".sensor canvas").first.wait_for()
    expect(page.locator("#live")).to_have_attribute("data-state", "live")
    started = time.monotonic()
    tick(site, 9.87)
    expect(page.locator('[data-sensor="spindle_vib"] .value')).to_have_text("9.87")
    assert time.monotonic() - started < SHOWN_WITHIN_S


def test_silence_is_told_by_the_pages_own_clock(site: Site, visit: Visit) -> None:
    page = visit(site).open("/")
    live = page.locator("#live")
    tick(site)
    expect(live).to_have_attribute("data-state", "live")
    page.evaluate("{ const real = performance.now.bind(performance); performance.now = () => real() + 6000; }")
    expect(live).to_have_attribute("data-state", "late")
    expect(live).to_contain_text("지연")
    page.evaluate("{ const real = performance.now.bind(performance); performance.now = () => real() + 10000; }")
    expect(live).to_have_attribute("data-state", "lost")
    expect(live).to_contain_text("연결 끊김 – 다시 연결 중")
    tick(site)
    expect(live).to_have_attribute("data-state", "live")


def test_eight_tabs_share_one_stream_and_the_next_takes_over(site: Site, visit: Visit) -> None:
    visitor, feed = visit(site), site.house.services.live
    before = feed.listener_count
    with ticking(site):
        tabs = [visitor.open("/") for _ in range(8)]
        for tab in tabs:
            expect(tab.locator("#live")).to_have_attribute("data-state", "live")
        wait_until(lambda: feed.listener_count == before + 1)
        leader = next(
            tab
            for tab in tabs
            if tab.evaluate(
                "import(document.querySelector('script[src$=\"page.js\"]').src).then((module) => module.stream.isLeading())"
            )
        )
        leader.close()
        rest = [tab for tab in tabs if tab is not leader]
        wait_until(lambda: feed.listener_count == before + 1)
        for tab in rest:
            expect(tab.locator("#live")).to_have_attribute("data-state", "live")


def test_a_new_case_refreshes_the_fleet_and_the_number_in_the_navigation(site: Site, visit: Visit) -> None:
    page = visit(site).open("/")
    expect(page.locator("#live")).to_have_attribute("data-state", "live")
    case = {"id": "x", "machine": "cnc-03", "severity": "critical", "state": "raised", "change": "raised"}
    with (
        page.expect_response(lambda answer: answer.url.endswith("/cases/waiting")),
        page.expect_response(lambda answer: answer.url == f"{site.address}/"),
    ):
        say(site, "case", case)


def test_news_never_moves_the_list_of_cases_under_a_finger(site: Site, visit: Visit) -> None:
    page = visit(site).open("/cases")
    expect(page.locator("#live")).to_have_attribute("data-state", "live")
    first = page.locator(".case-row").first.bounding_box()
    case = {"id": "x", "machine": "cnc-03", "severity": "critical", "state": "raised", "change": "raised"}
    say(site, "case", case)
    expect(page.locator("#fresh a")).to_have_text("새 소식 1건 보기")
    assert first is not None
    assert page.locator(".case-row").first.is_visible()


@pytest.mark.parametrize("path", ["/", "/machines/cnc-03"])
def test_a_page_survives_the_end_of_the_stream(fresh_site: Site, visit: Visit, path: str) -> None:
    page = visit(fresh_site).open(path)
    expect(page.locator("#live")).to_have_attribute("data-state", "live")
    feed = fresh_site.house.services.live
    feed._loop.call_soon_threadsafe(lambda: [listener.close() for listener in feed._listeners])  # type: ignore[union-attr]
    wait_until(lambda: feed.listener_count == 0)
    wait_until(lambda: feed.listener_count == 1)
    tick(fresh_site)
    expect(page.locator("#live")).to_have_attribute("data-state", "live")
