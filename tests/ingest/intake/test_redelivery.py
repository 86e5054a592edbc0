"""Any order and any repetition of messages, through crashes and lost connections, gives the same store.

The machine below plays a broker and a process that is killed at the worst moments. After every step: what has been
acknowledged is durable, and nothing is stored twice. At the end: the store equals one that got everything once.
"""

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from configs.plant import EquipmentTypeId, MachineId
from ingest.errors import StoreUnavailableError
from ingest.intake.writer import Intake
from ingest.ports import IntakeBatch
from ingest.stores.duckdb_store import DuckDBStore
from tests.fakes.intake import an_intake
from tests.fakes.readings import MINUTE_NS, NOON_NS, SECOND_NS, a_payload
from tests.fakes.source import MemorySource
from tests.fakes.store import MemoryStore

MACHINES = (MachineId("pump1"), MachineId("pump2"))
Store = DuckDBStore | MemoryStore


class KilledError(Exception):
    """The process ends here."""


class Mortal:
    """A store in front of another that dies, or fails, just before or just after its next commit."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.next: str | None = None

    def load(self):
        return self.store.load()

    def commit(self, batch: IntakeBatch) -> None:
        fate, self.next = self.next, None
        if fate == "killed before":
            raise KilledError
        if fate == "unavailable":
            raise StoreUnavailableError("the disk is full")
        self.store.commit(batch)
        if fate == "killed after":
            raise KilledError


def message(number: int) -> tuple[str, bytes]:
    """Return the topic and payload of message `number`: of one of two machines, numbered or not, now and then poison."""
    machine, seq = MACHINES[number % 2], number // 2
    at_ms = (NOON_NS + number * 7 * SECOND_NS) // 1_000_000
    members = {} if number % 5 else {"boot": ..., "seq": ...}
    values = {"smell": 1.0} if number % 7 == 3 else {"vib": number / 8, "temp": 20.0 + number}
    payload = a_payload(seq=seq, ts=at_ms, values=values, state="executing")
    if members:
        payload = a_payload(ts=at_ms, values=values, state="executing", **members)
    return f"yeji/v1/busan/a/{machine}/telemetry", payload


def content(store: Store) -> dict[str, object]:
    """Return what a store holds, without what tells of the order of arrival (flags of lateness, ages of gaps)."""
    store.roll_up(NOON_NS)
    far = NOON_NS + 10_000 * MINUTE_NS
    found: dict[str, object] = {}
    for machine in MACHINES:
        series = store.read_series(machine, 0, far)
        order = np.argsort(series.sensors)
        found[machine] = (series.event_times_ns.tolist(), series.values[:, order].tolist(), series.states.tolist())
    block = store.read_windows(EquipmentTypeId("pump"), MACHINES, start_ns=NOON_NS, end_ns=far, width_s=60)
    order = np.argsort(block.sensors)
    found["windows"] = [
        np.nan_to_num(f[:, order]).tolist() for f in (block.count, block.mean, block.maximum, block.last)
    ]
    ledgers = [replace(own, gaps=tuple((a, b, 0) for a, b, _ in own.gaps)) for own in store.load().ledgers]
    found["ledgers"] = sorted(ledgers, key=lambda own: own.stream)
    found["letters"] = sorted((letter.topic, letter.payload) for letter in store.dead_letters(1_000))
    found["fingerprints"] = sorted(store.load().fingerprints)
    return found


class Redelivery(RuleBasedStateMachine):
    """A broker, a process and a store that lives on when the process does not."""

    def open_store(self) -> Store:
        raise NotImplementedError

    def reopen_store(self) -> Store:
        raise NotImplementedError

    @initialize()
    def begin(self) -> None:
        self.source = MemorySource()
        self.sent: set[int] = set()
        self.mortal = Mortal(self.open_store())
        self.intake: Intake = an_intake(self.source, self.mortal)

    @rule(number=st.integers(0, 30))
    def publish(self, number: int) -> None:
        self.sent.add(number)
        self.source.publish(*message(number), NOON_NS)

    @precondition(lambda self: self.source.status().waiting)
    @rule(fate=st.sampled_from([None, None, "killed before", "killed after", "unavailable"]))
    def take_in(self, fate: str | None) -> None:
        self.mortal.next = fate
        self.intake._stopping.set()  # so that a failed commit is given up at once, as at a stop
        try:
            durable = self.intake.take_in()
        except KilledError:
            durable = False
        if not durable:
            self.start_again()

    @rule()
    def lose_connection(self) -> None:
        self.source.reconnect()

    def start_again(self) -> None:
        self.source.drop_queue()
        self.source.reconnect()
        self.mortal = Mortal(self.reopen_store())
        self.intake = an_intake(self.source, self.mortal)

    @invariant()
    def what_is_acknowledged_is_durable(self) -> None:
        letters = {letter.payload for letter in self.mortal.store.dead_letters(1_000)}
        times = {machine: self.times(machine) for machine in MACHINES}
        for delivery in self.source.acknowledged:
            machine = MachineId(delivery.topic.split("/")[4])
            number = next(n for n in self.sent if message(n) == (delivery.topic, delivery.payload))
            assert delivery.payload in letters or NOON_NS + number * 7 * SECOND_NS in times[machine]

    def times(self, machine: MachineId) -> list[int]:
        times = self.mortal.store.read_series(machine, 0, 2 * NOON_NS).event_times_ns.tolist()
        changes = {own.machine: own.changes for own in self.mortal.store.progress()}
        assert changes.get(machine, 0) == len(times), "a reading was stored twice"
        return times

    def teardown(self) -> None:
        while self.source.status().waiting:
            self.take_in(None)
        assert self.source.outstanding == 0
        single, source = MemoryStore(), MemorySource()
        for number in sorted(self.sent):
            source.publish(*message(number), NOON_NS)
        an_intake(source, single).take_in()
        assert content(self.mortal.store) == content(single)


class RedeliveryToMemory(Redelivery):
    def open_store(self) -> Store:
        return MemoryStore()

    def reopen_store(self) -> Store:
        return self.mortal.store


class RedeliveryToDuckDB(Redelivery):
    def open_store(self) -> Store:
        self.folder = Path(tempfile.mkdtemp(prefix="yeji-redelivery-"))
        return DuckDBStore(self.folder / "telemetry.duckdb")

    def reopen_store(self) -> Store:
        """Open the file again without the parting snapshot, as after a kill."""
        self.mortal.store._file.close()
        return DuckDBStore(self.folder / "telemetry.duckdb")

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            super().teardown()
            self.mortal.store.close()
            shutil.rmtree(self.folder)


TestRedeliveryToMemory = RedeliveryToMemory.TestCase
TestRedeliveryToMemory.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
TestRedeliveryToDuckDB = RedeliveryToDuckDB.TestCase
TestRedeliveryToDuckDB.settings = settings(max_examples=8, stateful_step_count=20, deadline=None)
