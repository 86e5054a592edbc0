"""What people do, in a real browser: with scripts, without, and two at once."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import Site, Visit


def test_acknowledging_changes_the_card_in_place(fresh_site: Site, visit: Visit) -> None:
    page = visit(fresh_site).open("/")
    card = page.locator(".card.critical")
    marker = page.evaluate("window.stayed = true")
    assert marker is True
    card.get_by_role("button", name="확인").click()
    expect(card).to_contain_text("kim 확인")
    expect(card.get_by_role("link", name="경보 보기")).to_be_visible()
    assert page.evaluate("window.stayed") is True


def test_of_two_people_the_second_sees_who_was_first(fresh_site: Site, visit: Visit) -> None:
    first, second = (visit(fresh_site, name=name).open("/") for name in ("kim", "park"))
    for page in (first, second):
        page.locator(".card.critical").get_by_role("button", name="확인").wait_for()
    first.locator(".card.critical").get_by_role("button", name="확인").click()
    expect(first.locator(".card.critical")).to_contain_text("kim 확인")
    second.locator(".card.critical").get_by_role("button", name="확인").click()
    expect(second.locator(".notice")).to_contain_text("이미 kim 님이 확인했습니다")
    expect(second.locator(".card.critical")).to_contain_text("kim 확인")


def test_without_scripts_the_forms_work_too(fresh_site: Site, visit: Visit) -> None:
    page = visit(fresh_site, scripts=False).open("/")
    page.locator(".card.critical").get_by_role("button").click()
    expect(page.locator(".card.critical")).to_contain_text("kim 확인")


def test_a_case_is_closed_in_three_taps(fresh_site: Site, visit: Visit) -> None:
    page = visit(fresh_site).open("/cases")
    page.locator(".case-row.critical a.button").click()
    page.get_by_text("예방 교체함").first.click()
    page.get_by_role("button", name="종결").click()
    expect(page.locator(".machine-head")).to_contain_text("종결")
    expect(page.locator(".timeline")).to_contain_text("종결함")


def test_a_part_is_replaced_from_the_machine_page(fresh_site: Site, visit: Visit) -> None:
    page = visit(fresh_site).open("/machines/cnc-03")
    page.locator(".actions").get_by_role("link", name="부품 교체").click()
    expect(page.locator("h1")).to_have_text("주축 베어링 교체 기록")
    page.get_by_text("계획 교체").click()
    page.get_by_role("button", name="교체 기록").click()
    page.wait_for_url(re.compile(r"/machines/cnc-03$"))
    expect(page.locator(".part", has_text="주축 베어링")).to_contain_text(re.compile(r"11월.24일.?\(화\) 설치"))


def test_the_language_changes_with_one_tap(fresh_site: Site, visit: Visit) -> None:
    page = visit(fresh_site).open("/machines/cnc-03")
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator(".sentence")).to_contain_text("Replace the spindle bearing by Fri")
    page.locator("#fan canvas").wait_for()
