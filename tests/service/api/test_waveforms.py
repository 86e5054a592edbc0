"""Waveforms over the API, and what the machine page says of them."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from configs.instant import ns_of
from configs.measuring_points import Quantity
from configs.plant import SiteId
from ingest.waveform_features import Spectrum
from service.api.waveforms import thinned
from service.security.rights import Role
from tests.fakes.houses import MORNING, House, a_house
from tests.fakes.plants import a_machine, a_plant
from tests.fakes.readings import a_batch, an_intake_batch
from tests.fakes.waveforms import a_listening_machine, a_struck_bearing, a_tone, a_waveform

AT = ns_of(MORNING)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with a_house(tmp_path, a_plant(a_listening_machine(), a_machine("pump2"))) as opened:
        yield opened


def struck(**changes: object) -> object:
    rng = np.random.default_rng(11)
    samples = a_struck_bearing(Quantity.ENVELOPE_BPFI, rng, rotation_hz=25.0, snr_db=5)
    return a_waveform(samples, event_time_ns=AT, **changes)


def test_kept_waveforms_are_listed_newest_first(house: House) -> None:
    for hours in (3, 1, 2):
        house.services.waveforms.keep(a_waveform(event_time_ns=AT - hours * 3_600_000_000_000))
    answer = house.client().get("/api/v1/waveforms?machine=pump1&point=drive_end&limit=2").json()
    assert [item["at"][11:13] for item in answer["items"]] == [f"{(MORNING.hour - hours) % 24:02}" for hours in (1, 2)]


def test_a_spectrum_tells_the_defect_that_stands_out(house: House) -> None:
    house.services.waveforms.keep(struck())
    answer = house.client().get("/api/v1/waveforms/spectrum?machine=pump1&point=drive_end&max_points=500").json()
    assert [mark["quantity"] for mark in answer["marks"] if mark["stands_out"]] == ["envelope_bpfi"]
    assert len(answer["frequencies_hz"]) == len(answer["amplitudes"]) == 500
    assert (answer["kind"], answer["rotation_hz"], answer["length_s"]) == ("envelope", 25.0, 2.0)


def test_a_spectrum_of_the_acceleration_keeps_its_peaks(house: House) -> None:
    house.services.waveforms.keep(a_waveform(a_tone(400.0, 3.0), event_time_ns=AT))
    query = "machine=pump1&point=drive_end&kind=acceleration&max_points=50&up_to_hz=1000"
    answer = house.client().get(f"/api/v1/waveforms/spectrum?{query}").json()
    assert max(answer["amplitudes"]) == pytest.approx(3.0, rel=0.01)
    assert answer["frequencies_hz"][int(np.argmax(answer["amplitudes"]))] == 400.0
    assert answer["frequencies_hz"][-1] <= 1000


def test_a_spectrum_of_a_given_time_is_of_that_waveform(house: House) -> None:
    early = AT - 7_200_000_000_000
    house.services.waveforms.keep(a_waveform(event_time_ns=early))
    house.services.waveforms.keep(a_waveform(event_time_ns=AT))
    client = house.client()
    listed = client.get("/api/v1/waveforms?machine=pump1&point=drive_end").json()["items"]
    query = {"machine": "pump1", "point": "drive_end", "at": listed[1]["at"]}
    assert client.get("/api/v1/waveforms/spectrum", params=query).json()["at"] == listed[1]["at"]
    assert client.get("/api/v1/waveforms/spectrum", params=query | {"at": "2020-01-01T00:00:00Z"}).status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        "machine=pump1&point=other",
        "machine=pump1&point=drive_end",
        "machine=pump2&point=drive_end",
        "machine=x&point=y",
    ],
)
def test_what_is_not_there_is_said(house: House, query: str) -> None:
    assert house.client().get(f"/api/v1/waveforms/spectrum?{query}").status_code == 404


def test_other_sites_see_nothing(house: House) -> None:
    house.services.waveforms.keep(struck())
    stranger = house.client(Role.VIEWER, frozenset({SiteId("daegu")}))
    assert stranger.get("/api/v1/waveforms/spectrum?machine=pump1&point=drive_end").status_code == 404


def test_the_machine_page_says_what_stands_out(house: House) -> None:
    house.services.waveforms.keep(struck())
    page = house.client().get("/machines/pump1").text
    assert "Inner race of the bearing stands out at 135\u00a0Hz" in page
    assert "1,500 rpm" in page


@pytest.mark.parametrize(
    ("samples", "rotation_hz", "says"),
    [
        (None, None, "No waveform has come yet"),
        (a_tone(100.0, 1.0), None, "Type speed and bearing"),
        (np.random.default_rng(1).normal(size=25_600), 25.0, "Nothing stands out"),
    ],
)
def test_the_machine_page_says_why_nothing_is_found(
    house: House, samples: np.ndarray | None, rotation_hz: float | None, says: str
) -> None:
    if samples is not None:
        house.services.waveforms.keep(replace(a_waveform(samples, event_time_ns=AT), rotation_hz=rotation_hz))
    assert says in house.client().get("/machines/pump1").text


def test_values_of_waveforms_stand_under_the_spectrum_once_there_are_any(house: House) -> None:
    page = house.client().get("/machines/pump1").text
    assert "drive_end_kurtosis" not in page
    house.store.commit(an_intake_batch(a_batch(("pump1", AT, {"drive_end_kurtosis": 3.4}))))
    page = house.client().get("/machines/pump1").text
    assert "1 values computed from this waveform" in page
    assert 'data-sensor="drive_end_kurtosis"' in page


def test_values_of_waveforms_are_not_typed_in(house: House) -> None:
    form = house.client().get("/entry?machine=pump1").text
    assert 'data-id="vib"' in form
    assert "drive_end" not in form


def test_thinning_keeps_the_strongest_lines() -> None:
    lines = Spectrum(frequencies_hz=np.arange(10.0), amplitudes=np.array([0, 9, 1, 1, 8, 1, 1, 7, 1, 1.0]))
    assert thinned(lines, 9, 5).frequencies_hz.tolist() == [1, 2, 4, 7, 8]
    assert thinned(lines, 3.5, 5).frequencies_hz.tolist() == [0, 1, 2, 3]
