"""Native waveforms."""

import base64

import numpy as np
import pytest

from ingest.decode.native import NativeDecoder
from ingest.decode.native_waveform import MAX_BYTES, MAX_POINTS
from ingest.decode.time_window import TimeWindow
from ingest.parcel import Parcel
from ingest.reading import Rejection
from ingest.reading import RejectionReason as R
from ingest.waveform import Waveform
from tests.fakes.plants import a_plant
from tests.fakes.readings import NOON_NS, SECOND_NS
from tests.fakes.waveforms import a_listening_machine, a_tone, a_waveform_payload

TOPIC = "yeji/v1/busan/a/pump1/waveform"
WINDOW = TimeWindow(past_ns=30 * 86_400 * SECOND_NS, future_ns=300 * SECOND_NS)
TONE = a_tone(100.0, 1.0)


def read(payload: bytes, **point: object) -> Parcel | Rejection:
    found = NativeDecoder(a_plant(a_listening_machine(**point)), WINDOW).decode(TOPIC, payload, NOON_NS)
    assert isinstance(found, Parcel | Rejection)
    return found


def waveform(payload: bytes, **point: object) -> Waveform:
    found = read(payload, **point)
    assert isinstance(found, Parcel), found
    (own,) = found.waveforms
    return own


def test_a_waveform_is_read() -> None:
    found = read(a_waveform_payload(TONE))
    assert isinstance(found, Parcel)
    assert (found.stream, found.boot, found.seq) == ("yeji/v1/busan/a/pump1", "b1", 1)
    own = found.waveforms[0]
    assert (own.machine, own.point, own.event_time_ns) == ("pump1", "drive_end", NOON_NS)
    assert (own.rate_hz, own.rotation_hz, own.length_s) == (25_600.0, 25.0, 1.0)
    assert np.array_equal(own.acceleration_m_s2, TONE.astype(np.float32))


def test_the_unit_becomes_m_s2() -> None:
    assert float(waveform(a_waveform_payload(np.ones(25_600), unit="g")).acceleration_m_s2[0]) == pytest.approx(9.80665)


def test_without_a_speed_the_points_own_counts() -> None:
    assert waveform(a_waveform_payload(TONE, rpm=...), rpm=1200.0).rotation_hz == 20.0
    assert waveform(a_waveform_payload(TONE, rpm=...)).rotation_hz is None


@pytest.mark.parametrize(
    ("changes", "reason", "says"),
    [
        ({"fs_hz": 1}, R.BAD_WAVEFORM, '"fs_hz" is 1; it must be 2560 to 1e+06'),
        ({"fs_hz": True}, R.BAD_WAVEFORM, "fs_hz"),
        ({"fs_hz": ...}, R.BAD_WAVEFORM, "fs_hz"),
        ({"fs_hz": 1_000_000}, R.BAD_WAVEFORM, "a waveform lasts 0.1 to 60 s"),
        ({"rpm": "fast"}, R.BAD_WAVEFORM, "rpm"),
        ({"sensor": "other"}, R.UNKNOWN_SENSOR, "[machine.waveforms.<sensor>]"),
        ({"sensor": ...}, R.UNKNOWN_SENSOR, "no waveform a NoneType"),
        ({"unit": "mm/s"}, R.WRONG_UNIT, "acceleration"),
        ({"unit": ...}, R.WRONG_UNIT, "acceleration"),
        ({"samples": 1}, R.BAD_WAVEFORM, "base64"),
        ({"samples": "***"}, R.BAD_WAVEFORM, "not base64"),
        ({"samples": ""}, R.BAD_WAVEFORM, "0 bytes"),
        ({"samples": base64.b64encode(b"12345").decode()}, R.BAD_WAVEFORM, "5 bytes"),
        ({"samples": base64.b64encode(np.full(25_600, np.nan, "<f4").tobytes()).decode()}, R.NOT_A_NUMBER, "NaN"),
        (
            {"samples": base64.b64encode(np.full(25_600, 3e38, "<f4").tobytes()).decode(), "unit": "g"},
            R.NOT_A_NUMBER,
            "too large",
        ),
        ({"extra": 1}, R.NOT_A_READING_SET, "unknown member extra"),
        ({"machine": "pump2"}, R.IDENTITY_MISMATCH, "pump2"),
        ({"ts": "noon"}, R.BAD_TIME, "RFC 3339"),
        ({"ts": NOON_NS // 1_000_000 + 900_000}, R.TIME_WINDOW, "ahead"),
        ({"v": 2}, R.UNKNOWN_VERSION, "v"),
    ],
)
def test_a_waveform_that_cannot_be_used_is_refused_in_one_line(
    changes: dict[str, object], reason: R, says: str
) -> None:
    rejection = read(a_waveform_payload(TONE, **changes))
    assert isinstance(rejection, Rejection)
    assert rejection.reason is reason
    assert says in rejection.detail
    assert "\n" not in rejection.detail


@pytest.mark.parametrize("points", [MAX_POINTS + 1, MAX_POINTS + 8, 10_000_000])
def test_a_waveform_of_too_many_points_is_refused(points: int) -> None:
    rejection = read(a_waveform_payload(np.zeros(points, np.float32)))
    assert isinstance(rejection, Rejection)
    assert rejection.reason is R.TOO_LARGE
    assert f"at most {MAX_POINTS if points < MAX_BYTES else MAX_BYTES}" in rejection.detail


def test_the_number_of_a_refused_waveform_is_known() -> None:
    rejection = read(a_waveform_payload(TONE, fs_hz=1, seq=19))
    assert isinstance(rejection, Rejection)
    assert (rejection.boot, rejection.seq) == ("b1", 19)
