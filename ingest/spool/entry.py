"""The readings of one commit as bytes: a JSON head with the columns of words and numbers, then values and flags."""

import struct
from collections.abc import Sequence
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from configs.plant import EquipmentTypeId, SensorId
from ingest.reading import ReadingBatch

_LENGTH = struct.Struct("<I")
_FLOAT, _FLAG = np.dtype("<f8"), np.dtype("<u2")


def encode(batches: Sequence[ReadingBatch]) -> bytes:
    """Return batches as bytes that `decode` reads."""
    head = orjson.dumps([_head(batch) for batch in batches])
    parts = [_LENGTH.pack(len(head)), head]
    for batch in batches:
        parts.append(np.ascontiguousarray(batch.values, _FLOAT).tobytes())
        parts.append(np.ascontiguousarray(batch.quality, _FLAG).tobytes())
    return b"".join(parts)


def decode(content: bytes) -> tuple[ReadingBatch, ...]:
    """Return the batches that `encode` wrote."""
    (length,) = _LENGTH.unpack_from(content)
    at = _LENGTH.size + length
    batches = []
    for head in orjson.loads(content[_LENGTH.size : at]):
        shape = (len(head["machines"]), len(head["sensors"]))
        size = shape[0] * shape[1]
        values = np.frombuffer(content, _FLOAT, size, at).reshape(shape).astype(np.float64)
        at += size * _FLOAT.itemsize
        quality = np.frombuffer(content, _FLAG, size, at).reshape(shape).astype(np.uint16)
        at += size * _FLAG.itemsize
        batches.append(_batch(head, values, quality))
    return tuple(batches)


def _head(batch: ReadingBatch) -> dict[str, Any]:
    return {
        "type": batch.equipment_type,
        "sensors": batch.sensors,
        "machines": batch.machines.tolist(),
        "times": batch.event_times_ns.tolist(),
        "received": batch.received_times_ns.tolist(),
        "boots": batch.boots.tolist(),
        "seqs": batch.seqs.tolist(),
        "rows": batch.rows.tolist(),
        "states": batch.states.tolist(),
        "jobs": batch.jobs.tolist(),
    }


def _batch(head: dict[str, Any], values: NDArray[np.float64], quality: NDArray[np.uint16]) -> ReadingBatch:
    return ReadingBatch(
        equipment_type=EquipmentTypeId(head["type"]),
        sensors=tuple(map(SensorId, head["sensors"])),
        machines=_objects(head["machines"]),
        event_times_ns=np.array(head["times"], np.int64),
        received_times_ns=np.array(head["received"], np.int64),
        boots=_objects(head["boots"]),
        seqs=np.array(head["seqs"], np.int64),
        rows=np.array(head["rows"], np.int32),
        states=_objects(head["states"]),
        jobs=_objects(head["jobs"]),
        values=values,
        quality=quality,
    )


def _objects(values: list[Any]) -> NDArray[np.object_]:
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column
