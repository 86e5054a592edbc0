"""What a person reads: the same times everywhere, charts with a table, and all of it without scripts too."""

import re

from playwright.sync_api import Response, expect

from tests.browser.conftest import Site, Visit
from tests.fakes.plain import plain

MOST_BYTES = 150_000


def test_times_are_those_of_the_site_wherever_the_browser_is(site: Site, visit: Visit) -> None:
    page = visit(site).open("/machines/cnc-03")
    expect(page.locator("#live .now")).to_contain_text(re.compile(r"11월.24일.?\(화\) 17:05"))
    axis = page.locator(".sensor").first
    axis.locator("canvas").wait_for()
    axis.locator(".as-table").click()
    newest = axis.locator("tbody th").first.inner_text()
    assert newest.startswith("2026-11-24 17:0")


def test_every_chart_can_be_read_as_a_table_and_taken_as_csv(site: Site, visit: Visit) -> None:
    page = visit(site).open("/machines/cnc-03")
    panel = page.locator(".sensor").first
    panel.locator("canvas").wait_for()
    button = panel.locator(".as-table")
    button.click()
    expect(button).to_have_attribute("aria-expanded", "true")
    expect(panel.locator("tbody tr").first).to_be_visible()
    button.click()
    expect(panel.locator(".table-place")).to_be_hidden()
    for link in (panel.locator("a.csv"), page.locator("#forecast a.csv")):
        answer = page.request.get(f"{site.address}{link.get_attribute('href')}")
        assert answer.status == 200
        assert answer.headers["content-type"].startswith("text/csv")
    page.locator("#forecast summary").click()
    expect(page.locator("#forecast tbody tr").first).to_be_visible()


def test_a_chart_draws_its_line_and_tints_the_hole(site: Site, visit: Visit) -> None:
    """The factory was silent for 40 minutes: the colour of a hole is in the picture, and so is that of the line."""
    page = visit(site).open("/machines/cnc-03")
    canvas = page.locator(".sensor canvas").first
    canvas.wait_for()
    colours = page.evaluate(
        """(canvas) => {
            const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
            const seen = {};
            for (let i = 0; i < data.length; i += 4) {
                if (data[i + 3] > 250) {
                    const name = `${data[i]},${data[i + 1]},${data[i + 2]}`;
                    seen[name] = (seen[name] ?? 0) + 1;
                }
            }
            return seen;
        }""",
        canvas.element_handle(),
    )
    assert colours.get("230,222,250", 0) > 500
    assert sum(count for name, count in colours.items() if near(name, (47, 93, 124))) > 100


def near(name: str, wanted: tuple[int, int, int]) -> bool:
    return all(abs(int(part) - aim) < 40 for part, aim in zip(name.split(","), wanted, strict=True))


def test_the_span_of_the_charts_can_be_chosen(site: Site, visit: Visit) -> None:
    page = visit(site).open("/machines/cnc-03")
    page.locator(".sensor canvas").first.wait_for()
    with page.expect_response(re.compile(r"/api/v1/readings\?")) as answer:
        page.get_by_role("button", name="30일").click()
    assert answer.value.status == 200
    expect(page.get_by_role("button", name="30일")).to_have_attribute("aria-pressed", "true")
    page.reload()
    expect(page.get_by_role("button", name="30일")).to_have_attribute("aria-pressed", "true")


def test_the_rest_of_the_charts_is_drawn_on_scrolling(site: Site, visit: Visit) -> None:
    page = visit(site).open("/machines/cnc-03")
    last = page.locator(".sensor").last
    expect(last.locator("canvas")).to_have_count(0)
    last.scroll_into_view_if_needed()
    last.locator("canvas").wait_for()


def test_the_machine_page_stays_small(site: Site, visit: Visit) -> None:
    visitor = visit(site)
    page = visitor.context.new_page()
    answers: list[Response] = []

    def keep(answer: Response) -> None:
        answers.append(answer)

    page.on("response", keep)
    page.goto(f"{site.address}/machines/cnc-03")
    page.locator(".sensor canvas").first.wait_for()
    sizes = [answer.request.sizes() for answer in answers if "/stream" not in answer.url]
    assert sum(size["responseBodySize"] for size in sizes) < MOST_BYTES


def test_without_scripts_the_pages_can_be_read(site: Site, visit: Visit) -> None:
    visitor = visit(site, scripts=False)
    page = visitor.open("/")
    assert "확인이 필요한 설비 6대" in page.locator("h1").inner_text()
    assert "11월 24일(화) 17:05 기준" in plain(page.locator("#live").inner_text())
    page.locator(".card a").first.click()
    assert "교체하세요" in page.locator(".sentence").inner_text()
    page.locator("#forecast summary").click()
    expect(page.locator("#forecast tbody tr").first).to_be_visible()
    assert page.locator(".sensor .value").first.inner_text() != "–"
    expect(page.locator(".ranges")).to_be_hidden()
    assert page.locator(".as-table").first.is_hidden()


def test_pages_print_without_their_buttons(site: Site, visit: Visit) -> None:
    page = visit(site).open("/cases")
    page.emulate_media(media="print")
    expect(page.locator(".case-do").first).to_be_hidden()
    expect(page.locator(".case-row .headline").first).to_be_visible()
