"""The spectrum of a measuring point in a browser."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect

from configs.instant import ns_of
from configs.measuring_points import Quantity
from tests.browser.conftest import Site, Visit, serving
from tests.browser.test_accessibility import check
from tests.fakes.houses import MORNING, a_house
from tests.fakes.plants import a_plant
from tests.fakes.waveforms import a_listening_machine, a_struck_bearing, a_waveform


@pytest.fixture
def listening_site(tmp_path: Path) -> Iterator[Site]:
    samples = a_struck_bearing(Quantity.ENVELOPE_BPFO, np.random.default_rng(3), rotation_hz=25.0, snr_db=5)
    with a_house(tmp_path, a_plant(a_listening_machine())) as house, serving(house) as running:
        house.services.waveforms.keep(a_waveform(samples, event_time_ns=ns_of(MORNING)))
        yield running


@pytest.mark.parametrize("width", [390, 1280])
def test_a_spectrum_is_drawn_and_can_be_changed(listening_site: Site, visit: Visit, width: int) -> None:
    page = visit(listening_site, width=width).open("/machines/pump1")
    point = page.locator("section.point")
    point.scroll_into_view_if_needed()
    expect(point).to_contain_text("외륜 결함 성분이 89.6")
    expect(point.locator(".chart canvas")).to_be_visible()
    with page.expect_response("**/waveforms/spectrum?*kind=acceleration*") as told:
        point.get_by_role("button", name="가속도").click()
    assert told.value.ok
    expect(point.locator(".chart canvas")).to_be_visible()
    check(page)


def test_without_scripts_the_figures_are_a_table(listening_site: Site, visit: Visit) -> None:
    page = visit(listening_site, language="en", scripts=False).open("/machines/pump1")
    expect(page.locator("section.point table")).to_contain_text("Outer race ▲ stands out")
