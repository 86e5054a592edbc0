"""Plan, orders, stock, part lives, improvement and report can be used by everybody, on a phone and at a desk."""

import re

import pytest

from service.actor import SYSTEM, Role
from service.security.people import NewPerson, add_person
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
    "/terms",
)
TERMS = ("/terms", "/terms/sites/ansan", "/terms/machines/cnc-03", "/terms/parts/cnc_machining_centre.spindle_bearing")


@pytest.mark.parametrize(("language", "width"), [("ko", 390), ("en", 390), ("ko", 1280), ("en", 800)])
def test_pages_of_planning_are_accessible(site: Site, visit: Visit, language: str, width: int) -> None:
    visitor = visit(site, language=language, width=width)
    for path in PAGES:
        page = visitor.open(path)
        check(page)
        page.close()


@pytest.mark.parametrize(("language", "width"), [("ko", 390), ("en", 1280)])
def test_terms_are_accessible_to_who_may_change_them(fresh_site: Site, visit: Visit, language: str, width: int) -> None:
    engineer = NewPerson(name="park", display_name="Park", role=Role.ENGINEER)
    add_person(fresh_site.house.database, SYSTEM, engineer, now=fresh_site.house.now[0])
    visitor = visit(fresh_site, language=language, width=width, name="park")
    for path in TERMS:
        page = visitor.open(path)
        check(page)
        page.close()


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_monthly_report_prints_on_two_sheets_of_a4(site: Site, visit: Visit, language: str) -> None:
    page = visit(site, language=language).open("/reports/monthly")
    sheets = re.findall(rb"/MediaBox ?\[([^\]]*)\]", page.pdf(prefer_css_page_size=True))
    sizes = {tuple(round(float(edge)) for edge in sheet.split()[2:]) for sheet in sheets}
    assert (len(sheets), sizes) == (2, {(595, 842)})


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
