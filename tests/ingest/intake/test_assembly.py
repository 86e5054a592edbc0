"""Messages become columns: nothing is lost, nothing moves to another row."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from configs.plant import EquipmentTypeId, SensorId
from ingest.intake.assembly import NO_SEQ, assemble
from ingest.operation import OperatingState
from ingest.reading import Message
from tests.fakes.readings import NOON_NS, SECOND_NS, a_message

PUMP = EquipmentTypeId("pump")


def test_a_message_fills_one_row_of_every_column() -> None:
    batch = assemble(PUMP, [a_message(seq=7, received_time_ns=NOON_NS + 5, state=OperatingState.IDLE, job="A12")])
    assert (batch.machines.tolist(), batch.boots.tolist(), batch.seqs.tolist()) == (["pump1"], ["b1"], [7])
    assert (batch.event_times_ns.tolist(), batch.received_times_ns.tolist()) == ([NOON_NS], [NOON_NS + 5])
    assert (batch.states.tolist(), batch.jobs.tolist(), batch.rows.tolist()) == (["idle"], ["A12"], [0])
    assert (batch.values.tolist(), batch.quality.tolist()) == ([[0.5]], [[0]])


def test_a_device_without_numbers_has_none_in_the_columns() -> None:
    batch = assemble(PUMP, [a_message(seq=None, state=None)])
    assert (batch.boots.tolist(), batch.seqs.tolist(), batch.states.tolist()) == ([None], [NO_SEQ], [None])


def test_messages_that_report_nothing_have_no_columns() -> None:
    assert assemble(PUMP, [a_message(sensors=(), values=((),))]).values.shape == (1, 0)


_sensors = st.lists(st.sampled_from(["vib", "temp", "flow"]), unique=True, max_size=3)


@st.composite
def messages(draw: st.DrawFn) -> list[Message]:
    found = []
    for seq in range(draw(st.integers(1, 8))):
        sensors = tuple(SensorId(name) for name in draw(_sensors))
        rows = draw(st.integers(1, 3))
        start = NOON_NS + draw(st.integers(0, 20)) * SECOND_NS
        found.append(
            a_message(
                draw(st.sampled_from(["pump1", "pump2"])),
                seq,
                event_times_ns=tuple(start + i for i in range(rows)),
                sensors=sensors,
                values=tuple(tuple(float(100 * seq + 10 * i + j) for j in range(len(sensors))) for i in range(rows)),
            )
        )
    return found


@given(messages())
def test_every_value_keeps_its_machine_time_and_number(sent: list[Message]) -> None:
    batch = assemble(PUMP, sent)
    found = {
        (batch.machines[i], int(batch.event_times_ns[i]), int(batch.seqs[i]), int(batch.rows[i]), sensor, float(value))
        for i in range(batch.machines.size)
        for sensor, value in zip(batch.sensors, batch.values[i], strict=True)
        if not np.isnan(value)
    }
    expected = {
        (message.machine, at, message.seq, row, sensor, value)
        for message in sent
        for row, at in enumerate(message.event_times_ns)
        for sensor, value in zip(message.sensors, message.values[row], strict=True)
    }
    assert found == expected
    assert batch.machines.size == sum(len(message.event_times_ns) for message in sent)
    order = list(zip(batch.machines.tolist(), batch.event_times_ns.tolist(), strict=True))
    firsts = list(dict.fromkeys(machine for machine, _ in order))
    assert order == sorted(order, key=lambda row: (firsts.index(row[0]), row[1]))
