"""What deliveries come to: new, repeated, refused; and that a restart goes on as if there had been none."""

from dataclasses import replace

import pytest

from configs.plant import LifeUnit, MachineId
from ingest.decode.native import NativeDecoder
from ingest.intake import examination
from ingest.intake.examination import Examiner
from ingest.ports import Delivery
from ingest.reading import Presence, QualityFlag, RejectionReason
from tests.fakes.intake import an_examiner
from tests.fakes.plants import a_machine, a_plant, a_sensor, a_type
from tests.fakes.readings import NOON_NS, SECOND_NS, TOPIC, a_payload
from tests.fakes.store import MemoryStore


def deliver(payload: bytes, topic: str = TOPIC, received_ns: int = NOON_NS) -> Delivery:
    return Delivery(topic, payload, received_ns, (1, 1))


def numbered(seq: int, **members: object) -> Delivery:
    return deliver(
        a_payload(seq=seq, ts=NOON_NS // 1_000_000 + seq * 1000, **members), received_ns=NOON_NS + seq * SECOND_NS
    )


@pytest.fixture
def examiner() -> Examiner:
    return an_examiner(MemoryStore())


def test_new_messages_become_one_batch_per_equipment_type() -> None:
    kinds = (a_type("pump"), a_type("mill"))
    plant = a_plant(a_machine("pump1", kinds[0]), a_machine("mill1", kinds[1]), kinds=kinds)
    examined = an_examiner(MemoryStore(), plant).examine(
        [numbered(1), deliver(a_payload(), "yeji/v1/busan/a/mill1/telemetry"), numbered(2)]
    )
    found = {batch.equipment_type: batch.seqs.tolist() for batch in examined.batch.readings}
    assert found == {"pump": [1, 2], "mill": [1]}
    assert (examined.messages, examined.duplicates) == (3, 0)


def test_a_number_that_came_before_is_a_duplicate(examiner: Examiner) -> None:
    assert examiner.examine([numbered(1), numbered(1)]).duplicates == 1
    again = examiner.examine([numbered(1), numbered(2)])
    assert (again.duplicates, [ledger.highest for ledger in again.batch.ledgers]) == (1, [2])


def test_a_refused_message_counts_as_arrived(examiner: Examiner) -> None:
    examined = examiner.examine(
        [numbered(1), numbered(2, values={"smell": 1.0}), numbered(3), numbered(2, values={"x": 1})]
    )
    assert [r.reason for r in examined.batch.rejections] == [RejectionReason.UNKNOWN_SENSOR]
    assert [(ledger.highest, ledger.gaps) for ledger in examined.batch.ledgers] == [(3, ())]


def test_a_device_without_numbers_is_known_by_time_and_bytes(examiner: Examiner) -> None:
    plain = deliver(a_payload(boot=..., seq=...))
    other = deliver(a_payload(boot=..., seq=..., values={"vib": 0.6}))
    examined = examiner.examine([plain, plain, other])
    assert (examined.messages, examined.duplicates, len(examined.batch.fingerprints)) == (2, 1, 2)


def test_only_so_many_messages_without_numbers_are_remembered(
    examiner: Examiner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(examination, "REMEMBERED", 2)
    plain = [deliver(a_payload(boot=..., seq=..., values={"vib": float(i)})) for i in range(4)]
    assert examiner.examine(plain).messages == 4
    assert examiner.examine([plain[3], plain[0]]).messages == 1


def test_presence_is_told_and_not_stored(examiner: Examiner) -> None:
    examined = examiner.examine([deliver(b"", "yeji/v1/busan/a/pump1/birth")])
    assert [type(one) for one in examined.presences] == [Presence]
    assert (examined.batch.readings, examined.messages, examined.duplicates) == ((), 0, 0)


def test_a_message_that_we_fail_at_does_not_stop_the_others(
    examiner: Examiner, monkeypatch: pytest.MonkeyPatch
) -> None:
    decode = NativeDecoder.decode

    def failing(self: NativeDecoder, topic: str, payload: bytes, received_ns: int) -> object:
        if payload == b"bad luck":
            raise ZeroDivisionError
        return decode(self, topic, payload, received_ns)

    monkeypatch.setattr(NativeDecoder, "decode", failing)
    examined = examiner.examine([deliver(b"bad luck"), numbered(1)])
    assert (examined.messages, [r.reason for r in examined.batch.rejections]) == (1, [RejectionReason.NOT_UNDERSTOOD])


def test_states_quality_and_meters_come_with_the_batch(examiner: Examiner) -> None:
    examined = examiner.examine([numbered(1, values={"vib": 500.0}), numbered(37, state="idle")])
    (batch,) = examined.batch.readings
    assert batch.states.tolist() == ["executing", "idle"]
    assert batch.quality[0, 0] & QualityFlag.OUT_OF_RANGE
    assert [(meter.unit, round(meter.value, 6)) for meter in examined.batch.meters] == [
        (LifeUnit.OPERATING_HOURS, 0.01)
    ]


def test_a_restart_goes_on_from_the_last_commit() -> None:
    kind = a_type(sensors=(a_sensor("vib"), a_sensor("count", measurand="shots")))
    plant = a_plant(a_machine("pump1", kind), kinds=(kind,))
    stream = [numbered(seq, values={"vib": 2.0, "count": 10.0 * seq}) for seq in range(1, 200)]
    stream[60:120] = [numbered(seq, values={"vib": 2.0, "count": 1.0}, state="idle") for seq in range(61, 121)]

    def stored(*cuts: int) -> MemoryStore:
        store = MemoryStore()
        for start, end in zip((0, *cuts), (*cuts, len(stream)), strict=True):
            examiner = an_examiner(store, plant)
            store.commit(examiner.examine(stream[start:end]).batch)
        return store

    whole, cut = stored(), stored(40, 90)
    span = (MachineId("pump1"), NOON_NS, NOON_NS + 3600 * SECOND_NS)
    one, other = whole.read_series(*span), cut.read_series(*span)
    assert one.values.tolist() == other.values.tolist()
    assert one.states.tolist() == other.states.tolist()
    assert {m.unit: round(m.value, 6) for m in cut.meters()} == {m.unit: round(m.value, 6) for m in whole.meters()}
    assert [replace(ledger) for ledger in cut.load().ledgers] == list(whole.load().ledgers)


def test_a_number_in_an_unreadable_message_has_arrived(examiner: Examiner) -> None:
    torn = deliver(numbered(2).payload[:-9])
    examined = examiner.examine([numbered(1), torn, numbered(3)])
    assert [(r.reason, r.seq) for r in examined.batch.rejections] == [(RejectionReason.MALFORMED_JSON, 2)]
    assert [(ledger.highest, ledger.gaps) for ledger in examined.batch.ledgers] == [(3, ())]


def test_a_device_that_counts_anew_without_a_new_boot_is_told_so(examiner: Examiner) -> None:
    """Its numbers were used before: taken for repeats, its readings would vanish."""
    examiner.examine([numbered(seq) for seq in range(1, 6)])
    later = deliver(a_payload(seq=2, ts=NOON_NS // 1_000_000 + 60_000), received_ns=NOON_NS + 60 * SECOND_NS)
    examined = examiner.examine([later, numbered(3)])
    assert [r.reason for r in examined.batch.rejections] == [RejectionReason.BAD_SEQUENCE]
    assert "draw a new" in examined.batch.rejections[0].detail
    assert examined.duplicates == 1


def test_a_number_far_back_with_a_newer_time_is_a_new_count(examiner: Examiner) -> None:
    examiner.examine([numbered(20_000)])
    back = deliver(a_payload(seq=1, ts=NOON_NS // 1_000_000 + 20_001_000), received_ns=NOON_NS + 20_001 * SECOND_NS)
    assert [r.reason for r in examiner.examine([back]).batch.rejections] == [RejectionReason.BAD_SEQUENCE]
    near = deliver(
        a_payload(seq=19_999, ts=NOON_NS // 1_000_000 + 20_002_000), received_ns=NOON_NS + 20_002 * SECOND_NS
    )
    assert examiner.examine([near]).messages == 1


def test_our_own_canary_is_no_message(examiner: Examiner) -> None:
    examined = examiner.examine([deliver(b"canary", "yeji/v1/canary/yeji")])
    assert (examined.messages, examined.duplicates, examined.batch.rejections) == (0, 0, ())


def test_what_is_published_among_the_canaries_is_a_reading_to_a_plant_with_a_machine_there_alone() -> None:
    drill = a_plant(a_machine("drill-1", site="canary", line="yeji-drill"))
    delivery = deliver(a_payload(), "yeji/v1/canary/yeji-drill/drill-1/telemetry")
    assert an_examiner(MemoryStore(), drill).examine([delivery, deliver(b"canary", "yeji/v1/canary/x")]).messages == 1
    ours = an_examiner(MemoryStore()).examine([delivery])
    assert (ours.messages, ours.batch.rejections) == (0, ())
