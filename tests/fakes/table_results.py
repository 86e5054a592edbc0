"""What came of a table, told as `kept_tables` tells it."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from configs.catalogue.load import load_catalogue
from configs.instant import ns_of, utc_of_ns
from configs.plant import Plant
from ingest.decode.table_import import SheetContent, Surroundings, read_sheet
from ingest.decode.table_layout import Answers
from ingest.sources.table_file import open_table
from tests.fakes.kept_tables import KeptTable, Readings, Rejections

SEOUL = ZoneInfo("Asia/Seoul")
NOW = datetime(2026, 11, 24, 17, 5, tzinfo=SEOUL)


def contents(path: Path, plant: Plant, answers: Answers | None = None) -> tuple[SheetContent, ...]:
    """Return the sheets of a file, as read for a plant on 24 November 2026."""
    around = Surroundings(
        plant=plant, types=load_catalogue().equipment_types, meters={}, now_ns=ns_of(NOW), file_name=path.stem
    )
    with open_table(path) as sheets:
        return tuple(read_sheet(sheet, around, lambda _: answers or Answers()) for sheet in sheets)


def local(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(SEOUL).strftime("%Y-%m-%d %H:%M")


def readings_of(found: Iterable[SheetContent]) -> Readings:
    return {
        (each.machine.id, sensor, str(local(utc_of_ns(int(at))))): round(float(each.values[row, column]), 9)
        for content in found
        for each in content.readings
        for row, at in enumerate(each.times_ns)
        for column, sensor in enumerate(each.sensors)
        if each.values[row, column] == each.values[row, column]
    }


def records_of(found: Iterable[SheetContent]) -> dict[int, tuple[object, ...]]:
    records: dict[int, tuple[object, ...]] = {}
    for content in found:
        for row, event in content.events:
            records[row] = (event.machine, event.slot, local(event.at), event.kind.value, event.note)
        for row, life in content.lives:
            reason = life.removal_reason and life.removal_reason.value
            told = (life.machine, life.slot, local(life.installed_at), local(life.removed_at))
            records[row] = (*told, life.meter_at_install, life.meter_at_removal, reason)
        for machine in content.machines:
            shown = machine.id if "-" in machine.id and len(machine.id) < 8 else None
            told = (shown, machine.name, machine.equipment_type, machine.line)
            records[machine.row] = (*told, machine.serial, local(machine.installed_at))
    return records


def rejections_of(found: Iterable[SheetContent]) -> Rejections:
    return {(each.row, each.column, each.problem.value) for content in found for each in content.rejections}


def differences(table: KeptTable, found: tuple[SheetContent, ...]) -> list[str]:
    """Return how a file came out otherwise than it is to; nothing where all is as it should be."""
    wanted = {place: round(value, 9) for place, value in table.readings.items()}
    pairs = {
        "readings": (wanted, readings_of(found)),
        "records": (dict(table.records), records_of(found)),
        "rejections": (table.rejections, rejections_of(found)),
        "notes": (table.notes, frozenset(note.kind.value for content in found for note in content.notes)),
    }
    return [f"{what}: wanted {want}, got {got}" for what, (want, got) in pairs.items() if want != got]
