"""Values that come one by one, put together as the messages of machines: one row for each instant."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from configs.plant import MachineId, SensorId
from ingest.operation import OperatingState
from ingest.reading import Message

NAN = float("nan")


@dataclass(slots=True)
class _Machine:
    rows: dict[int, dict[SensorId, float]] = field(default_factory=dict)
    state: OperatingState | None = None
    job: str | None = None


class ReadingRows:
    """Collects what one delivery says of several machines."""

    def __init__(self) -> None:
        self._machines: dict[MachineId, _Machine] = {}

    def add(self, machine: MachineId, sensor: SensorId, at_ns: int, value: float) -> None:
        """Take in a value; the last one of a sensor and instant counts."""
        self._of(machine).rows.setdefault(at_ns, {})[sensor] = value

    def add_state(self, machine: MachineId, state: OperatingState, at_ns: int) -> None:
        """Take in what a machine is doing."""
        own = self._of(machine)
        own.state = state
        own.rows.setdefault(at_ns, {})

    def add_job(self, machine: MachineId, job: str) -> None:
        """Take in what a machine is making."""
        self._of(machine).job = job

    def messages(self, stream: str, boot: str | None, seq: int | None, received_ns: int) -> Iterator[Message]:
        """Yield one message for each machine that has rows."""
        for machine, own in self._machines.items():
            if not own.rows:
                continue
            times = tuple(sorted(own.rows))
            sensors = tuple(dict.fromkeys(sensor for row in own.rows.values() for sensor in row))
            yield Message(
                stream=stream,
                machine=machine,
                boot=boot,
                seq=seq,
                received_time_ns=received_ns,
                event_times_ns=times,
                sensors=sensors,
                values=tuple(tuple(own.rows[at].get(sensor, NAN) for sensor in sensors) for at in times),
                state=own.state,
                job=own.job,
            )

    def _of(self, machine: MachineId) -> _Machine:
        return self._machines.setdefault(machine, _Machine())
