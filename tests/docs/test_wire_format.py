"""The wire format is one thing: the page, the schema, what is taken in, and what devices of ours send, agree."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from configs.catalogue.load import load_catalogue
from configs.instant import ns_of
from configs.plant_file import parse_plant
from configs.units import unit_of
from ingest.decode.native import NativeDecoder
from ingest.decode.time_window import TimeWindow
from ingest.operation import OperatingState
from ingest.reading import Message, RejectionReason
from simulators.wire import encode_reading

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "wire-format.md").read_text(encoding="utf-8")
VALIDATOR = jsonschema_rs.validator_for(json.loads((DOCS / "telemetry.schema.json").read_text(encoding="utf-8")))
PLANT = parse_plant(
    """
    site = [{ id = "ansan", name = "a", time_zone = "Asia/Seoul" }]
    line = [{ id = "cutting", name = "c", site = "ansan" }]
    machine = [{ id = "mc-1", name = "m", line = "cutting", type = "cnc_machining_centre" }]
    """,
    load_catalogue(),
    "plant.toml",
)
MACHINE = PLANT.machines[0]
TOPIC = "yeji/v1/ansan/cutting/mc-1/telemetry"
NOW = datetime(2026, 11, 24, 8, 13, 5, 250_000, tzinfo=UTC)
DECODER = NativeDecoder(PLANT, TimeWindow(past_ns=30 * 86_400 * 10**9, future_ns=86_400 * 10**9))


def _is_taken_in(payload: bytes) -> bool:
    return isinstance(DECODER.decode(TOPIC, payload, ns_of(NOW)), Message)


_values = st.none() | st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**53), 2**53)
_sensors = st.sampled_from([sensor.id for sensor in MACHINE.sensors])
_moments = st.integers(-86_400_000, 0).map(lambda ms: NOW + timedelta(milliseconds=ms))
_instants = _moments.map(lambda at: ns_of(at) // 1_000_000) | _moments.map(lambda at: at.isoformat())
_units = st.dictionaries(_sensors, st.just("?"), max_size=2).map(
    lambda named: {name: next(s.unit for s in MACHINE.sensors if s.id == name) for name in named}
)
_optional = st.fixed_dictionaries(
    {},
    optional={
        "state": st.sampled_from([state.value for state in OperatingState]),
        "job": st.text(st.characters(codec="ascii", min_codepoint=32, max_codepoint=126), max_size=128),
        "units": _units,
        "machine": st.just("mc-1"),
        "line": st.just("cutting"),
        "site": st.just("ansan"),
    },
)
_identity = st.just({}) | st.builds(
    lambda boot, seq: {"boot": boot, "seq": seq},
    st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", fullmatch=True),
    st.integers(0, 2**63 - 1),
)


@st.composite
def _messages(draw: st.DrawFn) -> dict[str, Any]:
    head = {"v": 1} | draw(_identity) | draw(_optional)
    if draw(st.booleans()):
        least = 0 if "state" in head else 1
        return head | {"ts": draw(_instants), "values": draw(st.dictionaries(_sensors, _values, min_size=least))}
    rows = draw(st.integers(1, 5))
    columns = draw(st.dictionaries(_sensors, st.lists(_values, min_size=rows, max_size=rows), min_size=1))
    return head | {"t0": draw(_instants), "dt_ms": draw(st.integers(1, 60_000)), "columns": columns}


@given(_messages())
def test_what_the_schema_describes_is_taken_in(message: dict[str, Any]) -> None:
    payload = json.dumps(message).encode()
    assert [error.message for error in VALIDATOR.iter_errors(json.loads(payload))] == []
    assert _is_taken_in(payload)


@given(_messages(), st.data())
def test_what_lacks_a_required_member_is_refused_by_both(message: dict[str, Any], data: st.DataObject) -> None:
    required = ["v", "ts", "values"] if "ts" in message else ["v", "t0", "dt_ms", "columns"]
    del message[data.draw(st.sampled_from(required))]
    assert not VALIDATOR.is_valid(message)
    assert not _is_taken_in(json.dumps(message).encode())


@pytest.mark.parametrize(
    "member",
    [
        {"colour": "red"},
        {"v": 2},
        {"seq": 1},
        {"boot": "b"},
        {"boot": "b", "seq": -1},
        {"boot": "b", "seq": 1.5},
        {"boot": "b b", "seq": 1},
        {"ts": "2026-11-24T08:13:05"},
        {"ts": "24.11.2026"},
        {"ts": 1.5},
        {"values": {"spindle_vib": "0.8"}},
        {"values": {"spindle_vib": True}},
        {"values": {}},
        {"values": []},
        {"state": "running"},
        {"job": 7},
        {"units": ["mm/s"]},
        {"columns": {"spindle_vib": [1]}},
    ],
    ids=str,
)
def test_what_neither_knows_is_refused_by_both(member: dict[str, Any]) -> None:
    message = {"v": 1, "ts": "2026-11-24T08:13:05Z", "values": {"spindle_vib": 0.8}}
    assert VALIDATOR.is_valid(message)
    assert _is_taken_in(json.dumps(message).encode())
    assert not VALIDATOR.is_valid(message | member)
    assert not _is_taken_in(json.dumps(message | member).encode())


def test_the_examples_of_the_page_are_taken_in() -> None:
    examples = [text for text in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL) if '"v"' in text]
    assert len(examples) == 2
    for example in examples:
        assert VALIDATOR.is_valid(json.loads(example))
        assert _is_taken_in(example.encode())


@given(
    st.dictionaries(_sensors, st.floats(allow_nan=False, allow_infinity=False)),
    st.sampled_from([state.value for state in OperatingState]),
    st.none() | st.just("A12"),
)
def test_what_the_simulated_factory_sends_fits_the_schema(
    values: dict[str, float], state: str, job: str | None
) -> None:
    stamp = ns_of(NOW) // 1_000_000
    payload = encode_reading(boot="b19f", seq=3, ts_ms=stamp, values=values, state=state, job=job)
    assert VALIDATOR.is_valid(json.loads(payload))
    assert _is_taken_in(payload)


def test_the_page_names_every_reason_for_a_refusal() -> None:
    assert [reason.value for reason in RejectionReason if f"`{reason.value}`" not in PAGE] == []


def test_the_page_and_the_schema_name_every_state() -> None:
    schema = json.loads((DOCS / "telemetry.schema.json").read_text(encoding="utf-8"))
    states = [state.value for state in OperatingState]
    assert schema["properties"]["state"]["enum"] == [*states, None]
    assert [state for state in states if f"`{state}`" not in PAGE] == []


def test_the_units_that_the_page_names_convert() -> None:
    section = PAGE[PAGE.index("## Units") : PAGE.index("## History bundle")]
    named = [name for name in re.findall(r"`([^`]+)`", section) if name != "units" and not name.endswith(".py")]
    assert len(named) > 10
    assert [name for name in named if unit_of(name) is None] == []
