"""What kind of table a sheet is, and what each of its columns stands for: guessed from the words, corrected by people."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from configs.plant import Machine, Plant, Sensor
from configs.units import conversion
from ingest.decode.table_cells import CellError, CellProblem, key_of
from ingest.decode.table_head import Head, Heading
from ingest.decode.table_names import Names, Role, SensorNames, machine_names, role_of


class TableKind(StrEnum):
    """What a sheet holds."""

    READINGS = "readings"
    READINGS_LONG = "readings_long"
    READINGS_ACROSS = "readings_across"
    MAINTENANCE = "maintenance"
    PARTS = "parts"
    MACHINES = "machines"
    NOT_UNDERSTOOD = "not_understood"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What a person said of tables of one shape; all empty where nothing had to be said.

    `machine` is whose table it is, `columns` gives a heading its role or its `sensor` or `machine/sensor`, `units` its
    unit, and `names` what a text in the cells stands for, by id. `hours_per_day` is how long machines run where a
    ledger of parts gives days alone.
    """

    machine: str = ""
    year: int | None = None
    hours_per_day: float | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """What one column stands for: a role, or a sensor of a machine; else the problem that keeps it out.

    Not `sure` where it was guessed from a part of its heading.
    """

    heading: Heading
    role: Role | None = None
    machine: Machine | None = None
    sensor: Sensor | None = None
    unit: str = ""
    sure: bool = True
    problem: CellProblem | None = None
    shown: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """A sheet understood. `machine` is whose sheet it is, where `words`, its titles and its name, or an answer say so."""

    kind: TableKind
    head: Head
    columns: tuple[Column, ...]
    machine: Machine | None
    machine_is_guess: bool
    words: tuple[str, ...]

    def of(self, role: Role) -> Column | None:
        """Return the first column of that role."""
        return next((column for column in self.columns if column.role is role), None)


def understand(head: Head, plant: Plant, answers: Answers, *, around: Sequence[str]) -> Layout:
    """Return what a sheet is; `around` are the names of sheet and file, the nearest first."""
    words = (*head.titles, *around)
    machine, is_guess = _machine_of_sheet(machine_names(plant), answers, words)
    roles = {each.position: _role(each, answers) for each in head.headings}
    kind = _kind(head, {role for role in roles.values() if role is not None})
    unread = None if kind is TableKind.READINGS else Role.IGNORED
    columns = tuple(
        Column(heading=each, role=roles[each.position] or unread, unit=answers.units.get(each.name, each.unit))
        for each in head.headings
    )
    layout = Layout(kind=kind, head=head, columns=columns, machine=machine, machine_is_guess=is_guess, words=words)
    if kind is not TableKind.READINGS or layout.of(Role.MACHINE) is not None:
        return layout
    return replace(layout, columns=columns_of(layout, plant, answers, machine))


def columns_of(layout: Layout, plant: Plant, answers: Answers, machine: Machine | None) -> tuple[Column, ...]:
    """Return the columns of a sheet of readings, for rows that are of `machine` where a heading names no other."""
    names = machine_names(plant)
    return tuple(
        column if column.role is not None else _sensor_column(column, names, answers, machine, words=layout.words)
        for column in layout.columns
    )


def shape_of(head: Head, sheet: str) -> str:
    """Return what tables of one shape have in common: the headings, and the sheet's name but for its numbers."""
    words = [key_of(sheet).translate(str.maketrans("", "", "0123456789"))]
    words += [f"{each.position}:{key_of(each.name)}:{each.unit}" for each in head.headings]
    return hashlib.sha256("\n".join(words).encode()).hexdigest()[:32]


def _machine_of_sheet(names: Names[Machine], answers: Answers, words: Sequence[str]) -> tuple[Machine | None, bool]:
    if answers.machine:
        return names.get(answers.machine), False
    for word in words:
        try:
            found = names.find(word)
        except CellError:
            continue
        if found is not None:
            return found.item, not found.sure
    return None, False


def _role(heading: Heading, answers: Answers) -> Role | None:
    said = answers.columns.get(heading.name)
    if said is not None:
        return Role(said) if said in set(Role) else None
    own = [role_of(part) for part in reversed(heading.parts)]
    if not heading.parts:
        return Role.IGNORED
    return own[0] if len(set(own)) == 1 or own[0] is not None else None


def _kind(head: Head, roles: set[Role]) -> TableKind:
    roles = roles | {Role.TIME} if Role.CLOCK in roles else roles
    if {Role.PART, Role.INSTALLED} <= roles:
        return TableKind.PARTS
    if Role.TYPE in roles and roles & {Role.MACHINE, Role.MACHINE_NAME}:
        return TableKind.MACHINES
    if head.axis:
        return TableKind.READINGS_ACROSS if Role.ITEM in roles else TableKind.NOT_UNDERSTOOD
    if {Role.TIME, Role.WORK} <= roles:
        return TableKind.MAINTENANCE
    if {Role.TIME, Role.ITEM, Role.VALUE} <= roles:
        return TableKind.READINGS_LONG
    return TableKind.READINGS if Role.TIME in roles else TableKind.NOT_UNDERSTOOD


def _sensor_column(
    column: Column, names: Names[Machine], answers: Answers, machine: Machine | None, *, words: Sequence[str]
) -> Column:
    heading = column.heading
    try:
        own, is_named = _machine_of_column(heading, names, answers, machine)
        sensor, sure = _sensor_of_column(heading, own, answers, words=words if is_named else ())
    except CellError as error:
        return replace(column, problem=error.problem, shown=error.shown)
    if column.unit and conversion(column.unit, sensor.unit, sensor.measurand) is None:
        shown = f"{column.unit} → {sensor.unit}"
        return replace(column, machine=own, sensor=None, problem=CellProblem.WRONG_UNIT, shown=shown)
    return replace(column, machine=own, sensor=sensor, sure=sure)


def _machine_of_column(
    heading: Heading, names: Names[Machine], answers: Answers, machine: Machine | None
) -> tuple[Machine, bool]:
    """Return whose column it is, and whether its own heading says so; CellError where nothing does."""
    said = answers.columns.get(heading.name, "")
    if "/" in said:
        return names.get(said.partition("/")[0]), True
    for part in () if said else heading.parts:
        found = names.find(part)
        if found is not None:
            return found.item, True
    if machine is None:
        raise CellError(CellProblem.UNKNOWN_MACHINE, heading.name[:48])
    return machine, False


def _sensor_of_column(
    heading: Heading, machine: Machine, answers: Answers, *, words: Sequence[str]
) -> tuple[Sensor, bool]:
    """Return the sensor of a column by its heading, or where that only names the machine, by the words of the sheet."""
    sensors = SensorNames(machine)
    said = answers.columns.get(heading.name, "")
    if said:
        return sensors.get(said.rpartition("/")[2]), True
    for text in (" ".join(heading.parts), *reversed(heading.parts)):
        found = sensors.find(text)
        if found is not None:
            return found.item, found.sure
    for word in words:
        found = sensors.find(word)
        if found is not None:
            return found.item, False
    raise CellError(CellProblem.UNKNOWN_SENSOR, heading.name[:48])
