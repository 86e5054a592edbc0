"""The touch form on a phone: few taps, the connection may drop, each reading is stored once."""

from dataclasses import dataclass

from configs.instant import ns_of
from configs.plant import MachineId
from tests.browser.conftest import Site, Visit, Visitor
from tests.browser.test_accessibility import check
from tests.fakes.waiting import wait_until

PHONE = 390
MACHINES = ("cnc-01", "pump-02", "press-01")
EXPECTED_TROUBLES = ("ERR_INTERNET_DISCONNECTED", "409 (Conflict)")
"""What the browser logs of a lost connection, and of a request sent again by the next page while the first is at work."""


def stored(site: Site, machine: str, since_ns: int) -> dict[str, float]:
    return {
        last.sensor: last.value
        for last in site.house.store.last_values()
        if last.machine == machine and last.event_time_ns >= since_ns
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """How often the glass was touched, what was typed by (machine, sensor), and the rows that the store has of it."""

    taps: int
    values: dict[tuple[str, str], float]
    rows: int


def enter_twenty(site: Site, visitor: Visitor) -> Entered:
    """Type twenty readings of three machines, every other one unchanged, the second machine's without a connection.

    Every tap counts: on a digit, on another key, on store, and two for the choice of another machine.
    """
    since_ns = ns_of(site.house.now[0])
    page = visitor.open("/entry?machine=cnc-01")
    taps, entered = 0, {}
    for at, machine in enumerate(MACHINES):
        if at:
            page.select_option("#entry-machine", machine)
            page.wait_for_url(f"**/entry?machine={machine}")
            taps += 2
        visitor.context.set_offline(at == 1)
        rows = page.locator(".entry-row[data-kind=sensor]")
        wanted = min(rows.count(), 20 - len(entered))
        for number in range(wanted):
            row = rows.nth(number)
            keys = ["same"] if row.get_attribute("data-last") != "" and number % 2 else _digits(row)
            for key in keys:
                page.locator(f'.keypad [data-key="{key}"]').click()
            if row.get_attribute("aria-current") is not None and number + 1 < wanted:
                page.locator('.keypad [data-key="next"]').click()
                taps += 1
            taps += len(keys)
            entered[machine, str(row.get_attribute("data-id"))] = float(row.locator(".entry-value").inner_text())
        page.locator('.keypad [data-key="send"]').click()
        taps += 1
        if at == 1:
            page.locator("#entry-kept:visible").wait_for()
            assert stored(site, machine, since_ns) == {}
            visitor.context.set_offline(False)
            page.locator("#entry-kept:visible").wait_for(state="hidden")
    wait_until(lambda: all(stored(site, m, since_ns).get(s) == value for (m, s), value in entered.items()))
    visitor.troubles[:] = [each for each in visitor.troubles if not any(word in each for word in EXPECTED_TROUBLES)]
    series = [site.house.store.read_series(MachineId(name), since_ns, since_ns + 10**12) for name in MACHINES]
    return Entered(taps=taps, values=entered, rows=sum(each.event_times_ns.size for each in series))


def test_twenty_readings_take_at_most_sixty_taps_and_outlive_a_lost_connection(fresh_site: Site, visit: Visit) -> None:
    found = enter_twenty(fresh_site, visit(fresh_site, width=PHONE))
    assert (len(found.values), found.rows) == (20, len(MACHINES))
    assert found.taps <= 60


def _digits(row) -> list[str]:  # type: ignore[no-untyped-def]
    low, high = (float(row.get_attribute(name)) for name in ("data-usual-low", "data-usual-high"))
    places = int(row.get_attribute("data-decimals"))
    text = f"{(low + high) / 2:.{places}f}".replace(".", "").lstrip("0")
    return list(text or "0")


def test_an_impossible_value_is_refused_at_once_and_an_unusual_one_said(fresh_site: Site, visit: Visit) -> None:
    page = visit(fresh_site, width=PHONE, language="en").open("/entry?machine=cnc-01")
    row = page.locator('.entry-row[data-id="spindle_vib"]')
    row.click()
    for key in "999":
        page.locator(f'.keypad [data-key="{key}"]').click()
    assert row.get_attribute("data-standing") == "unusual"
    page.locator('.keypad [data-key="9"]').click()
    assert row.get_attribute("data-standing") == "impossible"
    page.locator('.keypad [data-key="send"]').click()
    assert row.get_attribute("data-standing") == "impossible"


def test_input_pages_are_accessible(site: Site, visit: Visit) -> None:
    for language in ("ko", "en"):
        for width in (PHONE, 1280):
            visitor = visit(site, language=language, width=width)
            for path in ("/entry?machine=cnc-01", "/tables", "/found"):
                page = visitor.open(path)
                check(page)
                page.close()


def test_a_preview_is_accessible_and_reads_without_scripts(fresh_site: Site, visit: Visit) -> None:
    log = "일시,진동,온도(℃),흔들림\n2026-11-24 09:00,1.5,52,1\n2026-11-24 10:00,고장,53,1\n"
    file = {"name": "원심펌프 2호기.csv", "mimeType": "text/csv", "buffer": log.encode()}
    for scripts in (True, False):
        page = visit(fresh_site, width=PHONE, scripts=scripts).open("/tables")
        page.set_input_files('input[type="file"]', file)
        page.locator("main button.primary").click()
        page.locator(".rejections").wait_for()
        if scripts:
            check(page)
