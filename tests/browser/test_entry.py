"""The touch form on a phone: few taps, the connection may drop, each reading is stored once."""

from configs.instant import ns_of
from configs.plant import MachineId
from tests.browser.conftest import Site, Visit
from tests.browser.test_accessibility import check
from tests.fakes.waiting import wait_until

PHONE = 390


def stored(site: Site, machine: str, since_ns: int) -> dict[str, float]:
    return {
        last.sensor: last.value
        for last in site.house.store.last_values()
        if last.machine == machine and last.event_time_ns >= since_ns
    }


def test_twenty_readings_take_at_most_sixty_taps_and_outlive_a_lost_connection(fresh_site: Site, visit: Visit) -> None:
    """Every tap counts: on a row, on a digit, on another key, on store, and the choice of another machine."""
    visitor = visit(fresh_site, width=PHONE)
    since_ns = ns_of(fresh_site.house.now[0])
    page = visitor.open("/entry?machine=cnc-01")
    taps, entered = 0, {}
    for at, machine in enumerate(("cnc-01", "pump-02", "press-01")):
        if at:
            page.select_option("#entry-machine", machine)
            page.wait_for_url(f"**/entry?machine={machine}")
            taps += 2
        if at == 1:
            visitor.context.set_offline(True)
        rows = page.locator(".entry-row[data-kind=sensor]")
        wanted = rows.count() if at < 2 else 20 - len(entered)
        for number in range(wanted):
            row = rows.nth(number)
            is_known = row.get_attribute("data-last") != ""
            keys = ["same"] if is_known and number % 2 else _digits(row)
            for key in keys:
                page.locator(f'.keypad [data-key="{key}"]').click()
                taps += 1
            if row.get_attribute("aria-current") is not None and number + 1 < wanted:
                page.locator('.keypad [data-key="next"]').click()
                taps += 1
            entered[machine, str(row.get_attribute("data-id"))] = float(row.locator(".entry-value").inner_text())
        page.locator('.keypad [data-key="send"]').click()
        taps += 1
        if at == 1:
            page.locator("#entry-kept:visible").wait_for()
            assert stored(fresh_site, machine, since_ns) == {}
            visitor.context.set_offline(False)
            page.locator("#entry-kept:visible").wait_for(state="hidden")
    assert len(entered) == 20
    print(f"taps: {taps}")
    assert taps <= 60
    wait_until(lambda: all(stored(fresh_site, m, since_ns).get(s) == value for (m, s), value in entered.items()))
    for machine in ("cnc-01", "pump-02", "press-01"):
        series = fresh_site.house.store.read_series(MachineId(machine), since_ns, since_ns + 10**12)
        assert series.event_times_ns.size == 1
    visitor.troubles[:] = [each for each in visitor.troubles if "ERR_INTERNET_DISCONNECTED" not in each]


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
