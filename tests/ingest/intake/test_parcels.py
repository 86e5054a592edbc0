"""Sparkplug, mapped JSON and waveforms on the road from delivery to commit."""

from dataclasses import replace

import numpy as np
import pytest

from configs.input_forms import read_mappings
from configs.plant import Plant
from ingest.intake.examination import Examined, Examiner
from ingest.ports import DeadLetter, Delivery
from ingest.reading import RejectionReason
from tests.fakes.edge_nodes import DOUBLE, EdgeNode, a_metric
from tests.fakes.intake import an_examiner
from tests.fakes.plants import a_machine, a_plant
from tests.fakes.readings import NOON_NS, SECOND_NS
from tests.fakes.store import MemoryStore
from tests.fakes.waveforms import a_listening_machine, a_tone, a_waveform_payload

VIB = a_metric("vib", 0.5, alias=1, datatype=DOUBLE)
WAVEFORM = "yeji/v1/busan/a/pump1/waveform"


def a_foreign_plant() -> Plant:
    mappings, _ = read_mappings([{"id": "flow", "like": "node_red_message"}], {})
    return replace(a_plant(a_listening_machine("pump1"), a_machine("pump2")), mappings=mappings)


def an_own_examiner() -> Examiner:
    return an_examiner(MemoryStore(), a_foreign_plant())


def examined(examiner: Examiner, *said: tuple[str, bytes], connection: int = 1) -> Examined:
    return examiner.examine([Delivery(topic, payload, NOON_NS, (connection, 0)) for topic, payload in said])


def stored(found: Examined) -> dict[str, float]:
    """Return the values of a batch by `machine/sensor`, those that are not reported left out."""
    return {
        f"{batch.machines[row]}/{sensor}": float(batch.values[row, column])
        for batch in found.batch.readings
        for row in range(len(batch.machines))
        for column, sensor in enumerate(batch.sensors)
        if not np.isnan(batch.values[row, column])
    }


def test_a_parcel_is_new_or_repeated_as_a_whole() -> None:
    examiner, node = an_own_examiner(), EdgeNode()
    birth = node.birth(a_metric("pump1/vib", 1.0), a_metric("pump2/vib", 2.0), a_metric("pump1/temp", "hot"))
    first = examined(examiner, birth)
    assert stored(first) == {"pump1/vib": 1.0, "pump2/vib": 2.0}
    assert [rejection.reason for rejection in first.batch.rejections] == [RejectionReason.NOT_A_NUMBER]
    again = examined(examiner, birth)
    assert (again.duplicates, again.messages, again.batch.readings, again.batch.rejections) == (1, 0, (), ())


def test_lost_sparkplug_messages_are_a_gap_with_its_range() -> None:
    examiner, node = an_own_examiner(), EdgeNode(name="pump1")
    said = [node.birth(VIB), *(node.data(None, a_metric(None, float(i), alias=1)) for i in range(300))]
    found = examined(examiner, *said[:100], *said[103:])
    (ledger,) = found.batch.ledgers
    assert (ledger.stream, ledger.highest) == ("spBv1.0/busan/pump1", 300)
    assert [gap[:2] for gap in ledger.gaps] == [(100, 102)]


def test_a_new_connection_makes_sessions_unsure() -> None:
    examiner, node = an_own_examiner(), EdgeNode(name="pump1")
    examined(examiner, node.birth(VIB))
    found = examined(examiner, node.data(None, a_metric(None, 1.0, alias=1)), connection=3)
    assert [rejection.reason for rejection in found.batch.rejections] == [RejectionReason.NO_BIRTH]
    assert [each.name for each in examiner.due(NOON_NS).rebirths] == ["pump1"]


def test_births_and_deaths_are_told() -> None:
    examiner, node = an_own_examiner(), EdgeNode(name="pump1")
    found = examined(examiner, node.birth(VIB), node.death())
    assert [each.alive for each in found.presences] == [True, False]


def test_a_mapped_message_counts_once() -> None:
    examiner = an_own_examiner()
    said = ("factory/pump2/vib", b'{"payload": 1.5, "timestamp": %d}' % (NOON_NS // 1_000_000))
    found = examined(examiner, said, said)
    assert (stored(found), found.messages, found.duplicates) == ({"pump2/vib": 1.5}, 1, 1)
    assert len(found.batch.fingerprints) == 1


def test_a_waveform_is_kept_and_becomes_readings_once() -> None:
    examiner = an_own_examiner()
    said = (WAVEFORM, a_waveform_payload(a_tone(100.0, 2.0)))
    found = examined(examiner, said, said)
    assert len(found.batch.waveforms) == 1
    assert stored(found)["pump1/drive_end_peak_to_peak"] == pytest.approx(4.0, rel=1e-3)
    assert found.duplicates == 1


def test_a_waveform_without_a_number_counts_once_too() -> None:
    examiner = an_own_examiner()
    said = (WAVEFORM, a_waveform_payload(a_tone(100.0, 2.0), boot=..., seq=...))
    assert examined(examiner, said, said).duplicates == 1


def test_what_is_not_registered_is_seen() -> None:
    examiner = an_own_examiner()
    found = examined(
        examiner,
        ("factory/mixer/rpm", b'{"payload": 7}'),
        ("yeji/v1/busan/a/pump1/telemetry", b'{"v": 1, "ts": 1795521600000, "values": {"smell": 2}}'),
    )
    assert [(seen.machine, seen.sensor, seen.value) for seen in found.sightings] == [
        ("mixer", "rpm", 7.0),
        ("pump1", "smell", 2.0),
    ]


def test_another_plant_keeps_what_births_told() -> None:
    examiner, node = an_examiner(MemoryStore(), a_plant(a_machine("pump2"))), EdgeNode(name="pump1")
    examined(examiner, node.birth(VIB))
    examiner.replant(a_foreign_plant(), MemoryStore().load())
    assert stored(examined(examiner, node.data(None, a_metric(None, 3.0, alias=1)))) == {"pump1/vib": 3.0}


def a_letter(topic: str, payload: bytes) -> DeadLetter:
    from configs.instant import utc_of_ns  # noqa: PLC0415

    at = utc_of_ns(NOON_NS + 5 * SECOND_NS)
    return DeadLetter(
        id="l1", topic=topic, payload=payload, reason="x", detail="x", first_seen=at, last_seen=at, count=1
    )


def test_letters_of_parcels_are_read_again_where_that_means_something() -> None:
    examiner, node = an_own_examiner(), EdgeNode(name="pump1")
    waveform = examiner.read_letter(a_letter(WAVEFORM, a_waveform_payload(a_tone(100.0, 2.0))))
    assert not isinstance(waveform, str)
    mapped = a_letter("factory/pump2/vib", b'{"payload": 1}')
    again = examiner.examine_again([mapped, a_letter("factory/pump2/vib", b'{"payload": "x"}')], "kim", NOON_NS)
    assert stored(replace_batch(again)) == {"pump2/vib": 1.0}
    assert "no number" in again.refused["l1"]
    assert "behind its birth" in str(examiner.read_letter(a_letter(*node.birth(VIB))))
    assert "birth or a death" in str(examiner.read_letter(a_letter("yeji/v1/busan/a/pump1/birth", b"")))


def replace_batch(again: object) -> Examined:
    return Examined(batch=again.batch, messages=0, duplicates=0, presences=())  # type: ignore[attr-defined]
