"""JSON of other programs by mapping."""

from dataclasses import replace
from datetime import UTC, datetime

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from configs.input_forms import read_mappings
from configs.plant import Machine, Plant
from ingest.decode.mapping import MAX_BYTES, MAX_VALUES, MappingDecoder
from ingest.decode.time_window import TimeWindow
from ingest.operation import OperatingState
from ingest.parcel import Parcel
from ingest.reading import Message, Rejection
from ingest.reading import RejectionReason as R
from tests.fakes.plants import a_plant
from tests.fakes.readings import NOON_NS, SECOND_NS

WINDOW = TimeWindow(past_ns=30 * 86_400 * SECOND_NS, future_ns=300 * SECOND_NS)
NOON_MS = NOON_NS // 1_000_000
NOON = datetime.fromtimestamp(NOON_NS / 1e9, UTC)


PLAIN: dict[str, object] = {"topic": "f/{machine}/{sensor}", "value": [{"path": "$"}]}


def a_mapped_plant(*tables: dict[str, object]) -> Plant:
    plant = a_plant()
    machines: dict[str, Machine] = {machine.id: machine for machine in plant.machines}
    mappings, mistakes = read_mappings(
        [{"id": "m"} | ({} if "like" in table else PLAIN) | table for table in tables], machines
    )
    assert mistakes == ()
    return replace(plant, mappings=mappings)


def read(table: dict[str, object], topic: str, said: object) -> Parcel | Rejection:
    payload = said if isinstance(said, bytes) else orjson.dumps(said)
    return MappingDecoder(a_mapped_plant(table), WINDOW).decode(topic, payload, NOON_NS)


def parcel(table: dict[str, object], topic: str, said: object) -> Parcel:
    found = read(table, topic, said)
    assert isinstance(found, Parcel), found
    return found


def only(found: Parcel) -> Message:
    assert found.rejections == ()
    (message,) = found.messages
    return message


READY_MADE = [
    (
        {"like": "zigbee2mqtt"},
        "zigbee2mqtt/pump1",
        {"temp": 21.5, "vib": 1, "battery": 97, "linkquality": 120, "last_seen": NOON.isoformat()},
        {"temp": 21.5, "vib": 1.0},
        NOON_NS,
    ),
    (
        {"like": "tasmota", "machines": {"plug1": "pump1"}, "sensors": {"DS18B20_Temperature": "temp"}},
        "tele/plug1/SENSOR",
        {"Time": "2026-11-24T21:00:00", "DS18B20": {"Id": "01", "Temperature": 20.6}, "TempUnit": "C"},
        {"temp": 20.6},
        int(datetime(2026, 11, 24, 12, tzinfo=UTC).timestamp()) * SECOND_NS,
    ),
    (
        {"like": "umh"},
        "umh/v1/acme/busan/line1/pump1/_historian/vib",
        {"timestamp_ms": NOON_MS - 5, "value": 0.7},
        {"vib": 0.7},
        NOON_NS - 5_000_000,
    ),
    (
        {"like": "thingsboard_gateway", "sensors": {"temperature": "temp"}},
        "v1/gateway/telemetry",
        {"pump1": [{"ts": NOON_MS - 9, "values": {"temperature": 42}}]},
        {"temp": 42.0},
        NOON_NS - 9_000_000,
    ),
    (
        {"like": "thingsboard_gateway_now"},
        "v1/gateway/telemetry",
        {"pump1": [{"temp": 42, "ts": 1}]},
        {"temp": 42.0},
        NOON_NS,
    ),
    ({"like": "node_red_value"}, "factory/pump1/vib", b"0.82", {"vib": 0.82}, NOON_NS),
    ({"like": "node_red_value"}, "factory/pump1/vib", b'" 0.82 "', {"vib": 0.82}, NOON_NS),
    (
        {"like": "node_red_message"},
        "factory/pump1/vib",
        {"payload": "1.5", "topic": "x", "_msgid": "9", "timestamp": NOON_MS},
        {"vib": 1.5},
        NOON_NS,
    ),
]


@pytest.mark.parametrize(("table", "topic", "said", "values", "at_ns"), READY_MADE)
def test_ready_made_mappings_read_what_they_are_made_for(
    table: dict[str, object], topic: str, said: object, values: dict[str, float], at_ns: int
) -> None:
    decoder = MappingDecoder(a_mapped_plant(table), WINDOW)
    payload = said if isinstance(said, bytes) else orjson.dumps(said)
    received_ns = max(NOON_NS, at_ns)
    found = decoder.decode(topic, payload, received_ns)
    assert isinstance(found, Parcel)
    message = only(found)
    assert (message.machine, message.boot, message.seq) == ("pump1", None, None)
    assert dict(zip(message.sensors, message.values[0], strict=True)) == values
    assert message.event_times_ns == (at_ns,)


def test_many_machines_and_times_come_in_one_message() -> None:
    said = {
        "pump1": [{"ts": NOON_MS - 1, "values": {"vib": 1}}, {"ts": NOON_MS, "values": {"vib": 2}}],
        "pump2": [{"ts": NOON_MS, "values": {"vib": 3}}],
        "other": [{"ts": NOON_MS, "values": {"vib": 4}}],
    }
    found = parcel({"like": "thingsboard_gateway", "topic": "v1/gateway/telemetry"}, "v1/gateway/telemetry", said)
    assert [(m.machine, m.values) for m in found.messages] == [("pump1", ((1.0,), (2.0,))), ("pump2", ((3.0,),))]
    assert [(seen.machine, seen.known_machine, seen.sensor, seen.value) for seen in found.sightings] == [
        ("other", None, "vib", 4.0)
    ]


STATES = {"states": {"RUN": "executing", "1": "idle"}}


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ({"v": 1, "st": "RUN"}, OperatingState.EXECUTING),
        ({"v": 1, "st": 1}, OperatingState.IDLE),
        ({"v": 1, "st": "Off"}, OperatingState.OFF),
        ({"st": "off"}, OperatingState.OFF),
    ],
)
def test_a_state_is_told_by_its_path(said: object, state: OperatingState) -> None:
    table = {"topic": "f/{machine}", "state": "$.st", "value": [{"path": "$.v", "sensor": "vib"}]} | STATES
    assert only(parcel(table, "f/pump1", said)).state is state


def test_states_of_many_machines_are_told_by_named_members() -> None:
    table = {"topic": "plant", "state": "$.{machine}.st", "value": [{"path": "$.{machine}.{sensor}"}], "ignore": ["st"]}
    found = parcel(table | {"time": "$.at"}, "plant", {"pump1": {"st": "idle"}, "x": {"st": "idle"}, "at": NOON_MS - 1})
    assert [(m.machine, m.state, m.event_times_ns) for m in found.messages] == [
        ("pump1", OperatingState.IDLE, (NOON_NS - 1_000_000,))
    ]


def test_a_state_whose_machine_is_not_named_is_passed_over() -> None:
    table = {"topic": "plant", "state": "$.st", "value": [{"path": "$.{machine}.{sensor}"}]}
    assert parcel(table, "plant", {"pump1": {"vib": 1.0}, "st": "idle"}).messages[0].state is None


def test_a_word_for_a_state_that_nobody_listed_is_refused() -> None:
    table = {"topic": "f/{machine}", "state": "$.st", "value": [{"path": "$.v", "sensor": "vib"}]}
    found = parcel(table, "f/pump1", {"v": 1.0, "st": "가동"})
    assert found.rejections[0].reason is R.NOT_A_READING_SET
    assert found.messages[0].values == ((1.0,),)


def test_words_stand_for_numbers_and_names_may_be_put_together() -> None:
    table = {
        "topic": "f/{line}/{cell}",
        "machine": "{line}{cell}",
        "value": [{"path": "$.v", "sensor": "vib"}],
        "words": {"ON": 1.0, "OFF": 0.0},
    }
    assert only(parcel(table, "f/pump/2", {"v": "ON"})).values == ((1.0,),)
    assert only(parcel(table, "f/pump/2", {"v": True})).values == ((1.0,),)


@pytest.mark.parametrize("unit", ["degF", "{u}"])
def test_a_unit_is_converted(unit: str) -> None:
    path = "$.v" if unit == "degF" else "$.{u}"
    table = {"topic": "f/{machine}", "value": [{"path": path, "sensor": "temp", "unit": unit}]}
    said = {"v" if unit == "degF" else "degF": 212}
    assert only(parcel(table, "f/pump1", said)).values[0][0] == pytest.approx(100.0)


@pytest.mark.parametrize(
    ("stamp", "at_ns"),
    [
        (NOON_MS, NOON_NS),
        (float(NOON_MS), NOON_NS),
        (NOON_MS // 1000, NOON_NS),
        (NOON_MS / 1000 + 0.25, NOON_NS + 250_000_000),
        (NOON.isoformat(), NOON_NS),
        (NOON.replace(tzinfo=None).isoformat(), NOON_NS),
        (None, NOON_NS + 7),
    ],
)
def test_times_are_read_as_people_write_them(stamp: object, at_ns: int) -> None:
    table = {"time": "$.t", "time_zone": "UTC", "value": [{"path": "$.v"}]}
    decoder = MappingDecoder(a_mapped_plant(table), WINDOW)
    found = decoder.decode("f/pump1/vib", orjson.dumps({"v": 1, "t": stamp}), NOON_NS + 7)
    assert isinstance(found, Parcel)
    assert only(found).event_times_ns == (at_ns,)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"v": "hot"}, R.NOT_A_NUMBER),
        ({"v": [1]}, R.NOT_A_NUMBER),
        (b'{"v": 1e999}', R.MALFORMED_JSON),
        ({"v": "1e999"}, R.NOT_A_NUMBER),
        ({"v": 1, "t": "yesterday"}, R.BAD_TIME),
        ({"v": 1, "t": "2026-13-45T00:00:00"}, R.BAD_TIME),
        ({"v": 1, "t": [1]}, R.BAD_TIME),
        ({"v": 1, "t": 1}, R.TIME_WINDOW),
        ({"w": 1}, R.UNMAPPED),
        ([], R.UNMAPPED),
        (b"{", R.MALFORMED_JSON),
        (b'{"v": 1, "v": 2}', R.MALFORMED_JSON),
        (b" " * (MAX_BYTES + 1), R.TOO_LARGE),
    ],
)
def test_poison_is_refused_with_its_reason_and_bytes(said: object, reason: R) -> None:
    found = read({"time": "$.t", "value": [{"path": "$.v"}]}, "f/pump1/vib", said)
    (rejection,) = (found,) if isinstance(found, Rejection) else found.rejections
    assert rejection.reason is reason
    assert rejection.payload == (said if isinstance(said, bytes) else orjson.dumps(said))


def test_null_is_not_reported() -> None:
    assert parcel({"value": [{"path": "$.{k}", "sensor": "vib"}]}, "f/pump1/vib", {"v": None}).messages == ()


def test_a_unit_that_cannot_become_the_sensors_is_refused_and_the_rest_is_kept() -> None:
    table = {
        "topic": "f/{machine}",
        "value": [{"path": "$.a", "sensor": "temp", "unit": "bar"}, {"path": "$.b", "sensor": "vib"}],
    }
    found = parcel(table, "f/pump1", {"a": 1, "b": 2})
    assert found.rejections[0].reason is R.WRONG_UNIT
    assert found.messages[0].sensors == ("vib",)


def test_refusals_of_one_message_are_one_dead_letter() -> None:
    table = {"topic": "f/{machine}", "value": [{"path": "$.{sensor}"}]}
    found = parcel(table, "f/pump1", {"vib": "x", "temp": "y"})
    assert "1 more" in found.rejections[0].detail


def test_a_path_that_matches_everything_is_stopped() -> None:
    table = {"topic": "f/{machine}", "value": [{"path": "$[*]", "sensor": "vib"}]}
    found = read(table, "f/pump1", list(range(MAX_VALUES + 1)))
    assert isinstance(found, Rejection)
    assert "narrow its path" in found.detail


def test_what_is_not_registered_and_no_number_is_passed_over() -> None:
    found = parcel({"topic": "f/{machine}", "value": [{"path": "$.{sensor}"}]}, "f/pump1", {"note": "x", "rpm": 3})
    assert [(seen.sensor, seen.value, seen.known_machine) for seen in found.sightings] == [("rpm", 3.0, "pump1")]


def test_a_strangers_local_time_is_of_the_first_site() -> None:
    table = {"topic": "f/{machine}", "time": "$.t", "value": [{"path": "$.vib", "sensor": "vib"}]}
    at = datetime(2026, 11, 24, 21, tzinfo=UTC).replace(tzinfo=None).isoformat()
    (seen,) = (
        MappingDecoder(a_mapped_plant(table), TimeWindow(past_ns=10**18, future_ns=10**18))
        .decode("f/stranger", orjson.dumps({"vib": 1, "t": at}), NOON_NS)
        .sightings
    )  # type: ignore[union-attr]
    assert seen.event_time_ns == int(datetime(2026, 11, 24, 12, tzinfo=UTC).timestamp()) * SECOND_NS


def test_a_topic_without_a_mapping_is_not_read() -> None:
    decoder = MappingDecoder(a_mapped_plant({}), WINDOW)
    assert not decoder.reads("g/pump1/vib")
    assert decoder.reads("f/pump1/vib")
    found = decoder.decode("g/pump1/vib", b"1", NOON_NS)
    assert isinstance(found, Rejection)
    assert found.reason is R.UNKNOWN_TOPIC


DECODER = MappingDecoder(
    a_mapped_plant({"topic": "f/{machine}", "time": "$.t", "state": "$.s", "value": [{"path": "$.{sensor}"}]}), WINDOW
)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.integers(-(2**53), 2**53),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["vib", "t", "s", "x"]), inner, max_size=4)
    ),
    max_leaves=8,
)


@given(JSON)
def test_no_document_makes_the_decoder_fail(said: object) -> None:
    DECODER.decode("f/pump1", orjson.dumps(said), NOON_NS)
