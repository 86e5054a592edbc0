"""Sparkplug B as a host hears it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from configs.inputs import SparkplugDevice
from configs.plant import Plant
from ingest.decode.sparkplug import MAX_BYTES, HostRules, SparkplugDecoder
from ingest.decode.sparkplug_births import MAX_METRICS
from ingest.decode.sparkplug_topic import EdgeNode as Node
from ingest.decode.time_window import TimeWindow
from ingest.operation import OperatingState
from ingest.parcel import Parcel
from ingest.reading import Message, Presence, Rejection, RejectionReason
from tests.fakes.edge_nodes import (
    BOOLEAN,
    DOUBLE,
    INT32,
    NOON_MS,
    STRING,
    EdgeNode,
    Told,
    a_death,
    a_metric,
    a_payload,
)
from tests.fakes.plants import a_machine, a_plant, a_type
from tests.fakes.readings import NOON_NS, SECOND_NS

WINDOW = TimeWindow(past_ns=30 * 86_400 * SECOND_NS, future_ns=300 * SECOND_NS)
BUSAN = Node("busan", "gw1")
STREAM = "spBv1.0/busan/gw1"
VIB = a_metric("vib", 0.5, alias=1, datatype=DOUBLE)
TEMP = a_metric("temp", 40.0, alias=2, datatype=DOUBLE)


def a_host(plant: Plant | None = None) -> SparkplugDecoder:
    return SparkplugDecoder(plant or a_plant(), WINDOW, HostRules(reorder_s=2, ask_again_s=10))


def heard(host: SparkplugDecoder, said: tuple[str, bytes], at_ns: int = NOON_NS) -> Parcel:
    parcel = host.decode(*said, at_ns)
    assert isinstance(parcel, Parcel), parcel
    return parcel


def refused(host: SparkplugDecoder, said: tuple[str, bytes]) -> Rejection:
    rejection = host.decode(*said, NOON_NS)
    assert isinstance(rejection, Rejection), rejection
    assert (rejection.topic, rejection.payload) == said
    return rejection


def born(plant: Plant | None = None, *metrics: Told) -> tuple[SparkplugDecoder, EdgeNode]:
    """Return a host that has heard the births of an edge node and of its device pump1."""
    host, node = a_host(plant), EdgeNode()
    heard(host, node.birth())
    heard(host, node.device_birth("pump1", *(metrics or (VIB, TEMP))))
    return host, node


def only(parcel: Parcel) -> Message:
    assert parcel.rejections == ()
    (message,) = parcel.messages
    return message


def part(parcel: Parcel) -> Rejection:
    (rejection,) = parcel.rejections
    return rejection


def test_a_birth_is_a_reading_too() -> None:
    host, node = a_host(), EdgeNode(bd_seq=7)
    heard(host, node.birth())
    parcel = heard(host, node.device_birth("pump1", VIB, TEMP))
    assert parcel.presences == (Presence(stream=STREAM, machine="pump1", alive=True, received_time_ns=NOON_NS),)
    assert only(parcel) == Message(
        stream=STREAM,
        machine="pump1",
        boot=f"7-{NOON_MS + 1000}",
        seq=1,
        received_time_ns=NOON_NS,
        event_times_ns=((NOON_MS + 2000) * 1_000_000,),
        sensors=("vib", "temp"),
        values=((0.5, 40.0),),
        state=None,
        job=None,
    )


def test_data_is_read_by_alias_and_by_name() -> None:
    host, node = born()
    assert only(heard(host, node.data("pump1", a_metric(None, 0.7, alias=1)))).values == ((0.7,),)
    assert only(heard(host, node.data("pump1", a_metric("temp", 41.0)))).sensors == ("temp",)


def test_metrics_of_an_edge_node_are_of_the_machine_of_its_name() -> None:
    host, node = a_host(), EdgeNode(name="pump2")
    assert only(heard(host, node.birth(VIB))).machine == "pump2"
    assert only(heard(host, node.data(None, a_metric("vib", 0.9)))).values == ((0.9,),)


def test_a_metrics_own_time_counts_and_each_time_is_a_row() -> None:
    host, node = born()
    early, late = NOON_MS - 60_000, NOON_MS - 30_000
    message = only(
        heard(
            host,
            node.data(
                "pump1",
                a_metric(None, 0.7, alias=1, timestamp=late),
                a_metric(None, 0.6, alias=1, timestamp=early, is_historical=True),
                a_metric(None, 41.0, alias=2, timestamp=late),
            ),
        )
    )
    assert message.event_times_ns == (early * 1_000_000, late * 1_000_000)
    assert message.sensors == ("vib", "temp")
    assert message.values[1] == (0.7, 41.0)
    assert message.values[0][0] == 0.6


@pytest.mark.parametrize(
    ("told", "value"),
    [
        ({"datatype": 1, "int_value": 0xFF}, -1.0),
        ({"datatype": 2, "int_value": 0xFFFF_FFFE}, -2.0),
        ({"datatype": INT32, "int_value": 2**32 - 5}, -5.0),
        ({"datatype": 4, "long_value": 2**64 - 5}, -5.0),
        ({"datatype": INT32, "int_value": 7}, 7.0),
        ({"datatype": 7, "int_value": 2**32 - 1}, 2.0**32 - 1),
        ({"datatype": 7, "long_value": 9}, 9.0),
        ({"datatype": 9, "float_value": 0.5}, 0.5),
        ({"datatype": BOOLEAN, "boolean_value": True}, 1.0),
        ({"datatype": DOUBLE, "double_value": -0.25}, -0.25),
    ],
)
def test_every_kind_of_number_is_read(told: Told, value: float) -> None:
    host, node = a_host(), EdgeNode(name="pump1")
    assert only(heard(host, node.birth({"name": "vib"} | told))).values == ((value,),)


@pytest.mark.parametrize(
    ("metric", "reason", "says"),
    [
        (a_metric("vib", "hot", datatype=STRING), RejectionReason.NOT_A_NUMBER, "text 'hot'"),
        (a_metric("vib", float("nan"), datatype=DOUBLE), RejectionReason.NOT_A_NUMBER, "is_null"),
        (a_metric("vib", None, datatype=DOUBLE), RejectionReason.NOT_A_NUMBER, "no value"),
        (a_metric("vib", 3, datatype=13), RejectionReason.UNSUPPORTED_TYPE, "a time"),
        (a_metric("vib", None, datatype=17, bytes_value=b"x"), RejectionReason.UNSUPPORTED_TYPE, "bytes"),
        (a_metric("vib", 3, datatype=DOUBLE), RejectionReason.UNSUPPORTED_TYPE, "data type 10"),
        (a_metric("vib", None, datatype=19), RejectionReason.UNSUPPORTED_TYPE, "template"),
        (a_metric("state", "dancing", datatype=STRING), RejectionReason.NOT_A_READING_SET, "executing"),
        (a_metric("state", 1.0, datatype=DOUBLE), RejectionReason.UNSUPPORTED_TYPE, "String"),
        (a_metric("job", "x" * 200, datatype=STRING), RejectionReason.NOT_A_READING_SET, "128"),
        (a_metric("vib", 1.0, datatype=DOUBLE, timestamp=NOON_MS + 9_000_000), RejectionReason.TIME_WINDOW, "ahead"),
        (a_metric("vib", 1.0, datatype=DOUBLE, properties={"engUnit": "bar"}), RejectionReason.WRONG_UNIT, "'bar'"),
    ],
)
def test_a_metric_that_cannot_be_stored_is_refused_and_the_rest_is_kept(
    metric: Told, reason: RejectionReason, says: str
) -> None:
    host, node = a_host(), EdgeNode(name="pump1")
    parcel = heard(host, node.birth(metric, TEMP))
    assert part(parcel).reason is reason
    assert says in part(parcel).detail
    assert parcel.messages[0].sensors == ("temp",)


def test_refusals_of_one_message_are_one_dead_letter() -> None:
    host, node = a_host(), EdgeNode(name="pump1")
    bad = a_metric("vib", "hot", datatype=STRING)
    assert "1 more" in part(heard(host, node.birth(bad, a_metric("temp", "hot", datatype=STRING)))).detail


def test_a_stated_unit_is_converted() -> None:
    host, node = a_host(), EdgeNode(name="pump1")
    hot = a_metric("temp", 212.0, datatype=DOUBLE, properties={"engLow": 0.0, "engUnit": "°F"})
    assert only(heard(host, node.birth(hot))).values[0][0] == pytest.approx(100.0)
    assert only(heard(host, node.data(None, a_metric("temp", 32.0)))).values[0][0] == pytest.approx(0.0)


def test_null_and_bad_quality_are_not_reported() -> None:
    host, node = born()
    gone = a_metric(None, None, alias=1, is_null=True)
    bad = a_metric(None, 9.0, alias=1, properties={"Quality": 0})
    good = a_metric(None, 41.0, alias=2, properties={"Quality": 192, "other": 1})
    assert only(heard(host, node.data("pump1", gone, good))).sensors == ("temp",)
    assert heard(host, node.data("pump1", bad)).messages == ()


def test_state_and_job_are_told_by_metrics() -> None:
    host, node = a_host(), EdgeNode(name="pump1")
    message = only(heard(host, node.birth(a_metric("state", "idle"), a_metric("job", "A12"))))
    assert (message.state, message.job, message.values) == (OperatingState.IDLE, "A12", ((),))
    assert heard(host, node.data(None, a_metric("job", "A13"))).messages == ()


def test_a_birth_may_repeat_values_that_are_too_old() -> None:
    host, node = a_host(), EdgeNode(name="pump1")
    old = a_metric("vib", 1.0, datatype=DOUBLE, timestamp=NOON_MS - 40 * 86_400_000)
    assert heard(host, node.birth(old, TEMP)).rejections == ()
    assert part(heard(host, node.data(None, old))).reason is RejectionReason.TIME_WINDOW


def test_numbers_go_on_where_the_wire_wraps() -> None:
    host, node = born()
    seqs = [heard(host, node.data("pump1", a_metric(None, 0.1, alias=1))).seq for _ in range(600)]
    assert seqs == list(range(2, 602))


@given(st.permutations(range(8)))
def test_reordered_data_keeps_its_numbers(order: list[int]) -> None:
    host, node = born()
    said = [node.data("pump1", a_metric(None, float(i), alias=1)) for i in range(8)]
    found = {heard(host, said[i]).seq: i for i in order}
    assert found == {i + 2: i for i in range(8)}
    assert host.due(NOON_NS + 10 * SECOND_NS).rebirths == ()


def test_a_lost_message_is_waited_for_and_then_a_rebirth_is_asked_for() -> None:
    host, node = born()
    node.data("pump1", a_metric(None, 0.1, alias=1))
    heard(host, node.data("pump1", a_metric(None, 0.2, alias=1)))
    assert host.due(NOON_NS + 1 * SECOND_NS).rebirths == ()
    assert host.due(NOON_NS + 2 * SECOND_NS).rebirths == (BUSAN,)
    assert host.due(NOON_NS + 3 * SECOND_NS).rebirths == ()
    assert host.due(NOON_NS + 12 * SECOND_NS).rebirths == (BUSAN,)
    heard(host, node.birth())
    assert host.due(NOON_NS + 60 * SECOND_NS).rebirths == ()


def test_a_repeated_message_keeps_its_number() -> None:
    host, node = born()
    said = node.data("pump1", a_metric(None, 0.1, alias=1))
    assert heard(host, said).seq == heard(host, said).seq == 2


def test_a_repeated_birth_changes_nothing() -> None:
    host, node = a_host(), EdgeNode()
    birth = node.birth()
    heard(host, birth)
    heard(host, node.device_birth("pump1", VIB))
    assert heard(host, birth).seq == 0
    assert heard(host, node.data("pump1", a_metric(None, 0.1, alias=1))).seq == 2


def test_a_rebirth_is_a_new_boot_and_may_give_other_names() -> None:
    host, node = born()
    heard(host, node.birth())
    parcel = heard(host, node.device_birth("pump1", a_metric("temp", 1.0, alias=1)))
    assert parcel.boot == f"0-{NOON_MS + 3000}"
    assert only(heard(host, node.data("pump1", a_metric(None, 50.0, alias=1)))).sensors == ("temp",)


def test_data_without_a_birth_is_kept_and_a_rebirth_asked_for() -> None:
    host = a_host()
    rejection = refused(host, EdgeNode().data("pump1", a_metric(None, 0.1, alias=1)))
    assert rejection.reason is RejectionReason.NO_BIRTH
    assert "rebirth" in rejection.detail
    assert host.due(NOON_NS).rebirths == (BUSAN,)


def test_a_device_or_an_alias_without_a_birth_is_asked_for() -> None:
    host, node = born()
    assert part(heard(host, node.data("pump2", VIB))).reason is RejectionReason.NO_BIRTH
    stranger = heard(host, node.data("pump1", a_metric(None, 1.0, alias=9), a_metric(None, 0.3, alias=1)))
    assert part(stranger).reason is RejectionReason.NO_BIRTH
    assert stranger.messages[0].values == ((0.3,),)
    assert host.due(NOON_NS).rebirths == (BUSAN,)


def test_after_a_broken_connection_nothing_is_taken_by_old_names() -> None:
    host, node = born()
    host.begin_connection()
    assert host.due(NOON_NS).rebirths == (BUSAN,)
    assert refused(host, node.data("pump1", a_metric(None, 0.1, alias=1))).reason is RejectionReason.NO_BIRTH
    heard(host, node.birth())
    heard(host, node.device_birth("pump1", VIB))
    assert only(heard(host, node.data("pump1", a_metric(None, 0.1, alias=1)))).values == ((0.1,),)


def test_an_edge_node_that_counts_anew_without_a_birth_is_noticed() -> None:
    host, node = born()
    for _ in range(50):
        heard(host, node.data("pump1", a_metric(None, 0.1, alias=1)))
    node.seq = 1
    assert "counts anew" in refused(host, node.data("pump1", a_metric(None, 0.1, alias=1))).detail
    assert host.due(NOON_NS).rebirths == (BUSAN,)


def test_what_comes_behind_a_birth_and_is_older_is_refused() -> None:
    host, node = born()
    late = node.data("pump1", a_metric(None, 0.1, alias=1))
    older = node.birth()
    heard(host, node.birth())
    assert "before" in refused(host, late).detail
    assert "before" in refused(host, older).detail


def test_a_death_of_this_life_takes_all_machines_along() -> None:
    host, node = born()
    gone = heard(host, node.death())
    assert [(each.machine, each.alive) for each in gone.presences] == [("pump1", False)]
    assert refused(host, node.data("pump1", a_metric(None, 0.1, alias=1))).reason is RejectionReason.NO_BIRTH


def test_a_death_of_an_earlier_life_means_nothing() -> None:
    host, node = born()
    assert heard(host, ("spBv1.0/busan/NDEATH/gw1", a_death(99))).presences == ()
    heard(host, node.data("pump1", a_metric(None, 0.1, alias=1)))


def test_a_death_of_a_device_takes_that_machine_along() -> None:
    host, node = born()
    assert [each.alive for each in heard(host, node.device_death("pump1")).presences] == [False]
    assert heard(host, node.device_death("pump1")).presences == ()


def test_what_is_not_registered_is_seen() -> None:
    host, node = a_host(), EdgeNode()
    control = a_metric("Node Control/Rebirth", False, datatype=BOOLEAN)
    parcel = heard(host, node.birth(control, a_metric("rpm", 5, datatype=7, properties={"engUnit": "rpm"})))
    (seen,) = parcel.sightings
    assert (seen.machine, seen.known_machine, seen.sensor, seen.unit, seen.value) == ("gw1", None, "rpm", "rpm", 5.0)
    text = heard(host, node.device_birth("pump1", a_metric("note", "x", datatype=STRING))).sightings[0]
    assert (text.machine, text.known_machine, text.value) == ("pump1", "pump1", None)


def test_names_that_differ_are_typed_into_the_plant() -> None:
    typed = SparkplugDevice(
        group=None, edge_node="gw1", device="P-01", machine="pump2", metrics={"Motor/Vib": "vib", "Run": "state"}
    )
    host, node = a_host(replace(a_plant(), devices=(typed,))), EdgeNode()
    heard(host, node.birth())
    message = only(heard(host, node.device_birth("P-01", a_metric("Motor/Vib", 1.0), a_metric("Run", "off"))))
    assert (message.machine, message.sensors, message.state) == ("pump2", ("vib",), OperatingState.OFF)


def test_folders_may_name_machine_and_sensor() -> None:
    host, node = a_host(), EdgeNode()
    parcel = heard(
        host,
        node.birth(
            a_metric("Line A/pump1/vib", 1.0),
            a_metric("pump2/vib", 2.0),
            a_metric("pump2/state", "idle"),
            a_metric("pump2/other", 2.0),
        ),
    )
    assert [(m.machine, m.values, m.state) for m in parcel.messages] == [
        ("pump1", ((1.0,),), None),
        ("pump2", ((2.0,),), OperatingState.IDLE),
    ]
    assert [seen.sensor for seen in parcel.sightings] == ["pump2/other"]
    assert [(each.machine, each.alive) for each in heard(host, node.death()).presences] == [
        ("pump1", False),
        ("pump2", False),
    ]


def test_another_plant_gives_names_another_meaning() -> None:
    host, node = a_host(a_plant(a_machine("pump2"))), EdgeNode()
    heard(host, node.birth())
    heard(host, node.device_birth("pump1", VIB))
    host.replant(a_plant())
    assert only(heard(host, node.data("pump1", a_metric(None, 0.4, alias=1)))).machine == "pump1"


def a_table(columns: list[str], types: list[int], rows: list[list[object]]) -> bytes:
    from configs.sparkplug_schema import payload_type  # noqa: PLC0415 - built by hand here only

    payload = payload_type()(timestamp=NOON_MS + 9000, seq=2)
    metric = payload.metrics.add(name="log", datatype=16)
    metric.dataset_value.num_of_columns = len(columns)
    metric.dataset_value.columns.extend(columns)
    metric.dataset_value.types.extend(types)
    for row in rows:
        elements = metric.dataset_value.rows.add().elements
        for value in row:
            element = elements.add()
            if isinstance(value, int):
                element.long_value = value
            elif isinstance(value, float):
                element.double_value = value
    return bytes(payload.SerializeToString())


LOG = a_metric("log", None, datatype=16)


def test_a_data_set_is_a_table_of_readings() -> None:
    host, _ = born(None, VIB, TEMP, LOG)
    table = a_table(
        ["t", "vib", "other"],
        [13, 10, 10],
        [[NOON_MS, 1.0, 5.0], [NOON_MS + 500, 2.0, 6.0], [NOON_MS + 700, None, 1.0]],
    )
    message = only(heard(host, ("spBv1.0/busan/DDATA/gw1/pump1", table)))
    assert message.sensors == ("vib",)
    assert message.values == ((1.0,), (2.0,))
    assert message.event_times_ns == (NOON_NS, NOON_NS + 500_000_000)


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        (a_table(["vib"], [10, 10], [[1.0]]), RejectionReason.NOT_SPARKPLUG),
        (a_table(["vib"], [10], [[1.0, 2.0]]), RejectionReason.NOT_SPARKPLUG),
        (a_table(["vib"], [10], [[1.0], [2.0]]), RejectionReason.BAD_TIME),
    ],
)
def test_a_data_set_that_does_not_fit_together_is_refused(table: bytes, reason: RejectionReason) -> None:
    host, _ = born(None, VIB, TEMP, LOG)
    assert part(heard(host, ("spBv1.0/busan/DDATA/gw1/pump1", table))).reason is reason


def test_a_data_set_of_one_row_is_of_the_metrics_time() -> None:
    host, _ = born(None, VIB, TEMP, LOG)
    message = only(heard(host, ("spBv1.0/busan/DDATA/gw1/pump1", a_table(["vib"], [10], [[1.0]]))))
    assert message.event_times_ns == ((NOON_MS + 9000) * 1_000_000,)


@pytest.mark.parametrize(
    ("topic", "payload", "reason"),
    [
        ("spBv1.0/busan/DDATA/gw1/pump1", a_payload(VIB, seq=2)[:-3], RejectionReason.NOT_SPARKPLUG),
        (
            "spBv1.0/busan/DDATA/gw1/pump1",
            b"\x12\xff\xff\xff\x7f" + a_payload(VIB, seq=2),
            RejectionReason.NOT_SPARKPLUG,
        ),
        ("spBv1.0/busan/DDATA/gw1/pump1", b'{"value": 1}', RejectionReason.NOT_SPARKPLUG),
        ("spBv1.0/busan/DDATA/gw1/pump1", b"", RejectionReason.BAD_SEQUENCE),
        ("spBv1.0/busan/DDATA/gw1/pump1", a_payload(VIB, seq=256), RejectionReason.BAD_SEQUENCE),
        ("spBv1.0/busan/DDATA/gw1/pump1", b"\0" * (MAX_BYTES + 1), RejectionReason.TOO_LARGE),
        ("spBv1.0/busan/NBIRTH/gw9", a_payload(VIB, seq=3), RejectionReason.BAD_SEQUENCE),
        ("spBv1.0/busan/NBIRTH/gw9", a_payload(VIB, seq=0, ms=1), RejectionReason.TIME_WINDOW),
        ("spBv1.0/busan/NBIRTH/gw9", a_payload(a_metric(None, 1.0, alias=3), seq=0), RejectionReason.NOT_SPARKPLUG),
        (
            "spBv1.0/busan/NBIRTH/gw9",
            a_payload(a_metric("a", 1.0, alias=3), a_metric("b", 1.0, alias=3), seq=0),
            RejectionReason.NOT_SPARKPLUG,
        ),
        (
            "spBv1.0/busan/NBIRTH/gw9",
            a_payload(*(a_metric(f"m{i}", 1) for i in range(MAX_METRICS + 1)), seq=0),
            RejectionReason.TOO_LARGE,
        ),
        ("spBv1.0/busan/DDATA/gw1", a_payload(seq=2), RejectionReason.UNKNOWN_TOPIC),
        ("spBv1.0/busan/NDATA/gw1/pump1", a_payload(seq=2), RejectionReason.UNKNOWN_TOPIC),
        ("spBv1.0/busan/DANCE/gw1", a_payload(seq=2), RejectionReason.UNKNOWN_TOPIC),
        ("spBv1.0/busan/NDATA/", a_payload(seq=2), RejectionReason.UNKNOWN_TOPIC),
    ],
)
def test_poison_is_refused_with_its_reason_and_bytes(topic: str, payload: bytes, reason: RejectionReason) -> None:
    host, _ = born()
    assert refused(host, (topic, payload)).reason is reason


@given(st.binary(max_size=200))
def test_no_bytes_make_the_decoder_fail(payload: bytes) -> None:
    host, _ = born()
    for kind in ("NBIRTH", "NDEATH", "NDATA"):
        host.decode(f"spBv1.0/busan/{kind}/gw1", payload, NOON_NS)
    host.decode("spBv1.0/STATE/yeji", payload, NOON_NS)


def test_an_edge_node_without_bd_seq_is_taken_in() -> None:
    host = a_host(a_plant(a_machine("gw1", a_type())))
    parcel = heard(host, ("spBv1.0/busan/NBIRTH/gw1", a_payload(VIB, seq=0)))
    assert parcel.boot == f"n-{NOON_MS}"


def test_commands_are_not_for_us() -> None:
    assert heard(a_host(), ("spBv1.0/busan/NCMD/gw1", b"\xff")).messages == ()


@pytest.mark.parametrize(
    ("topic", "payload", "denied"),
    [
        ("spBv1.0/STATE/yeji", b'{"online": false, "timestamp": 1}', True),
        ("spBv1.0/STATE/yeji", b'{"online": true, "timestamp": 1}', False),
        ("spBv1.0/STATE/yeji", b"OFFLINE", False),
        ("spBv1.0/STATE/other", b'{"online": false, "timestamp": 1}', False),
    ],
)
def test_being_called_dead_is_noticed_once(topic: str, payload: bytes, denied: bool) -> None:
    host = a_host()
    heard(host, (topic, payload))
    assert host.due(NOON_NS).deny_death is denied
    assert host.due(NOON_NS).deny_death is False
