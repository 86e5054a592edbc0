"""Builders of messages and of batches of readings."""

import json

import numpy as np

from configs.plant import EquipmentTypeId, MachineId, SensorId
from ingest.operation import OperatingState
from ingest.ports import IntakeBatch
from ingest.reading import Message, ReadingBatch, Rejection, RejectionReason
from ingest.sequence_ledger import open_ledger

NOON_NS = 1_795_564_800_000_000_000
"""2026-11-25 00:00 UTC: a whole minute, hour and day."""

SECOND_NS = 1_000_000_000
MINUTE_NS = 60 * SECOND_NS
TOPIC = "yeji/v1/busan/a/pump1/telemetry"


def a_payload(**members: object) -> bytes:
    document = {"v": 1, "boot": "b1", "seq": 1, "ts": NOON_NS // 1_000_000, "values": {"vib": 0.5}} | members
    return json.dumps({name: value for name, value in document.items() if value is not ...}).encode()


def a_message(machine: str = "pump1", seq: int | None = 1, **changes: object) -> Message:
    own: dict[str, object] = {
        "stream": f"yeji/v1/busan/a/{machine}",
        "machine": MachineId(machine),
        "boot": None if seq is None else "b1",
        "seq": seq,
        "received_time_ns": NOON_NS,
        "event_times_ns": (NOON_NS,),
        "sensors": (SensorId("vib"),),
        "values": ((0.5,),),
        "state": OperatingState.EXECUTING,
        "job": None,
    }
    return Message(**(own | changes))  # type: ignore[arg-type]


def a_batch(*rows: tuple[str, int, dict[str, float]], state: str = "executing", **changes: object) -> ReadingBatch:
    """Return a batch of rows (machine, event time in ns, values), sorted as batches are."""
    rows = tuple(sorted(rows, key=lambda row: (row[0], row[1])))
    sensors = tuple(SensorId(name) for name in dict.fromkeys(name for row in rows for name in row[2]))
    size = len(rows)
    columns: dict[str, object] = {
        "equipment_type": EquipmentTypeId("pump"),
        "sensors": sensors,
        "machines": _objects([row[0] for row in rows]),
        "event_times_ns": np.array([row[1] for row in rows], np.int64),
        "received_times_ns": np.array([row[1] for row in rows], np.int64),
        "boots": _objects(["b1"] * size),
        "seqs": np.arange(size, dtype=np.int64),
        "rows": np.zeros(size, np.int32),
        "states": _objects([state] * size),
        "jobs": _objects([None] * size),
        "values": np.array([[row[2].get(s, np.nan) for s in sensors] for row in rows], np.float64).reshape(
            size, len(sensors)
        ),
        "quality": np.zeros((size, len(sensors)), np.uint16),
    }
    return ReadingBatch(**(columns | changes))  # type: ignore[arg-type]


def an_intake_batch(*readings: ReadingBatch, **changes: object) -> IntakeBatch:
    own: dict[str, object] = {"readings": readings, "rejections": (), "ledgers": (), "meters": ()}
    return IntakeBatch(**(own | changes))  # type: ignore[arg-type]


def a_rejection(payload: bytes = b"poison", **changes: object) -> Rejection:
    own: dict[str, object] = {
        "topic": TOPIC,
        "payload": payload,
        "received_time_ns": NOON_NS,
        "reason": RejectionReason.MALFORMED_JSON,
        "detail": "not JSON",
    }
    return Rejection(**(own | changes))  # type: ignore[arg-type]


def a_ledger(machine: str = "pump1", seq: int = 1):
    return open_ledger(f"yeji/v1/busan/a/{machine}", "b1", seq)


def _objects(values: list[object]) -> np.ndarray:
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column
