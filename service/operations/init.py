"""`yeji init`: asks its way to a plant file, proposes what the catalogue knows, and says what predictions still lack."""

import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

import orjson
import tomlkit

from configs.catalogue.load import Catalogue, load_catalogue
from configs.instant import utc_of_ns
from configs.plant import IDENTIFIER, EquipmentType, Machine, Plant, Sensor, Slot, Text
from configs.plant_file import parse_plant
from ingest.decode.table_records import MachineRow
from service.app.data_folder import translate_disk_errors
from service.app.machine_list import read_machine_list
from service.errors import ConflictError, InvalidRequestError
from service.operations.result import Output
from service.operations.setup import PLANT_FILE

SITE, LINE = "site1", "line1"
DEFAULT_ZONE = "Asia/Seoul"
Ask = Callable[[str, str], str]
"""Asks a question with a default, and returns the answer."""


@dataclass(slots=True)
class Interview:
    """Asks in one language; counts its questions. `tell` shows a line."""

    ask: Ask
    tell: Callable[[str], None]
    language: str
    questions: int = 0

    def say(self, name: str, **values: object) -> str:
        """Return a sentence in the language."""
        return _words()[name][self.language].format(**values)

    def text(self, text: Text) -> str:
        """Return a name in the language."""
        return text.ko if self.language == "ko" else text.en

    def question(self, name: str, default: str, check: Callable[[str], str] = lambda _: "") -> str:
        """Return an answer that passes `check`, which returns what is wrong with one, or ""."""
        self.questions += 1
        while True:
            answer = self.ask(self.say(name), default).strip()
            wrong = check(answer)
            if not wrong:
                return answer
            self.tell(wrong)

    def choose(self, name: str, number: int) -> list[int]:
        """Return which of a numbered list are chosen, from 0; all where nothing is typed."""

        def wrong(answer: str) -> str:
            return "" if not answer or _numbers(answer, number) else self.say("wrong_number", last=number)

        return _numbers(self.question(name, "", wrong), number) or list(range(number))


@dataclass(slots=True)
class _Draft:
    """The plant file as far as it is."""

    site: str
    zone: str
    lines: dict[str, str] = field(default_factory=dict)
    machines: list[dict[str, Any]] = field(default_factory=list)

    def text(self) -> str:
        document = {
            "site": [{"id": SITE, "name": self.site, "time_zone": self.zone}],
            "line": [{"id": line, "name": name, "site": SITE} for line, name in self.lines.items()],
            "machine": self.machines,
        }
        return tomlkit.dumps(document)


def make_plant(folder: Path, interview: Interview, source: Path | None, output: Output, *, now_ns: int) -> None:
    """Ask, write `plant.toml` into the folder, and say what it has and what is missing.

    Raises
    ------
    ConflictError
        There is a plant file already.
    InvalidRequestError
        The list of machines holds none that the catalogue knows.
    """
    path = folder / PLANT_FILE
    if path.exists():
        raise ConflictError(f"{path} is there already; change it by hand, or name another folder with --dir")
    catalogue = load_catalogue()
    draft = _Draft(
        site=interview.question("site", interview.say("site_default")),
        zone=interview.question("zone", DEFAULT_ZONE, lambda zone: _wrong_zone(zone, interview)),
    )
    if source is None:
        _ask_machines(draft, interview, catalogue)
    else:
        _list_machines(draft, interview, catalogue, source, now_ns=now_ns)
    plant = parse_plant(draft.text(), catalogue, str(path))
    with translate_disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(draft.text(), encoding="utf-8")
    lines = [
        interview.say("written", path=path, number=len(plant.machines)),
        *_outlook(plant, interview, folder, now_ns),
    ]
    row = {"path": str(path), "machines": len(plant.machines), "questions": interview.questions}
    output.show(row, "\n".join(lines))


def _ask_machines(draft: _Draft, interview: Interview, catalogue: Catalogue) -> None:
    draft.lines[LINE] = interview.question("line", interview.say("line_default"))
    kinds = [kind for kind in catalogue.equipment_types if kind.slots]
    while True:
        draft.machines.append(_ask_machine(draft, interview, kinds))
        if interview.question("another", "n").lower() not in interview.say("yes").split():
            return


def _ask_machine(draft: _Draft, interview: Interview, kinds: Sequence[EquipmentType]) -> dict[str, Any]:
    interview.tell(interview.say("types"))
    for number, kind in enumerate(kinds, start=1):
        interview.tell(f"  {number}. {interview.text(kind.name)}")
    last = len(kinds)
    chosen = interview.question(
        "type", "1", lambda answer: "" if len(_numbers(answer, last)) == 1 else interview.say("wrong_number", last=last)
    )
    kind = kinds[_numbers(chosen, last)[0]]
    same = sum(machine["type"] == kind.id for machine in draft.machines) + 1
    name = interview.question("machine", f"{interview.text(kind.name)} {same}")
    taken = {machine["id"] for machine in draft.machines}
    machine_id = interview.question(
        "id",
        f"{kind.id.split('_')[0]}-{same:02}",
        lambda answer: "" if IDENTIFIER.fullmatch(answer) and answer not in taken else interview.say("wrong_id"),
    )
    sensors = _ask_parts(interview, "sensor", [_sensor_line(each, interview) for each in kind.sensors])
    slots = _ask_parts(interview, "slot", [interview.text(each.name) for each in kind.slots])
    table: dict[str, Any] = {"id": machine_id, "name": name, "line": LINE, "type": kind.id}
    table["sensors"] = {each.id: {"absent": True} for at, each in enumerate(kind.sensors) if at not in sensors}
    table["slots"] = {each.id: {"absent": True} for at, each in enumerate(kind.slots) if at not in slots}
    return {key: value for key, value in table.items() if value}


def _ask_parts(interview: Interview, what: str, lines: Sequence[str]) -> list[int]:
    interview.tell(interview.say(f"{what}_list"))
    for number, line in enumerate(lines, start=1):
        interview.tell(f"  {number}. {line}")
    return interview.choose(f"{what}s", len(lines))


def _sensor_line(sensor: Sensor, interview: Interview) -> str:
    limits = ", ".join(f"{limit.level.value} {limit.value:g}" for limit in sensor.limits)
    return f"{sensor.id}: {interview.text(sensor.name)} {sensor.unit}".rstrip() + (f" ({limits})" if limits else "")


def _list_machines(draft: _Draft, interview: Interview, catalogue: Catalogue, source: Path, *, now_ns: int) -> None:
    rows, rejections = read_machine_list(source, catalogue.equipment_types, now_ns=now_ns)
    for each in rejections:
        why = each.problem.value.replace("_", " ")
        interview.tell(interview.say("left_out", row=each.row, why=why, shown=each.shown))
    if not rows:
        raise InvalidRequestError(f"{source.name}: no machine in it has a type that the catalogue knows")
    draft.machines = [_from_row(row, draft, interview) for row in rows]


def _from_row(row: MachineRow, draft: _Draft, interview: Interview) -> dict[str, Any]:
    wanted = row.line or interview.say("line_default")
    line = next((known for known, name in draft.lines.items() if name == wanted), f"line{len(draft.lines) + 1}")
    draft.lines[line] = wanted
    table = {"id": row.id, "name": row.name, "line": line, "type": row.equipment_type, "serial": row.serial}
    if row.installed_at is not None:
        table["installed_at"] = row.installed_at.date().isoformat()
    return {key: value for key, value in table.items() if value}


def _outlook(plant: Plant, interview: Interview, folder: Path, now_ns: int) -> list[str]:
    """Say of each machine what its predictions have and lack, and how it is started."""
    lines: list[str] = []
    for machine in plant.machines:
        lines.append(interview.say("predictions", machine=interview.text(machine.name)))
        usual = {slot.id: slot for slot in plant.equipment_type(machine.equipment_type).slots}
        lines += [_slot_line(slot, usual.get(slot.id, slot), machine, interview) for slot in machine.slots]
    first = plant.machines[0]
    topic = f"yeji/v1/{first.site}/{first.line}/{first.id}/telemetry"
    value = (first.sensors[0].normal_low + first.sensors[0].normal_high) / 2 if first.sensors else 0.0
    message = {
        "v": 1,
        "ts": f"{utc_of_ns(now_ns):%Y-%m-%dT%H:%M:%SZ}",
        "values": {sensor.id: value for sensor in first.sensors[:1]},
    }
    lines.append(interview.say("next", folder=folder, topic=topic))
    return [*lines, interview.say("message", message=orjson.dumps(message).decode())]


def _slot_line(slot: Slot, usual: Slot, machine: Machine, interview: Interview) -> str:
    names = {sensor.id: interview.text(sensor.name) for sensor in machine.sensors}
    seen = [names[sign.sensor] for sign in slot.signs if sign.sensor in names]
    name = interview.text(slot.name)
    if seen:
        return interview.say("has_signs", slot=name, sensors=", ".join(seen))
    if usual.signs:
        return interview.say("age_only", slot=name, sensors=", ".join(sign.sensor for sign in usual.signs))
    return interview.say("no_signs", slot=name)


def _numbers(answer: str, last: int) -> list[int]:
    """Return numbers from 1 to `last` in a text as places from 0; none where one of them is wrong."""
    parts = [part.strip() for part in answer.replace(" ", ",").split(",") if part.strip()]
    found = [int(part) - 1 for part in parts if part.isdecimal() and 1 <= int(part) <= last]
    return sorted(set(found)) if len(found) == len(parts) else []


def _wrong_zone(zone: str, interview: Interview) -> str:
    return "" if zone in available_timezones() else interview.say("wrong_zone")


@cache
def _words() -> dict[str, dict[str, str]]:
    return tomllib.loads(files("service.operations").joinpath("init_words.toml").read_text(encoding="utf-8"))
