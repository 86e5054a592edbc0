"""Parts of intake that fail at a chosen moment, and mutants: parts from which one safeguard has been taken out."""

import os
import random
import signal
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import paho.mqtt.client as paho

from ingest.intake.examination import Examiner
from ingest.ports import Delivery, IntakeBatch, IntakeState, IntakeStore
from ingest.sources.mqtt import MqttSource

SLOW_S = 0.5
WRITE_BEHIND = 20
FULL = 200


def kill_self() -> None:
    """End this process as a power cut would."""
    os.kill(os.getpid(), signal.SIGKILL)


class FailingStore:
    """A store that kills the process at its `at`-th commit, or is slow."""

    def __init__(self, store: IntakeStore, fault: str, at: int, seed: int) -> None:
        self._store = store
        self._fault = fault
        self._at = at
        self._commits = 0
        self._took_s = 0.01
        self._random = random.Random(seed)

    def load(self) -> IntakeState:
        return self._store.load()

    def commit(self, batch: IntakeBatch) -> None:
        self._commits += 1
        strikes = self._commits == self._at
        if self._fault == "slow":
            time.sleep(SLOW_S)
        if strikes and self._fault == "before commit":
            kill_self()
        if strikes and self._fault == "in commit":
            threading.Timer(self._random.uniform(0, self._took_s), kill_self).start()
        started = time.perf_counter()
        self._store.commit(batch)
        self._took_s = time.perf_counter() - started
        if strikes and self._fault == "after commit":
            kill_self()


class HeldStore:
    """A store whose commits wait while a file says how many may pass; without the file all do.

    Parameters
    ----------
    store
        What commits.
    gate
        The file; the number in it counts the commits of this process that were begun while it was there.
    """

    def __init__(self, store: IntakeStore, gate: Path) -> None:
        self._store = store
        self._gate = gate
        self._begun = 0

    def load(self) -> IntakeState:
        return self._store.load()

    def commit(self, batch: IntakeBatch) -> None:
        if self._gate.exists():
            self._begun += 1
            while self._gate.exists() and int(self._gate.read_text(encoding="utf-8") or 0) < self._begun:
                time.sleep(0.01)
        self._store.commit(batch)


class HalfAcknowledging(MqttSource):
    """Kills the process when half of the `at`-th batch has been acknowledged."""

    at = 0
    _batches = 0

    def acknowledge(self, deliveries: Sequence[Delivery]) -> int:
        self._batches += 1
        if self._batches != self.at:
            return super().acknowledge(deliveries)
        super().acknowledge(deliveries[: len(deliveries) // 2])
        time.sleep(0.02)
        kill_self()
        return 0


class WriteBehind:
    """Mutant: says that a batch is durable and writes it later, as a store without fsync does."""

    def __init__(self, store: IntakeStore) -> None:
        self._store = store
        self._kept: list[IntakeBatch] = []

    def load(self) -> IntakeState:
        return self._store.load()

    def commit(self, batch: IntakeBatch) -> None:
        self._kept.append(batch)
        if len(self._kept) >= WRITE_BEHIND:
            for kept in self._kept:
                self._store.commit(kept)
            self._kept.clear()


class AcknowledgeFirst(MqttSource):
    """Mutant: acknowledges what it hands out."""

    def take(self, limit: int, wait_s: float) -> list[Delivery]:
        taken = super().take(limit, wait_s)
        super().acknowledge(taken)
        return taken

    def acknowledge(self, deliveries: Sequence[Delivery]) -> int:
        return len(deliveries)


class DropOnFull(MqttSource):
    """Mutant: drops what does not fit into its queue."""

    def _on_message(self, client: paho.Client, userdata: object, message: paho.MQTTMessage) -> None:
        if len(self._waiting) < FULL:
            super()._on_message(client, userdata, message)


class NoEpoch(MqttSource):
    """Mutant: acknowledges by packet id alone, whichever connection a message came by."""

    def acknowledge(self, deliveries: Sequence[Delivery]) -> int:
        return super().acknowledge([each._replace(token=(self._epoch, each.token[1])) for each in deliveries])


class NoDedupe(Examiner):
    """Mutant: takes every message for a new one."""

    def _is_new_number(self, *arguments: object) -> bool:
        super()._is_new_number(*arguments)  # type: ignore[arg-type]
        return True


class Deaf(MqttSource):
    """Dies of an error in a callback at the `at`-th message, as paho's network thread does when one raises."""

    at = 0

    def _on_message(self, client: paho.Client, userdata: object, message: paho.MQTTMessage) -> None:
        if self._received >= self.at:
            raise RuntimeError("a fault in the callback")
        super()._on_message(client, userdata, message)
