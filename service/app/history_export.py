"""Writing a history bundle out of the stores: closed minutes, part lives, maintenance, labels, meters, the plant."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from configs.plant import EquipmentTypeId, MachineId, SensorId
from ingest.ports import MachineProgress
from ingest.sources.bundle_export import Facts, MinuteFiles, months_of, write_facts, write_manifest
from service.app.clock import utc_now
from service.app.data_folder import translate_disk_errors
from service.app.history import HistoryPorts
from service.errors import ConflictError
from service.state.history import StateHistoryStore

MINUTE_S = 60.0
MINUTE_NS = 60_000_000_000
DAY_NS = 1_440 * MINUTE_NS


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What an export wrote: rows of readings, facts, meters, and the sha256 of each file by its name."""

    rows: int
    facts: int
    meters: int
    files: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Month:
    equipment_type: EquipmentTypeId
    machines: tuple[MachineId, ...]
    name: str
    span: tuple[int, int]


def write_history(
    base: HistoryPorts, folder: Path, *, announce: Callable[[int], None], advance: Callable[[], None]
) -> Exported:
    """Write everything that is kept for long into an empty folder; `announce` is told how many months there are.

    Raises
    ------
    ConflictError
        The folder is there already and is not empty.
    """
    _check_empty(folder)
    months = list(_months(base))
    announce(len(months))
    with translate_disk_errors(folder):
        rows = 0
        for month in months:
            rows += _write_month(base, folder, month)
            advance()
        facts = _facts(base)
        write_facts(folder, base.plants.as_file(base.database), facts)
        files = write_manifest(folder, rows, simulated=base.simulated)
    return Exported(
        rows=rows,
        facts=len(facts.lives) + len(facts.events) + len(facts.labels),
        meters=len(facts.meters),
        files=files,
    )


def _check_empty(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ConflictError(f"{folder} is there already and is not an empty folder; name another one")


def _months(base: HistoryPorts) -> Iterator[_Month]:
    progress = {each.machine: each for each in base.store.progress()}
    by_type: dict[EquipmentTypeId, list[MachineProgress]] = {}
    for machine in base.plants.current.machines:
        if machine.id in progress:
            by_type.setdefault(machine.equipment_type, []).append(progress[machine.id])
    for equipment_type, known in sorted(by_type.items()):
        machines = tuple(sorted(each.machine for each in known))
        first = min(each.first_event_time_ns for each in known)
        newest = max(each.newest_event_time_ns for each in known)
        for name, start, end in months_of(first, newest + 1):
            yield _Month(equipment_type=equipment_type, machines=machines, name=name, span=(start, end))


def _write_month(base: HistoryPorts, folder: Path, month: _Month) -> int:
    rows, (start, end) = 0, month.span
    first = start // MINUTE_NS * MINUTE_NS
    with MinuteFiles(folder, month.equipment_type, month.name, _sensors(base, month)) as files:
        for at in range(first // DAY_NS * DAY_NS, end, DAY_NS):
            block = base.store.read_windows(
                month.equipment_type,
                month.machines,
                start_ns=max(at, first),
                end_ns=min(at + DAY_NS, end),
                width_s=MINUTE_S,
            )
            rows += files.write(block)
    return rows


def _sensors(base: HistoryPorts, month: _Month) -> tuple[SensorId, ...]:
    """Return the sensors that the store has values of and the plant knows: what the bundle's own plant file explains."""
    start = month.span[0]
    stored = base.store.read_windows(
        month.equipment_type, month.machines, start_ns=start, end_ns=start, width_s=MINUTE_S
    ).sensors
    plant = base.plants.current
    known = {sensor.id for machine in plant.machines for sensor in machine.sensors if machine.id in month.machines}
    known |= {sensor.id for sensor in plant.equipment_type(month.equipment_type).sensors}
    return tuple(sensor for sensor in stored if sensor in known)


def _facts(base: HistoryPorts) -> Facts:
    history = StateHistoryStore(base.database, base.plants.current, utc_now)
    return Facts(
        lives=history.part_lives(),
        events=history.maintenance_events(),
        labels=history.labels(),
        meters=base.store.meters(),
    )
