"""From messages to columns: one batch of readings per equipment type."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from configs.plant import EquipmentTypeId, SensorId
from ingest.reading import Message, ReadingBatch, Values

NO_SEQ = -1
"""What stands in the column of sequence numbers for a message that has none."""


def assemble(equipment_type: EquipmentTypeId, messages: Sequence[Message]) -> ReadingBatch:
    """Return the readings of messages from machines of one type, sorted by machine, then event time.

    States are as reported (None where not), quality is blank.
    """
    counts = [len(message.event_times_ns) for message in messages]
    sensors, values = _values(messages)
    values += 0.0  # a negative zero is zero: two spellings of one value must not be told apart
    machines = _spread([message.machine for message in messages], counts)
    times = np.array([at for message in messages for at in message.event_times_ns], np.int64)
    seqs = np.array([NO_SEQ if message.seq is None else message.seq for message in messages], np.int64).repeat(counts)
    order = _order(messages, counts, times, seqs)
    return ReadingBatch(
        equipment_type=equipment_type,
        sensors=sensors,
        machines=machines[order],
        event_times_ns=times[order],
        received_times_ns=np.array([message.received_time_ns for message in messages], np.int64).repeat(counts)[order],
        boots=_spread([message.boot for message in messages], counts)[order],
        seqs=seqs[order],
        rows=np.concatenate([np.arange(count, dtype=np.int32) for count in counts])[order]
        if max(counts) > 1
        else np.zeros(len(counts), np.int32),
        states=_spread([message.state and message.state.value for message in messages], counts)[order],
        jobs=_spread([message.job for message in messages], counts)[order],
        values=values[order],
        quality=np.zeros(values.shape, np.uint16),
    )


def _values(messages: Sequence[Message]) -> tuple[tuple[SensorId, ...], Values]:
    layouts = dict.fromkeys(message.sensors for message in messages)
    rows = [row for message in messages for row in message.values]
    if len(layouts) == 1:
        sensors = next(iter(layouts))
        return sensors, np.array(rows, np.float64).reshape(len(rows), len(sensors))
    sensors = tuple(dict.fromkeys(sensor for layout in layouts for sensor in layout))
    at = {layout: np.array([sensors.index(sensor) for sensor in layout], np.intp) for layout in layouts}
    members: dict[tuple[SensorId, ...], list[int]] = {layout: [] for layout in layouts}
    row = 0
    for message in messages:
        members[message.sensors].extend(range(row, row + len(message.values)))
        row += len(message.values)
    values = np.full((row, len(sensors)), np.nan)
    for layout, own in members.items():
        if layout:
            values[np.array(own, np.intp)[:, None], at[layout]] = np.array([rows[i] for i in own], np.float64)
    return sensors, values


def _order(
    messages: Sequence[Message], counts: Sequence[int], times: NDArray[np.int64], seqs: NDArray[np.int64]
) -> NDArray[np.intp]:
    codes: dict[str, int] = {}
    code = np.array([codes.setdefault(message.machine, len(codes)) for message in messages], np.int64).repeat(counts)
    return np.lexsort((seqs, times, code))


def _spread(values: Sequence[object], counts: Sequence[int]) -> NDArray[np.object_]:
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column.repeat(counts)
