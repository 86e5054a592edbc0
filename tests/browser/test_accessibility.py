"""Every page can be used by everybody: WCAG 2.2 AA as far as axe can tell, targets for gloves, nothing cut."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.conftest import Site, Visit

WIDTHS = (390, 800, 1280)
PAGES = ("/", "/machines/cnc-03", "/cases")
FORMS = (
    "/machines/conveyor-02",
    "/machines/cnc-03/replacement?slot=spindle_bearing",
    "/machines/cnc-03/out-of-service",
)
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
SMALLEST = 44
FIND_SMALL = """() => [...document.querySelectorAll('button, .button, .top nav a, .tabs a, .tile, input, select, textarea, summary')]
    .filter((element) => element.offsetParent && !['hidden', 'radio', 'checkbox'].includes(element.type))
    .filter((element) => Math.min(element.getBoundingClientRect().height, element.getBoundingClientRect().width) < 43.5)
    .map((element) => element.outerHTML.slice(0, 90))"""
FIND_CUT = """() => [...document.querySelectorAll('body *')]
    .filter((element) => element.type !== 'file')  // browsers force an ellipsis upon a chosen file's name
    .filter((element) => getComputedStyle(element).textOverflow === 'ellipsis'
        || (element.children.length === 0 && element.scrollWidth > element.clientWidth + 1
            && getComputedStyle(element).overflowX !== 'visible' && element.clientWidth > 1))
    .map((element) => element.outerHTML.slice(0, 90))"""


def check(page: Page) -> None:
    violations = Axe().run(page, options=RULES).response["violations"]
    assert [(each["id"], [node["html"] for node in each["nodes"]][:3]) for each in violations] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]  # type: ignore[index]
    assert page.evaluate(FIND_SMALL) == []
    assert page.evaluate(FIND_CUT) == []


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("width", WIDTHS)
def test_pages_are_accessible(site: Site, visit: Visit, language: str, width: int) -> None:
    visitor = visit(site, language=language, width=width)
    for path in PAGES:
        page = visitor.open(path)
        if path.startswith("/machines"):
            page.locator("#fan canvas").wait_for()
        check(page)
        page.close()


@pytest.mark.parametrize("language", ["ko", "en"])
def test_forms_are_accessible_on_a_phone(site: Site, visit: Visit, language: str) -> None:
    visitor = visit(site, language=language, width=390)
    for path in FORMS:
        page = visitor.open(path)
        check(page)
        page.close()


@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_case_is_accessible(site: Site, visit: Visit, language: str) -> None:
    page = visit(site, language=language).open("/cases")
    page.locator(".case-row a.button").first.click()
    page.locator("h1").wait_for()
    check(page)


def test_the_door_is_accessible(site: Site, visit: Visit) -> None:
    visitor = visit(site)
    visitor.context.clear_cookies()
    page = visitor.open("/sign-in")
    check(page)


def test_the_page_can_be_used_by_keyboard_alone(site: Site, visit: Visit) -> None:
    page = visit(site).open("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.keyboard.press("Tab")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"


def test_forced_colours_keep_shapes_and_words(site: Site, visit: Visit) -> None:
    page = visit(site).open("/")
    page.emulate_media(forced_colors="active", reduced_motion="reduce")
    badge = page.locator(".card.critical .badge")
    assert badge.inner_text().strip() == "위험"
    assert badge.locator(".shape").bounding_box() is not None
