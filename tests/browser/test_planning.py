"""Plan, orders, stock, part lives, improvement and report can be used by everybody, on a phone and at a desk."""

import pytest

from tests.browser.conftest import Site, Visit
from tests.browser.test_accessibility import check

PAGES = (
    "/plan",
    "/plan?by=part",
    "/orders",
    "/stock",
    "/stock/item?site=ansan&part_number=cnc_machining_centre.spindle_bearing",
    "/part-lives",
    "/improvement?part=cnc_machining_centre.spindle_bearing&since=2026-01-01",
    "/reports/monthly",
)


@pytest.mark.parametrize(("language", "width"), [("ko", 390), ("en", 390), ("ko", 1280), ("en", 800)])
def test_pages_of_planning_are_accessible(site: Site, visit: Visit, language: str, width: int) -> None:
    visitor = visit(site, language=language, width=width)
    for path in PAGES:
        page = visitor.open(path)
        check(page)
        page.close()


def test_a_life_is_opened_and_corrected_from_its_list(fresh_site: Site, visit: Visit) -> None:
    page = visit(fresh_site, width=390).open("/part-lives?machine=press-01")
    page.locator(".plain-rows a.button").first.click()
    page.locator("summary").first.click()
    check(page)
    page.locator('input[name="age_unknown"]').check()
    page.locator("form.fields button.primary").click()
    page.locator(".timeline").wait_for()
    check(page)


def test_an_order_is_recorded_and_received(fresh_site: Site, visit: Visit) -> None:
    page = visit(fresh_site).open("/orders")
    before = page.locator(".order").count()
    page.locator(".order form button.primary").first.click()
    page.locator("#coming").wait_for()
    assert page.locator(".order").count() == before - 1
    page.locator("#coming ~ ul form button:not(.plain)").first.click()
    page.locator(".budget").wait_for()
    assert page.locator("#coming").count() == 0
