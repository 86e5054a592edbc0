"""What a list of machines changes of the plant: machines that it lacks, and the lines that they stand on."""

import hashlib
from collections.abc import Iterable

from configs.plant import IDENTIFIER, Line, LineId, Plant, SiteId
from configs.plant_change import ChangedKind, PlantChange
from ingest.decode.table_cells import key_of
from ingest.decode.table_records import MachineRow


def changes_for(rows: Iterable[MachineRow], plant: Plant, site: SiteId) -> tuple[PlantChange, ...]:
    """Return the changes that bring in what the plant lacks of a list; a machine that it has is left as it is.

    A line that is named and not known becomes one of `site`; where none is named, it is the first of that site.
    """
    known = {machine.id for machine in plant.machines}
    lines = {key_of(name): line for line in plant.lines for name in (line.id, line.name.ko, line.name.en)}
    changes: list[PlantChange] = []
    for row in rows:
        if row.id in known:
            continue
        line = lines.get(key_of(row.line)) or _first_line(plant, site, row.line)
        if line is None:
            new = _line_id(row.line)
            changes.append(PlantChange(kind=ChangedKind.LINE, id=new, table={"name": row.line or new, "site": site}))
            line = Line(id=new, name=plant.sites[0].name, site=site)
            lines[key_of(row.line)] = line
        changes.append(PlantChange(kind=ChangedKind.MACHINE, id=row.id, table=_table(row, line)))
    return tuple(changes)


def _first_line(plant: Plant, site: SiteId, text: str) -> Line | None:
    return None if text else next((line for line in plant.lines if line.site == site), None)


def _line_id(text: str) -> LineId:
    plain = text.strip().replace(" ", "-")
    if IDENTIFIER.fullmatch(plain):
        return LineId(plain)
    return LineId(f"line-{hashlib.sha256(key_of(text).encode()).hexdigest()[:6]}")


def _table(row: MachineRow, line: Line) -> dict[str, object]:
    table: dict[str, object] = {"name": row.name, "line": line.id, "type": row.equipment_type}
    if row.serial:
        table["serial"] = row.serial
    if row.installed_at is not None:
        table["installed_at"] = row.installed_at.date().isoformat()
    return table
