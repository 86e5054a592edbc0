"""The touch form on a phone, in headless Chromium: taps for twenty readings, and each stored once after a lost connection."""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import sync_playwright

from benchmarks.report import Bar, Sense
from tests.browser.conftest import FLAGS, Visitor, enter, serving
from tests.browser.test_entry import MACHINES, PHONE, enter_twenty
from tests.fakes.sample_factory import a_filled_house

READINGS = 20


def bars() -> list[Bar]:
    """Return what was measured; nothing holds where there is no Chromium."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        return [Bar(name="taps for 20 readings at 390 px", value=None, unit="taps", must=60)]
    with (
        TemporaryDirectory() as folder,
        a_filled_house(Path(folder)) as house,
        serving(house) as site,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        visitor = Visitor(context=browser.new_context(viewport={"width": PHONE, "height": 800}), site=site)
        enter(visitor, "kim")
        found = enter_twenty(site, visitor)
        browser.close()
    once = len(found.values) if found.rows == len(MACHINES) else 0
    return [
        Bar(name="taps for 20 readings at 390 px, every other one unchanged", value=found.taps, unit="taps", must=60),
        Bar(
            name="of them stored once, offline and back", value=once, unit="of 20", must=READINGS, sense=Sense.AT_LEAST
        ),
    ]
