"""What a handful of deliveries comes to: what is new, how good it is, what the meters gain, what is refused."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from configs.plant import EquipmentTypeId, MachineId, Plant
from ingest.decode.native import Decoded, NativeDecoder, TimeWindow
from ingest.intake.assembly import assemble
from ingest.meter import MeterMemory, MeterProfile, MeterState, advance, blank_meters, profile_meters
from ingest.operation import OperatingState
from ingest.ports import Delivery, Fingerprint, IntakeBatch, IntakeState
from ingest.quality import QualityMemory, QualityRules, TypeProfile, blank_memory, judge, profile_type, resolve_states
from ingest.reading import Message, Presence, ReadingBatch, Rejection, RejectionReason
from ingest.sequence_ledger import LedgerBook, StreamLedger, observe, open_ledger

REMEMBERED = 2_000
"""Messages without sequence numbers that are remembered per stream: twice what a broker has in flight."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """What is to be committed, with the counts behind it."""

    batch: IntakeBatch
    messages: int
    duplicates: int
    presences: tuple[Presence, ...]


@dataclass(slots=True)
class _TypeDesk:
    """Where the machines of one equipment type stand."""

    profile: TypeProfile
    memory: QualityMemory
    meter_profile: MeterProfile
    meter_memory: MeterMemory


class Examiner:
    """Decodes, sorts out duplicates, judges and counts, message by message and batch by batch.

    It remembers where everything stands, so what it has examined must be committed, however long that takes.

    Parameters
    ----------
    plant
        The machines that may report.
    window
        Where live event times may lie.
    rules
        How quality is judged.
    state
        Where everything stood at the last commit.
    """

    def __init__(self, plant: Plant, window: TimeWindow, rules: QualityRules, state: IntakeState) -> None:
        self._decoder = NativeDecoder(plant, window)
        self._types = {machine.id: machine.equipment_type for machine in plant.machines}
        self._ledgers = LedgerBook(state.ledgers)
        self._fingerprints: dict[str, dict[Fingerprint, None]] = {}
        for fingerprint in state.fingerprints:
            self._fingerprints.setdefault(fingerprint[0], {})[fingerprint] = None
        self._desks = {kind.id: _desk(plant, kind.id, rules, state) for kind in plant.equipment_types}

    def examine(self, deliveries: Sequence[Delivery]) -> Examined:
        """Return what deliveries, in order of arrival, come to."""
        messages: list[Message] = []
        rejections: list[Rejection] = []
        presences: list[Presence] = []
        touched: dict[tuple[str, str], StreamLedger] = {}
        fingerprints: list[Fingerprint] = []
        for delivery in deliveries:
            decoded = self._decode(delivery)
            if isinstance(decoded, Presence):
                presences.append(decoded)
            elif not self._is_new(decoded, delivery, touched, fingerprints):
                continue
            elif isinstance(decoded, Message):
                messages.append(decoded)
            else:
                rejections.append(decoded)
        readings, meters = self._judged(messages)
        batch = IntakeBatch(
            readings=readings,
            rejections=tuple(rejections),
            ledgers=tuple(touched.values()),
            meters=meters,
            fingerprints=tuple(fingerprints),
        )
        duplicates = len(deliveries) - len(messages) - len(rejections) - len(presences)
        return Examined(batch=batch, messages=len(messages), duplicates=duplicates, presences=tuple(presences))

    def _decode(self, delivery: Delivery) -> Decoded:
        try:
            return self._decoder.decode(delivery.topic, delivery.payload, delivery.received_time_ns)
        except Exception as error:  # noqa: BLE001 - a message that we fail at must not stop the ones behind it
            return Rejection(
                topic=delivery.topic,
                payload=delivery.payload,
                received_time_ns=delivery.received_time_ns,
                reason=RejectionReason.NOT_UNDERSTOOD,
                detail=f"reading this message failed ({type(error).__name__}: {error}); please report it with its bytes",
            )

    def _is_new(
        self,
        decoded: Message | Rejection,
        delivery: Delivery,
        touched: dict[tuple[str, str], StreamLedger],
        fingerprints: list[Fingerprint],
    ) -> bool:
        stream, boot, seq = decoded.stream, decoded.boot, decoded.seq
        if stream is not None and boot is not None and seq is not None:
            known = self._ledgers.get(stream, boot)
            ledger = open_ledger(stream, boot, seq) if known is None else observe(known, seq, decoded.received_time_ns)
            if ledger is known:
                return False
            self._ledgers.put(ledger)
            touched[stream, boot] = ledger
            return True
        if isinstance(decoded, Rejection):
            return True
        return self._has_new_fingerprint(decoded, delivery.payload, fingerprints)

    def _has_new_fingerprint(self, message: Message, payload: bytes, fingerprints: list[Fingerprint]) -> bool:
        digest = hashlib.blake2b(payload, digest_size=16).digest()
        fingerprint = (message.stream, message.event_times_ns[0], digest)
        known = self._fingerprints.setdefault(message.stream, {})
        if fingerprint in known:
            return False
        known[fingerprint] = None
        if len(known) > REMEMBERED:
            del known[next(iter(known))]
        fingerprints.append(fingerprint)
        return True

    def _judged(self, messages: Iterable[Message]) -> tuple[tuple[ReadingBatch, ...], tuple[MeterState, ...]]:
        by_type: dict[EquipmentTypeId, list[Message]] = {}
        for message in messages:
            by_type.setdefault(self._types[message.machine], []).append(message)
        readings: list[ReadingBatch] = []
        meters: list[MeterState] = []
        for equipment_type, own in by_type.items():
            desk = self._desks[equipment_type]
            raw = assemble(equipment_type, own)
            batch = replace(raw, states=resolve_states(desk.profile, desk.memory, raw))
            quality, desk.memory = judge(desk.profile, desk.memory, batch)
            gained, desk.meter_memory = advance(desk.meter_profile, desk.meter_memory, batch)
            readings.append(replace(batch, quality=quality))
            meters.extend(gained)
        return tuple(readings), tuple(meters)


def _desk(plant: Plant, equipment_type: EquipmentTypeId, rules: QualityRules, state: IntakeState) -> _TypeDesk:
    kind = plant.equipment_type(equipment_type)
    profile = profile_type(kind, plant.machines, rules)
    meter_profile = profile_meters(kind, plant.machines, plant.part_types)
    memory, meter_memory = blank_memory(profile), blank_meters(meter_profile)
    for progress in state.progress:
        row = profile.machines.get(progress.machine)
        if row is not None:
            memory.newest_ns[row] = meter_memory.at_ns[row] = progress.newest_event_time_ns
            memory.state[row] = progress.state.value
            meter_memory.executing[row] = progress.state is OperatingState.EXECUTING
    _recall_values(profile, memory, state)
    _recall_counters(meter_profile, meter_memory, state)
    return _TypeDesk(profile=profile, memory=memory, meter_profile=meter_profile, meter_memory=meter_memory)


def _recall_values(profile: TypeProfile, memory: QualityMemory, state: IntakeState) -> None:
    for last in state.last_values:
        row, column = profile.machines.get(last.machine), profile.sensors.get(last.sensor)
        if row is not None and column is not None:
            memory.value[row, column], memory.changed_ns[row, column] = last.value, last.event_time_ns


def _recall_counters(profile: MeterProfile, memory: MeterMemory, state: IntakeState) -> None:
    """Go on from where the devices' counters stood."""
    counters = {sensor: profile.units.index(unit) for unit, sensor in profile.counters.items()}
    rows: dict[MachineId, int] = dict(profile.machines)
    for last in state.last_values:
        if last.machine in rows and last.sensor in counters:
            memory.counter[rows[last.machine], counters[last.sensor]] = last.value
