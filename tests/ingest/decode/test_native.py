"""Native telemetry: what is accepted, and that all poison is refused with a reason and a way to mend it."""

import gzip
import json
import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from configs.plant import MachineId, SensorId
from ingest.decode.native import MAX_BYTES, NativeDecoder
from ingest.decode.native_rows import MAX_ROWS
from ingest.decode.time_window import TimeWindow
from ingest.operation import OperatingState
from ingest.reading import Message, Presence, Rejection, RejectionReason
from tests.fakes.plants import a_machine, a_plant, a_sensor, a_type
from tests.fakes.readings import NOON_NS, SECOND_NS, TOPIC, a_message, a_payload

DAY_NS = 86_400 * SECOND_NS
WINDOW = TimeWindow(past_ns=30 * DAY_NS, future_ns=300 * SECOND_NS)
NOON_MS = NOON_NS // 1_000_000
R = RejectionReason


def decode(payload: bytes, topic: str = TOPIC) -> Message | Presence | Rejection:
    return NativeDecoder(a_plant(), WINDOW).decode(topic, payload, NOON_NS)


def reading_set(payload: bytes) -> Message:
    decoded = decode(payload)
    assert isinstance(decoded, Message), decoded
    return decoded


def refused(payload: bytes, topic: str = TOPIC) -> Rejection:
    decoded = decode(payload, topic)
    assert isinstance(decoded, Rejection), decoded
    return decoded


def test_a_reading_set_is_decoded_whole() -> None:
    payload = a_payload(seq=17, values={"vib": 0.82, "temp": 41}, state="executing", job="A12")
    assert decode(payload) == a_message(
        seq=17,
        sensors=(SensorId("vib"), SensorId("temp")),
        values=((0.82, 41),),
        state=OperatingState.EXECUTING,
        job="A12",
    )


@pytest.mark.parametrize(
    "stamp",
    [
        "2026-11-25T00:00:00Z",
        "2026-11-25T09:00:00.000+09:00",
        "2026-11-24T19:00:00-05:00",
        "2026-11-25t00:00:00Z",
        NOON_MS,
    ],
)
def test_all_ways_to_write_an_instant_mean_the_same(stamp: object) -> None:
    assert reading_set(a_payload(ts=stamp)).event_times_ns == (NOON_NS,)


def test_fractions_of_a_second_are_kept_to_the_microsecond() -> None:
    at = "2026-11-25T00:00:00.123456789Z"
    assert reading_set(a_payload(ts=at)).event_times_ns == (NOON_NS + 123_456_000,)


def test_a_column_batch_is_one_row_an_instant() -> None:
    payload = a_payload(
        values=..., ts=..., t0=NOON_MS, dt_ms=500, columns={"vib": [1.0, None, 3.5], "temp": [20, 21, 22]}
    )
    message = reading_set(payload)
    assert message.event_times_ns == (NOON_NS, NOON_NS + SECOND_NS // 2, NOON_NS + SECOND_NS)
    assert message.values[0] == (1.0, 20)
    assert message.values[2] == (3.5, 22)
    assert math.isnan(message.values[1][0])
    assert message.values[1][1] == 21


def test_null_is_not_reported_and_zero_is() -> None:
    message = reading_set(a_payload(values={"vib": None, "temp": 0}))
    assert (message.sensors, message.values) == ((SensorId("temp"),), ((0,),))


def test_negative_zero_is_zero() -> None:
    payload = a_payload().replace(b"0.5", b"-0.0")
    assert reading_set(payload).values == ((0.0,),)


def test_a_number_that_would_vanish_is_refused() -> None:
    """What is not zero must not be stored as zero; a zero may be written in any way."""
    refused = decode(a_payload().replace(b"0.5", b"1e-999"))
    assert isinstance(refused, Rejection)
    assert (refused.reason, refused.seq) == (RejectionReason.NOT_A_NUMBER, 1)
    assert "too small a number" in refused.detail
    assert reading_set(a_payload().replace(b"0.5", b"0.0e-5")).values == ((0.0,),)
    assert reading_set(a_payload().replace(b"0.5", b"2.5E-3")).values == ((0.0025,),)


def test_a_state_alone_is_a_reading_set() -> None:
    message = reading_set(a_payload(values={}, state="off"))
    assert (message.values, message.state) == (((),), OperatingState.OFF)


def test_devices_without_sequence_numbers_are_taken() -> None:
    message = reading_set(a_payload(boot=..., seq=...))
    assert (message.boot, message.seq) == (None, None)


def test_a_message_may_name_its_own_machine() -> None:
    assert isinstance(decode(a_payload(machine="pump1", line="a", site="busan")), Message)


@pytest.mark.parametrize(("kind", "alive"), [("birth", True), ("death", False)])
def test_birth_and_last_will_tell_presence(kind: str, alive: bool) -> None:
    topic = f"yeji/v1/busan/a/pump1/{kind}"
    expected = Presence(
        stream="yeji/v1/busan/a/pump1", machine=MachineId("pump1"), alive=alive, received_time_ns=NOON_NS
    )
    assert decode(b"", topic) == expected


def test_the_units_of_the_sensors_may_be_stated() -> None:
    assert reading_set(a_payload(units={"vib": "mm/s"})).values == ((0.5,),)


def test_a_colon_in_a_text_is_no_repeated_member() -> None:
    assert reading_set(a_payload(job="A:12:3")).job == "A:12:3"
    assert reading_set(a_payload(job='say "A": 12')).job == 'say "A": 12'
    assert reading_set(json.dumps(json.loads(a_payload()), indent=2).encode()).seq == 1


POISON = {
    "empty": (b"", R.MALFORMED_JSON),
    "one zero byte": (b"\0", R.MALFORMED_JSON),
    "a megabyte of spaces": (b" " * 1_000_000, R.TOO_LARGE),
    "spaces": (b" " * 1_000, R.MALFORMED_JSON),
    "null": (b"null", R.NOT_A_READING_SET),
    "list": (b"[]", R.NOT_A_READING_SET),
    "empty object": (b"{}", R.UNKNOWN_VERSION),
    "true": (b"true", R.NOT_A_READING_SET),
    "text": (b'"x"', R.NOT_A_READING_SET),
    "number": (b"17", R.NOT_A_READING_SET),
    "cut JSON": (a_payload()[:-7], R.MALFORMED_JSON),
    "trailing comma": (a_payload()[:-1] + b",}", R.MALFORMED_JSON),
    "single quotes": (a_payload().replace(b'"', b"'"), R.MALFORMED_JSON),
    "two documents": (a_payload() * 2, R.MALFORMED_JSON),
    "BOM": (b"\xef\xbb\xbf" + a_payload(), R.MALFORMED_JSON),
    "UTF-16": (a_payload().decode().encode("utf-16"), R.MALFORMED_JSON),
    "UTF-32": (a_payload().decode().encode("utf-32"), R.MALFORMED_JSON),
    "bad UTF-8": (a_payload(job="x").replace(b'"x"', b'"\xff\xfe"'), R.MALFORMED_JSON),
    "lone surrogate": (a_payload(job="x").replace(b'"x"', b'"\\ud800"'), R.MALFORMED_JSON),
    "NUL in a text": (a_payload(job="a\0b"), R.NOT_A_READING_SET),
    "NaN": (a_payload().replace(b"0.5", b"NaN"), R.NOT_A_NUMBER),
    "-Infinity": (a_payload().replace(b"0.5", b"-Infinity"), R.NOT_A_NUMBER),
    "1e999": (a_payload().replace(b"0.5", b"1e999"), R.NOT_A_NUMBER),
    "5,000 digits": (a_payload().replace(b"0.5", b"9" * 5_000), R.NOT_A_NUMBER),
    "whole number beyond 2^53": (a_payload(values={"vib": 2**53 + 1}), R.NOT_A_NUMBER),
    "hexadecimal": (a_payload().replace(b"0.5", b"0x10"), R.MALFORMED_JSON),
    "underscored text": (a_payload(values={"vib": "1_0"}), R.NOT_A_NUMBER),
    "Arabic digits": (a_payload(values={"vib": "١٢"}), R.NOT_A_NUMBER),
    "bool as number": (a_payload(values={"vib": True}), R.NOT_A_NUMBER),
    "text as number": (a_payload(values={"vib": "0.5"}), R.NOT_A_NUMBER),
    "object as number": (a_payload(values={"vib": {}}), R.NOT_A_NUMBER),
    "nested 100,000": (b"[" * 100_000 + b"]" * 100_000, R.MALFORMED_JSON),
    "nested 1,000 in a value": (a_payload().replace(b"0.5", b"[" * 1_000 + b"]" * 1_000), R.NOT_A_NUMBER),
    "many members": (a_payload(values={f"s{i}": 1 for i in range(20_000)}), R.UNKNOWN_SENSOR),
    "a member twice": (a_payload()[:-1] + b',"seq":2}', R.MALFORMED_JSON),
    "a sensor twice": (a_payload().replace(b'"vib": 0.5', b'"vib": 0.5, "vib": 0.6'), R.MALFORMED_JSON),
    "a sensor twice, escaped": (a_payload().replace(b'"vib": 0.5', b'"vib": 0.5, "v\\u0069b": 0.6'), R.MALFORMED_JSON),
    "a sensor twice, hidden by a colon": (
        a_payload(job="x").replace(b'"x"', b'"\\u003a"').replace(b'"vib": 0.5', b'"vib": 0.5, "vib": 0.6'),
        R.MALFORMED_JSON,
    ),
    "__proto__": (a_payload(__proto__={"x": 1}), R.NOT_A_READING_SET),
    "unknown version": (a_payload(v=2), R.UNKNOWN_VERSION),
    "version as bool": (a_payload(v=True), R.UNKNOWN_VERSION),
    "missing seq": (a_payload(seq=...), R.BAD_SEQUENCE),
    "missing boot": (a_payload(boot=...), R.BAD_SEQUENCE),
    "boot with a slash": (a_payload(boot="../x"), R.BAD_SEQUENCE),
    "seq negative": (a_payload(seq=-1), R.BAD_SEQUENCE),
    "seq 2^63": (a_payload(seq=2**63), R.BAD_SEQUENCE),
    "seq as float": (a_payload(seq=1.0), R.BAD_SEQUENCE),
    "seq as bool": (a_payload(seq=True), R.BAD_SEQUENCE),
    "ts 1970": (a_payload(ts=0), R.TIME_WINDOW),
    "ts 2262": (a_payload(ts="2262-04-12T00:00:00Z"), R.TIME_WINDOW),
    "ts beyond all time": (a_payload(ts=10**300 // 1), R.BAD_TIME),
    "ts without zone": (a_payload(ts="2026-11-25T00:00:00"), R.BAD_TIME),
    "ts of no calendar": (a_payload(ts="2026-02-30T00:00:00Z"), R.BAD_TIME),
    "ts as text of a number": (a_payload(ts="1795564800000"), R.BAD_TIME),
    "ts missing": (a_payload(ts=...), R.BAD_TIME),
    "ts 6 minutes ahead": (a_payload(ts=NOON_MS + 360_000), R.TIME_WINDOW),
    "ts 9 hours ahead": (a_payload(ts=NOON_MS + 9 * 3_600_000), R.TIME_WINDOW),
    "ts 31 days behind": (a_payload(ts=NOON_MS - 31 * 86_400_000), R.TIME_WINDOW),
    "other device's id": (a_payload(machine="pump2"), R.IDENTITY_MISMATCH),
    "deeply nested id": (a_payload(machine="?").replace(b'"?"', b"[" * 1_000 + b"]" * 1_000), R.IDENTITY_MISMATCH),
    "deeply nested unit": (a_payload(units={"vib": "?"}).replace(b'"?"', b"[" * 1_000 + b"]" * 1_000), R.WRONG_UNIT),
    "other line": (a_payload(line="b"), R.IDENTITY_MISMATCH),
    "gzip": (gzip.compress(a_payload()), R.MALFORMED_JSON),
    "gzip bomb": (gzip.compress(b"0" * 10_000_000), R.MALFORMED_JSON),
    "unknown sensor": (a_payload(values={"vib": 1, "smell": 2}), R.UNKNOWN_SENSOR),
    "sensor with odd characters": (a_payload(values={"a,b=c d\n": 2}), R.UNKNOWN_SENSOR),
    "no values": (a_payload(values={}), R.NOT_A_READING_SET),
    "values as list": (a_payload(values=[1, 2]), R.NOT_A_READING_SET),
    "unknown state": (a_payload(state="asleep"), R.NOT_A_READING_SET),
    "state as number": (a_payload(state=1), R.NOT_A_READING_SET),
    "job too long": (a_payload(job="x" * 200), R.NOT_A_READING_SET),
    "wrong unit": (a_payload(units={"vib": "furlong"}), R.WRONG_UNIT),
    "unit of another sensor": (a_payload(units={"smell": "mm/s"}), R.WRONG_UNIT),
    "units as list": (a_payload(units=["mm/s"]), R.WRONG_UNIT),
    "values and columns": (a_payload(columns={"vib": [1]}, t0=NOON_MS, dt_ms=1), R.NOT_A_READING_SET),
    "columns empty": (a_payload(values=..., columns={}, t0=NOON_MS, dt_ms=1), R.NOT_A_READING_SET),
    "columns of different lengths": (
        a_payload(values=..., columns={"vib": [1], "temp": [1, 2]}, t0=NOON_MS, dt_ms=1),
        R.NOT_A_READING_SET,
    ),
    "columns of nothing": (a_payload(values=..., columns={"vib": []}, t0=NOON_MS, dt_ms=1), R.NOT_A_READING_SET),
    "columns of texts": (a_payload(values=..., columns={"vib": ["1"]}, t0=NOON_MS, dt_ms=1), R.NOT_A_NUMBER),
    "a column as number": (a_payload(values=..., columns={"vib": 1}, t0=NOON_MS, dt_ms=1), R.NOT_A_READING_SET),
    "too many rows": (
        a_payload(values=..., columns={"vib": [1] * (MAX_ROWS + 1)}, t0=NOON_MS, dt_ms=1),
        R.NOT_A_READING_SET,
    ),
    "dt_ms 0": (a_payload(values=..., columns={"vib": [1]}, t0=NOON_MS, dt_ms=0), R.BAD_TIME),
    "t0 missing": (a_payload(values=..., columns={"vib": [1]}, dt_ms=1), R.BAD_TIME),
    "columns reach into the future": (
        a_payload(values=..., columns={"vib": [1, 2]}, t0=NOON_MS, dt_ms=3_600_000),
        R.TIME_WINDOW,
    ),
    "too large": (a_payload(job="x" * MAX_BYTES), R.TOO_LARGE),
}


@pytest.mark.parametrize("name", POISON)
def test_poison_is_refused_with_its_reason_and_bytes(name: str) -> None:
    payload, reason = POISON[name]
    rejection = refused(payload)
    assert (rejection.reason, rejection.payload, rejection.topic) == (reason, payload, TOPIC)
    assert rejection.received_time_ns == NOON_NS
    assert rejection.detail.isprintable()
    assert len(rejection.detail) > 20


@pytest.mark.parametrize(
    ("topic", "reason"),
    [
        ("yeji/v1/busan/a/pump9/telemetry", R.UNKNOWN_MACHINE),
        ("yeji/v1/busan/b/pump1/telemetry", R.IDENTITY_MISMATCH),
        ("yeji/v1/seoul/a/pump1/telemetry", R.IDENTITY_MISMATCH),
        ("yeji/v1/busan/a/pump1", R.UNKNOWN_TOPIC),
        ("yeji/v2/busan/a/pump1/telemetry", R.UNKNOWN_TOPIC),
        ("yeji/v1/busan/a/pump1/gossip", R.UNKNOWN_TOPIC),
        ("yeji/v1/busan/a/../telemetry", R.UNKNOWN_TOPIC),
        ("yeji/v1/busan/a/pump1\n/telemetry", R.UNKNOWN_TOPIC),
        ("", R.UNKNOWN_TOPIC),
    ],
)
def test_a_topic_that_is_no_machines_is_refused(topic: str, reason: RejectionReason) -> None:
    rejection = refused(a_payload(), topic)
    assert (rejection.reason, rejection.stream) == (reason, None)


def test_the_number_of_a_refused_message_is_known() -> None:
    rejection = refused(a_payload(seq=7, values={"smell": 1}))
    assert (rejection.stream, rejection.boot, rejection.seq) == ("yeji/v1/busan/a/pump1", "b1", 7)


def test_a_replaced_sensor_set_is_the_machines_own() -> None:
    """A machine may have other sensors than its type."""
    plant = a_plant(a_machine("pump1", a_type(), sensors=(a_sensor("flow"),)))
    decoder = NativeDecoder(plant, WINDOW)
    assert isinstance(decoder.decode(TOPIC, a_payload(values={"flow": 1.0}), NOON_NS), Message)
    assert isinstance(decoder.decode(TOPIC, a_payload(values={"vib": 1.0}), NOON_NS), Rejection)


@given(st.binary(max_size=300))
def test_no_bytes_make_the_decoder_fail(payload: bytes) -> None:
    assert isinstance(decode(payload), Rejection)


@given(st.integers(0, len(a_payload()) - 1), st.binary(min_size=1, max_size=4))
def test_no_mutation_makes_the_decoder_fail(at: int, instead: bytes) -> None:
    payload = a_payload()
    assert isinstance(decode(payload[:at] + instead + payload[at + len(instead) :]), Message | Rejection)


_numbers = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**53), 2**53)


@given(
    values=st.dictionaries(st.sampled_from(["vib", "temp"]), _numbers, min_size=1),
    seq=st.integers(0, 2**63 - 1),
    behind_ms=st.integers(-300_000, 30 * 86_400_000),
)
def test_decoding_inverts_encoding(values: dict[str, float], seq: int, behind_ms: int) -> None:
    message = reading_set(a_payload(values=values, seq=seq, ts=NOON_MS - behind_ms))
    expected = a_message(
        seq=seq,
        event_times_ns=(NOON_NS - behind_ms * 1_000_000,),
        sensors=tuple(SensorId(name) for name in values),
        values=(tuple(values.values()),),
        state=None,
    )
    assert message == replace(expected)


def test_a_stated_unit_is_converted_into_the_sensors_own() -> None:
    assert reading_set(a_payload(units={"vib": "in/s"})).values == ((pytest.approx(12.7),),)
