"""The sections of a plant file as they are written, each table checked on its own."""

import re
import tomllib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Annotated, TypeVar
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, ValidationError

from configs.calendar_form import CalendarForm
from configs.catalogue.forms import Form, Identifier, Words
from configs.catalogue.mistakes import mistakes_of, suggestion
from configs.catalogue.overrides import Table
from configs.catalogue.type_form import EquipmentTypeForm
from configs.errors import ConfigurationError
from configs.plant import Line, LineId, Site, SiteId
from configs.time_zone import check_time_zone

SECTIONS = ("site", "line", "machine", "equipment_type", "part_type", "sparkplug", "mapping")

_TWICE = re.compile(r"Cannot (?:declare|overwrite|mutate).*?\((?P<keys>.*?),?\) twice \(at line (?P<line>\d+)")


RISKS = {"1 in 50": 0.02, "1 in 20": 0.05, "1 in 10": 0.1, "1 in 5": 0.2, "1 in 3": 1 / 3}
"""How many parts may fail before they are replaced, as people say it."""


_COSTS = frozenset(
    {"cost_planned_krw", "cost_unplanned_krw", "downtime_krw_per_hour", "planned_stop_h", "unplanned_stop_h"}
)


def _check_risk(words: str) -> str:
    if words not in RISKS:
        raise ValueError(f"is not a risk; write one of {', '.join(RISKS)}")
    return words


class PlaceForm(Form):
    """A site or a machine: what it is called, what a stop of it costs, and the risk to take where nobody knows that."""

    id: Identifier
    name: Words
    cost_planned_krw: float | None = Field(default=None, ge=0)
    cost_unplanned_krw: float | None = Field(default=None, ge=0)
    downtime_krw_per_hour: float | None = Field(default=None, ge=0)
    planned_stop_h: float | None = Field(default=None, ge=0)
    unplanned_stop_h: float | None = Field(default=None, ge=0)
    risk: Annotated[str, AfterValidator(_check_risk)] | None = None

    def costs(self) -> dict[str, float | None]:
        """Return the figures under the names that sites and machines have for them."""
        figures: dict[str, float | None] = self.model_dump(include=set(_COSTS))
        return figures | {"risk": None if self.risk is None else RISKS[self.risk]}


def risk_words(risk: float) -> str:
    """Return how a risk is written."""
    return next(words for words, share in RISKS.items() if share == risk)


class SiteForm(PlaceForm):
    """`[[site]]`."""

    time_zone: Annotated[str, AfterValidator(check_time_zone)]
    calendar: CalendarForm | None = None

    def word(self) -> Site:
        """Return the site."""
        return Site(
            id=SiteId(self.id),
            name=self.name.word(),
            time_zone=self.time_zone,
            calendar=self.calendar.word() if self.calendar else None,
            **self.costs(),
        )


class LineForm(Form):
    """`[[line]]`."""

    id: Identifier
    name: Words
    site: str

    def word(self) -> Line:
        """Return the line."""
        return Line(id=LineId(self.id), name=self.name.word(), site=SiteId(self.site))


class MachineForm(PlaceForm):
    """`[[machine]]`, with what differs from its type; a time of installation without an offset is the site's own."""

    line: str
    type: str
    serial: str | None = None
    installed_at: datetime | date | None = None
    sensors: dict[Identifier, Table] = Field(default_factory=dict)
    slots: dict[Identifier, Table] = Field(default_factory=dict)
    waveforms: dict[Identifier, Table] = Field(default_factory=dict)

    def installed_in(self, zone: ZoneInfo) -> datetime | None:
        """Return when it was installed, in UTC; a day begins at midnight of the site."""
        written = self.installed_at
        if written is None:
            return None
        moment = written if isinstance(written, datetime) else datetime.combine(written, time())
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


_FormT = TypeVar("_FormT", bound=Form)
_ReadT = TypeVar("_ReadT")


@dataclass(slots=True)
class Mistakes:
    """What was wrong with a file so far, one line each."""

    lines: list[str] = field(default_factory=list)

    def parse(self, form: type[_FormT], section: str, tables: Sequence[Table]) -> dict[str, _FormT]:
        """Return the forms of a section by id, in order; what cannot be read is told and left out."""
        forms: dict[str, _FormT] = {}
        seen: set[str] = set()
        for position, table in enumerate(tables, start=1):
            name = table.get("id")
            place = f"{section} {name}" if isinstance(name, str) else f"[[{section}]] number {position}"
            if isinstance(name, str) and name in seen:
                self.lines.append(f"{place}: is there twice; rename or remove one")
                continue
            seen.add(str(name))
            try:
                forms[str(name)] = form.model_validate(table)
            except ValidationError as error:
                self.lines += mistakes_of(error, form, f"{place}:")
        return forms

    def told(self, read: tuple[_ReadT, Iterable[str]]) -> _ReadT:
        """Return what was read, and take in the mistakes that came with it."""
        self.lines += read[1]
        return read[0]

    def check_known(self, place: str, kind: str, name: object, known: Collection[str]) -> None:
        """Tell of a name that stands for nothing."""
        if isinstance(name, str) and name not in known:
            names = sorted(known)
            near = suggestion(name, names) or (f"; known are {', '.join(names)}" if names else f"; add a [[{kind}]]")
            self.lines.append(f"{place}: there is no {kind} {name!r}{near}")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantForms:
    """A plant file: the raw tables of each section, and the forms of those that could be read, by id."""

    tables: dict[str, list[Table]]
    sites: dict[str, SiteForm]
    lines: dict[str, LineForm]
    machines: dict[str, MachineForm]
    equipment_types: dict[str, EquipmentTypeForm]

    def named(self, section: str) -> list[str]:
        """Return the ids of a section, those of unreadable tables too."""
        return [str(table["id"]) for table in self.tables[section] if "id" in table]


def read_forms(text: str, source: str, mistakes: Mistakes) -> PlantForms:
    """Return the forms of a TOML text; what single tables lack is added to `mistakes`.

    Raises
    ------
    ConfigurationError
        The text is no TOML, or has sections that no plant file has; `source` names it.
    """
    tables = _sections(text, source)
    return PlantForms(
        tables=tables,
        sites=mistakes.parse(SiteForm, "site", tables["site"]),
        lines=mistakes.parse(LineForm, "line", tables["line"]),
        machines=mistakes.parse(MachineForm, "machine", tables["machine"]),
        equipment_types=mistakes.parse(EquipmentTypeForm, "equipment_type", tables["equipment_type"]),
    )


def _sections(text: str, source: str) -> dict[str, list[Table]]:
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(source, (_toml_mistake(str(error)),)) from None
    listed = ", ".join(f"[[{section}]]" for section in SECTIONS)
    wrong = [
        f"{key}: is not a section of a plant file{suggestion(key, SECTIONS) or f'; they are {listed}'}"
        for key in document
        if key not in SECTIONS
    ]
    wrong += [
        f"{key}: write it as [[{key}]], once for each" for key in SECTIONS if not _are_tables(document.get(key, []))
    ]
    if wrong:
        raise ConfigurationError(source, tuple(wrong))
    return {section: document.get(section, []) for section in SECTIONS}


def _are_tables(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, dict) for item in value)


def _toml_mistake(message: str) -> str:
    if twice := _TWICE.search(message):
        *above, key = re.findall(r"'([^']*)'", twice["keys"])
        kind = {"slots": "slot ", "sensors": "sensor "}.get(above[-1] if above else "", "")
        return f"line {twice['line']}: {kind}{key} is there twice; rename or remove one"
    return f"is not TOML: {message}; correct the line"
