"""What a handful of deliveries comes to: what is new, how good it is, what the meters gain, what is refused."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from configs.instant import ns_of
from configs.plant import EquipmentTypeId, MachineId, Plant
from ingest.decode.decoder import Decoded, Decoder
from ingest.decode.native_sightings import native_sightings
from ingest.decode.sparkplug import HostDuty, HostRules
from ingest.decode.sparkplug_topic import NAMESPACE
from ingest.decode.time_window import TimeWindow
from ingest.intake.assembly import assemble
from ingest.intake.derivation import messages_of
from ingest.intake.harvest import Harvest
from ingest.meter import MeterMemory, MeterProfile, MeterState, advance, blank_meters, profile_meters
from ingest.operation import OperatingState
from ingest.parcel import Parcel
from ingest.ports import (
    CANARY_TOPICS,
    DeadLetter,
    Delivery,
    Fingerprint,
    IntakeBatch,
    IntakeState,
    SettledAs,
    Settlement,
)
from ingest.quality import (
    LASTING,
    QualityMemory,
    QualityRules,
    TypeProfile,
    blank_memory,
    judge,
    profile_type,
    resolve_states,
)
from ingest.reading import Message, Presence, ReadingBatch, Rejection, RejectionReason
from ingest.sequence_ledger import LedgerBook, StreamLedger, has_seen, observe, open_ledger
from ingest.sighting import Sighting

REMEMBERED = 2_000
"""Messages without sequence numbers that are remembered per stream: twice what a broker has in flight."""

REORDERED = 10_000
"""How far behind the newest number one of a newer time may be: further back, the device has begun to count anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """What is to be committed, with the counts behind it."""

    batch: IntakeBatch
    messages: int
    duplicates: int
    presences: tuple[Presence, ...]
    sightings: tuple[Sighting, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedIn:
    """Readings of one type that came by no message: columns sorted by machine and time, and what tells them from others.

    Where `boot` and `seq` are None, they are told by what they say.
    """

    stream: str
    boot: str | None
    seq: int | None
    readings: ReadingBatch


@dataclass(frozen=True, slots=True, kw_only=True)
class Reexamined:
    """What dead letters come to now: what is to be committed, and why the others are still refused, by letter id."""

    batch: IntakeBatch
    refused: Mapping[str, str]


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
    host
        How patient we are as a Sparkplug host.
    """

    def __init__(
        self,
        plant: Plant,
        window: TimeWindow,
        rules: QualityRules,
        state: IntakeState,
        *,
        host: HostRules | None = None,
    ) -> None:
        self._window, self._rules = window, rules
        self._decoder = Decoder(plant, window, host)
        self._connection: int | None = None
        self._machines = {machine.id: machine for machine in plant.machines}
        self._types = {machine.id: machine.equipment_type for machine in plant.machines}
        self._ledgers = LedgerBook(state.ledgers)
        self._newest = {own.machine: own.newest_event_time_ns for own in state.progress}
        self._fingerprints: dict[str, dict[Fingerprint, None]] = {}
        for fingerprint in state.fingerprints:
            self._fingerprints.setdefault(fingerprint[0], {})[fingerprint] = None
        self._desks = {kind.id: _desk(plant, kind.id, rules, state) for kind in plant.equipment_types}

    def examine(self, deliveries: Sequence[Delivery]) -> Examined:
        """Return what deliveries, in order of arrival, come to."""
        harvest = Harvest()
        for delivery in deliveries:
            if delivery.connection != self._connection:
                self._connection = delivery.connection
                self._decoder.begin_connection()
            if not self._is_canary(delivery.topic):
                self._sort(self._in_sequence(self._decode(delivery), delivery), delivery, harvest)
        readings, meters = self._judged(harvest.messages)
        batch = IntakeBatch(
            readings=readings,
            rejections=tuple(harvest.rejections),
            ledgers=tuple(harvest.ledgers.values()),
            meters=meters,
            fingerprints=tuple(harvest.fingerprints),
            waveforms=tuple(harvest.waveforms),
        )
        return Examined(
            batch=batch,
            messages=harvest.deliveries,
            duplicates=harvest.duplicates,
            presences=tuple(harvest.presences),
            sightings=tuple(harvest.sightings),
        )

    def due(self, now_ns: int) -> HostDuty:
        """Return what we have to say as a Sparkplug host."""
        return self._decoder.due(now_ns)

    def _is_canary(self, topic: str) -> bool:
        """Whether a topic is one of those that hold no readings; a machine may be there in a drill's plant alone."""
        return topic.startswith(CANARY_TOPICS) and not self._decoder.owns(topic)

    def _sort(self, decoded: Decoded, delivery: Delivery, harvest: Harvest) -> None:
        if isinstance(decoded, Presence):
            harvest.presences.append(decoded)
        elif not self._is_new(decoded, delivery.payload, harvest):
            harvest.duplicates += 1
        elif isinstance(decoded, Rejection):
            harvest.rejections.append(decoded)
            harvest.sightings += native_sightings(decoded, self._machines)
        elif isinstance(decoded, Message):
            harvest.messages.append(decoded)
            harvest.deliveries += 1
        else:
            self._open(decoded, harvest)

    def _open(self, parcel: Parcel, harvest: Harvest) -> None:
        messages = messages_of(parcel, self._machines)
        harvest.messages += messages
        harvest.deliveries += bool(messages)
        harvest.rejections += parcel.rejections
        harvest.presences += parcel.presences
        harvest.waveforms += parcel.waveforms
        harvest.sightings += parcel.sightings

    def examine_columns(self, handed: Sequence[HandedIn]) -> Examined:
        """Return what readings that were handed in come to."""
        harvest = Harvest()
        fresh = [each.readings for each in handed if self._is_new_by(each, harvest)]
        judged = [self._judge(batch) for batch in fresh]
        batch = IntakeBatch(
            readings=tuple(readings for readings, _ in judged),
            rejections=(),
            ledgers=tuple(harvest.ledgers.values()),
            meters=tuple(meter for _, meters in judged for meter in meters),
            fingerprints=tuple(harvest.fingerprints),
        )
        return Examined(batch=batch, messages=len(fresh), duplicates=len(handed) - len(fresh), presences=())

    def replant(self, plant: Plant, state: IntakeState) -> None:
        """Go by another plant, from where everything stood at the last commit."""
        self._decoder.replant(plant)
        self._machines = {machine.id: machine for machine in plant.machines}
        self._types = {machine.id: machine.equipment_type for machine in plant.machines}
        self._desks = {kind.id: _desk(plant, kind.id, self._rules, state) for kind in plant.equipment_types}

    def examine_again(self, letters: Sequence[DeadLetter], by: str, at_ns: int) -> Reexamined:
        """Return what open dead letters come to now, as if each had just been received when it first was.

        Their numbers count as arrived already, so what can be read now is stored whatever the ledger says; that a
        letter is settled in the same commit keeps it from being stored twice.
        """
        messages: list[Message] = []
        refused: dict[str, str] = {}
        settled: list[Settlement] = []
        touched: dict[tuple[str, str], StreamLedger] = {}
        for letter in letters:
            decoded = self.read_letter(letter)
            if isinstance(decoded, str):
                refused[letter.id] = decoded
                continue
            self._count_in(decoded, touched)
            messages += decoded.messages if isinstance(decoded, Parcel) else (decoded,)
            settled.append(Settlement(letter=letter.id, settled_as=SettledAs.REPLAYED, by=by, at_ns=at_ns))
        readings, meters = self._judged(messages)
        batch = IntakeBatch(
            readings=readings,
            rejections=(),
            ledgers=tuple(touched.values()),
            meters=meters,
            settlements=tuple(settled),
        )
        return Reexamined(batch=batch, refused=refused)

    def read_letter(self, letter: DeadLetter) -> Message | Parcel | str:
        """Return what a dead letter says, or why it still cannot be stored; changes nothing."""
        if letter.settled_as is not SettledAs.OPEN:
            return f"is {letter.settled_as.value} already"
        if not letter.is_whole:
            return "only a part of its bytes is kept; send the reading again from the device"
        return self._read_again(letter)

    def _read_again(self, letter: DeadLetter) -> Message | Parcel | str:
        if letter.topic.startswith(f"{NAMESPACE}/"):
            return "a Sparkplug message means something only behind its birth; mend the plant or the edge node and let it go"
        decoded = self._decode(Delivery(letter.topic, letter.payload, ns_of(letter.first_seen), (0, 0)))
        if isinstance(decoded, Presence):
            return "is a birth or a death, and no reading"
        if isinstance(decoded, Parcel):
            messages = messages_of(decoded, self._machines)
            return decoded.rejections[0].detail if decoded.rejections else replace(decoded, messages=messages)
        return decoded.detail if isinstance(decoded, Rejection) else decoded

    def _count_in(self, message: Message | Parcel, touched: dict[tuple[str, str], StreamLedger]) -> None:
        if message.boot is None or message.seq is None:
            return
        known = self._ledgers.get(message.stream, message.boot)
        if known is not None and not has_seen(known, message.seq):
            ledger = observe(known, message.seq, message.received_time_ns)
            self._ledgers.put(ledger)
            touched[message.stream, message.boot] = ledger

    def _in_sequence(self, decoded: Decoded, delivery: Delivery) -> Decoded:
        """Refuse a message whose device has begun to count anew without a new boot: its numbers would pass as repeats.

        A repeat is never newer than everything that has arrived; a number that was used before, or lies far back, and
        comes with a newer time is one of a new count.
        """
        if not isinstance(decoded, Message) or decoded.boot is None or decoded.seq is None:
            return decoded
        newest, at = self._newest.get(decoded.machine), decoded.event_times_ns[-1]
        known = self._ledgers.get(decoded.stream, decoded.boot)
        if newest is None or at > newest:
            self._newest[decoded.machine] = at
        if known is None or newest is None or decoded.event_times_ns[0] <= newest:
            return decoded
        if not has_seen(known, decoded.seq) and decoded.seq >= known.highest - REORDERED:
            return decoded
        detail = f'"seq" {decoded.seq} was used before under boot {decoded.boot}, and this reading is newer; draw a new "boot" at every device start'
        return Rejection(
            topic=delivery.topic,
            payload=delivery.payload,
            received_time_ns=delivery.received_time_ns,
            reason=RejectionReason.BAD_SEQUENCE,
            detail=detail,
        )

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

    def _is_new(self, decoded: Message | Rejection | Parcel, payload: bytes, harvest: Harvest) -> bool:
        stream, boot, seq = decoded.stream, decoded.boot, decoded.seq
        if stream is not None and boot is not None and seq is not None:
            return self._is_new_number((stream, boot), seq, decoded.received_time_ns, harvest)
        if isinstance(decoded, Rejection):
            return True
        said_at_ns = _first_time_ns(decoded)
        if said_at_ns is None:
            return True
        return self._remembers_not((decoded.stream, said_at_ns, _digest(payload)), harvest.fingerprints)

    def _is_new_number(self, numbered: tuple[str, str], seq: int, at_ns: int, harvest: Harvest) -> bool:
        known = self._ledgers.get(*numbered)
        ledger = open_ledger(*numbered, seq) if known is None else observe(known, seq, at_ns)
        if ledger is known:
            return False
        self._ledgers.put(ledger)
        harvest.ledgers[numbered] = ledger
        return True

    def _remembers_not(self, fingerprint: Fingerprint, fingerprints: list[Fingerprint]) -> bool:
        known = self._fingerprints.setdefault(fingerprint[0], {})
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
            judged, gained = self._judge(assemble(equipment_type, own))
            readings.append(judged)
            meters.extend(gained)
        return tuple(readings), tuple(meters)

    def _judge(self, raw: ReadingBatch) -> tuple[ReadingBatch, tuple[MeterState, ...]]:
        """Return a batch with its states and flags, and what the meters gain by it."""
        desk = self._desks[raw.equipment_type]
        batch = replace(raw, states=resolve_states(desk.profile, desk.memory, raw))
        quality, desk.memory = judge(desk.profile, desk.memory, batch)
        gained, desk.meter_memory = advance(desk.meter_profile, desk.meter_memory, batch)
        return replace(batch, quality=quality), gained

    def _is_new_by(self, handed: HandedIn, harvest: Harvest) -> bool:
        stream, boot, seq = handed.stream, handed.boot, handed.seq
        if boot is None or seq is None:
            said = (handed.readings.event_times_ns, handed.readings.values)
            content = repr(handed.readings.sensors).encode() + b"".join(each.tobytes() for each in said)
            fingerprint = (stream, int(handed.readings.event_times_ns[0]), _digest(content))
            return self._remembers_not(fingerprint, harvest.fingerprints)
        return self._is_new_number((stream, boot), seq, int(handed.readings.received_times_ns[0]), harvest)


def _first_time_ns(decoded: Message | Parcel) -> int | None:
    """Return the first time that a message says anything of; None where it has no readings."""
    if isinstance(decoded, Message):
        return decoded.event_times_ns[0]
    times = [message.event_times_ns[0] for message in decoded.messages]
    return min((*times, *(waveform.event_time_ns for waveform in decoded.waveforms)), default=None)


def _digest(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=16).digest()


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
            memory.value[row, column] = last.value
            memory.seen_ns[row, column] = last.event_time_ns
            memory.marks[row, column] = last.quality & int(LASTING)


def _recall_counters(profile: MeterProfile, memory: MeterMemory, state: IntakeState) -> None:
    """Go on from where the devices' counters stood."""
    counters = {sensor: profile.units.index(unit) for unit, sensor in profile.counters.items()}
    rows: dict[MachineId, int] = dict(profile.machines)
    for last in state.last_values:
        if last.machine in rows and last.sensor in counters:
            memory.counter[rows[last.machine], counters[last.sensor]] = last.value
