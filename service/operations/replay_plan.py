"""Which machine each track of a recording stands for, and the messages in the order in which they are sent."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count

import numpy as np
import orjson

from configs.plant import Machine, MachineId, Plant, SensorId
from service.errors import InvalidRequestError, NotFoundError
from service.operations.recordings.recording import Recording, Track

MILLISECOND_NS = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A track and the machine that it stands for; the track holds only what that machine has a sensor for."""

    machine: Machine
    track: Track
    left_out: tuple[SensorId, ...]

    @property
    def topic(self) -> str:
        """The topic that the machine publishes to."""
        return f"yeji/v1/{self.machine.site}/{self.machine.line}/{self.machine.id}/telemetry"


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One message: its place on the recording's time axis, its topic, its payload."""

    recorded_ns: int
    topic: str
    payload: bytes


def assign(recording: Recording, plant: Plant, machine: str | None) -> tuple[Part, ...]:
    """Return what each track stands for in the plant.

    A single track stands for `machine`, or for the only machine of its type; several stand for the machines of their names.

    Raises
    ------
    NotFoundError
        The plant has no such machine.
    InvalidRequestError
        It is not clear which machine, or it has none of the sensors.
    """
    if len(recording.tracks) == 1:
        return (_part(recording.tracks[0], _machine(plant, recording, machine)),)
    if machine is not None:
        raise InvalidRequestError(
            "--machine: the recording holds several machines, which keep their names; leave it out"
        )
    return tuple(_part(track, _named(plant, track.name)) for track in recording.tracks)


def message_count(parts: tuple[Part, ...]) -> int:
    """Return how many messages a replay has: one a row, and one by which each machine goes off."""
    return sum(part.track.times_ns.size + 1 for part in parts)


def messages(parts: tuple[Part, ...], boots: tuple[str, ...], shift_ns: int) -> Iterator[Planned]:
    """Yield the messages in order of time, their event times shifted by `shift_ns`.

    A millisecond after its last row a machine reports that it is off: what follows is no gap. `boots` holds the boot
    identifier of each part.
    """
    times = [np.append(part.track.times_ns, part.track.times_ns[-1] + MILLISECOND_NS) for part in parts]
    owners = np.repeat(np.arange(len(parts)), [column.size for column in times])
    merged = np.concatenate(times)
    numbers = [count() for _ in parts]
    for i in np.argsort(merged, kind="stable").tolist():
        part, seq = parts[owners[i]], next(numbers[owners[i]])
        recorded_ns = int(merged[i])
        head = {"v": 1, "boot": boots[owners[i]], "seq": seq, "ts": (recorded_ns + shift_ns) // MILLISECOND_NS}
        yield Planned(recorded_ns=recorded_ns, topic=part.topic, payload=orjson.dumps(head | _body(part.track, seq)))


def _body(track: Track, row: int) -> dict[str, object]:
    if row == track.times_ns.size:
        return {"values": {}, "state": "off"}
    cells = zip(track.sensors, track.values[row].tolist(), strict=True)
    return {"values": {sensor: value for sensor, value in cells if not np.isnan(value)}}


def _machine(plant: Plant, recording: Recording, wanted: str | None) -> Machine:
    if wanted is not None:
        return _named(plant, wanted)
    if recording.equipment_type is None:
        raise InvalidRequestError("which machine is it? name it with --machine")
    fitting = [machine for machine in plant.machines if machine.equipment_type == recording.equipment_type]
    if not fitting:
        told = f"the plant has no machine of type {recording.equipment_type}; --print-plant shows a plant.toml that has one"
        raise NotFoundError(told)
    if len(fitting) > 1:
        raise InvalidRequestError(f"which machine is it? --machine takes {', '.join(m.id for m in fitting)}")
    return fitting[0]


def _named(plant: Plant, name: str) -> Machine:
    machine = plant.machine(MachineId(name))
    if machine is None:
        raise NotFoundError(f"the plant has no machine {name}; add it, --print-plant shows a plant.toml that has it")
    return machine


def _part(track: Track, machine: Machine) -> Part:
    known = {sensor.id for sensor in machine.sensors}
    columns = [i for i, sensor in enumerate(track.sensors) if sensor in known]
    if not columns:
        told = f"machine {machine.id} has none of the sensors {', '.join(track.sensors)}; it has {', '.join(sorted(known))}"
        raise InvalidRequestError(f"{told}; match them with --column COLUMN=SENSOR")
    values = track.values[:, columns]
    reported = ~np.isnan(values).all(axis=1)
    if not reported.any():
        raise InvalidRequestError(f"machine {machine.id}: the recording holds no number for it")
    own = tuple(track.sensors[i] for i in columns)
    kept = replace(track, sensors=own, values=values[reported], times_ns=track.times_ns[reported])
    left_out = tuple(sensor for sensor in track.sensors if sensor not in known)
    return Part(machine=machine, track=kept, left_out=left_out)
