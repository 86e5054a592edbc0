"""The data sets that can be replayed: how each is read, and a plant that has its machines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np

from configs.catalogue.load import load_catalogue
from configs.plant import (
    IDENTIFIER,
    EquipmentType,
    EquipmentTypeId,
    Line,
    LineId,
    Machine,
    MachineId,
    Plant,
    Sensor,
    SensorId,
    SensorRole,
    Site,
    SiteId,
    Source,
    SourceKind,
    Text,
)
from configs.plant_file import dump_plant
from service.errors import InvalidRequestError
from service.operations.recordings.cmapss import read_cmapss
from service.operations.recordings.csv_file import read_csv
from service.operations.recordings.nab import read_nab
from service.operations.recordings.recording import SECOND_NS, Recording, Track
from service.operations.recordings.skab import read_skab

RECORDED = EquipmentTypeId("recorded_machine")
RIGS = {
    EquipmentTypeId("skab_water_rig"): "skab-rig",
    EquipmentTypeId("machine_temperature"): "nab-machine",
    RECORDED: "recorded-machine",
}
"""What the machine of a printed plant is called, where the recording itself has no good name for it."""

ROWS_A_WINDOW = 10
_SITE = Site(id=SiteId("replay"), name=Text(ko="재생", en="Replay"), time_zone="Asia/Seoul")
_LINE = Line(id=LineId("bench"), name=Text(ko="시험대", en="Bench"), site=_SITE.id)


class ReplaySource(StrEnum):
    """A format that `yeji replay` reads."""

    SKAB = "skab"
    NAB = "nab"
    CMAPSS = "cmapss"
    CSV = "csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingOptions:
    """What else a format may need to be told: C-MAPSS its set and how many engines, a CSV its columns."""

    subset: str = "FD001"
    engines: int | None = None
    time_column: str | None = None
    columns: Sequence[str] = ()


def read_recording(source: ReplaySource, path: Path, options: ReadingOptions) -> Recording:
    """Return a recorded data set; InvalidRequestError with what is wrong with the file."""
    if not path.exists():
        raise InvalidRequestError(f"{path}: there is no such file or folder; correct the path")
    if source is ReplaySource.SKAB:
        return read_skab(path)
    if source is ReplaySource.NAB:
        return read_nab(path)
    if source is ReplaySource.CMAPSS:
        return read_cmapss(path, options.subset, options.engines)
    return read_csv(path, time=options.time_column, renamed=_renamed(options.columns))


def plant_of(recording: Recording, machine: str | None) -> str:
    """Return a plant file, as text, that has the machines of a recording."""
    kind = _own_type(recording) if recording.equipment_type is None else _known_type(recording.equipment_type)
    if machine is not None and not IDENTIFIER.fullmatch(machine):
        raise InvalidRequestError(f"--machine {machine}: may hold only letters, digits, - and _")
    named = machine or RIGS.get(kind.id)
    names = [track.name for track in recording.tracks] if named is None else [named]
    plant = Plant(
        sites=(_SITE,),
        lines=(_LINE,),
        machines=tuple(_machine(name, kind) for name in names),
        equipment_types=(kind,),
        part_types=tuple(part for part in load_catalogue().part_types if part.id.startswith(f"{kind.id}.")),
        revision=1,
    )
    return dump_plant(plant)


def _renamed(columns: Sequence[str]) -> Mapping[str, str]:
    pairs = [column.partition("=") for column in columns]
    for column, equals, sensor in pairs:
        if not (column and equals and IDENTIFIER.fullmatch(sensor.strip())):
            told = "must be COLUMN=SENSOR, the sensor of letters, digits, - and _"
            raise InvalidRequestError(f"--column {column}{equals}{sensor}: {told}")
    return {column.strip(): sensor.strip() for column, _, sensor in pairs}


def _known_type(wanted: EquipmentTypeId) -> EquipmentType:
    return next(kind for kind in load_catalogue().equipment_types if kind.id == wanted)


def _machine(name: str, kind: EquipmentType) -> Machine:
    return Machine(
        id=MachineId(name),
        name=Text(ko=name, en=name),
        site=_SITE.id,
        line=_LINE.id,
        equipment_type=kind.id,
        serial=None,
        installed_at=None,
        sensors=kind.sensors,
        slots=kind.slots,
        cost_planned_krw=None,
        cost_unplanned_krw=None,
    )


def _own_type(recording: Recording) -> EquipmentType:
    """Return an equipment type whose sensors are a recording's columns, with the ranges that were seen."""
    track = recording.tracks[0]
    steps = np.diff(track.times_ns)
    period_s = float(np.median(steps[steps > 0])) / SECOND_NS if (steps > 0).any() else 1.0
    source = Source(kind=SourceKind.MEASURED, note=f"seen in {track.name}; type in your own")
    return EquipmentType(
        id=RECORDED,
        name=Text(ko="기록된 설비", en="Recorded machine"),
        sensors=tuple(_sensor(track, i, recording.titles, period_s, source) for i in range(len(track.sensors))),
        slots=(),
        window_s=ROWS_A_WINDOW * period_s,
        learning_span_s=max(ROWS_A_WINDOW * period_s, (track.times_ns[-1] - track.times_ns[0]) / SECOND_NS / 3),
        operating_rule=None,
        source=source,
    )


def _sensor(track: Track, column: int, titles: Mapping[SensorId, str], period_s: float, source: Source) -> Sensor:
    values = track.values[:, column]
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    room = max(high - low, abs(high), 1.0)
    title = titles.get(track.sensors[column], track.sensors[column])
    return Sensor(
        id=track.sensors[column],
        name=Text(ko=title, en=title),
        measurand="other",
        unit="",
        role=SensorRole.CONDITION,
        range_low=low - room,
        range_high=high + room,
        normal_low=low,
        normal_high=high,
        resolution=0.0,
        period_s=period_s,
        limits=(),
        source=source,
    )
