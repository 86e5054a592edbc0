"""A plant file becomes a plant, or all of its mistakes at once; and a plant becomes the file that gives it back."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from configs.catalogue.load import Catalogue, load_catalogue
from configs.errors import ConfigurationError
from configs.plant import (
    Bound,
    EquipmentType,
    Limit,
    LimitLevel,
    Line,
    LineId,
    Machine,
    MachineId,
    PartTypeId,
    Plant,
    Sensor,
    SensorId,
    SensorRole,
    Site,
    SiteId,
    Slot,
    SlotId,
    Source,
    SourceKind,
    Text,
)
from configs.plant_file import dump_plant, load_plant, parse_plant

CATALOGUE = load_catalogue()

GOOD = """
[[site]]
id = "ansan"
name = "안산공장"
time_zone = "Asia/Seoul"

[[line]]
id = "cutting"
name = { ko = "절삭 라인", en = "Cutting line" }
site = "ansan"

[[machine]]
id = "mc-1"
name = "머시닝센터 1호기"
line = "cutting"
type = "cnc_machining_centre"
"""


def _parse(text: str, catalogue: Catalogue = CATALOGUE) -> Plant:
    return parse_plant(text, catalogue, "plant.toml")


def _mistakes(text: str) -> tuple[str, ...]:
    with pytest.raises(ConfigurationError) as caught:
        _parse(text)
    assert all("\n" not in line for line in caught.value.mistakes)
    return caught.value.mistakes


def _type_of(plant: Plant) -> EquipmentType:
    return plant.equipment_type(plant.machines[0].equipment_type)


def test_a_machine_has_the_sensors_and_slots_of_its_type() -> None:
    plant = _parse(GOOD)
    (machine,) = plant.machines
    assert (machine.site, machine.line, machine.name) == (
        "ansan",
        "cutting",
        Text(ko="머시닝센터 1호기", en="머시닝센터 1호기"),
    )
    assert machine.sensors == _type_of(plant).sensors
    assert machine.slots == _type_of(plant).slots
    assert plant.lines[0].name == Text(ko="절삭 라인", en="Cutting line")
    assert plant.revision == 1


def test_the_plant_holds_the_types_in_use_and_no_other() -> None:
    plant = _parse(GOOD)
    assert [kind.id for kind in plant.equipment_types] == ["cnc_machining_centre"]
    assert {part.id for part in plant.part_types} == {slot.part_type for slot in plant.machines[0].slots}


def test_what_the_site_types_in_wins_and_says_so() -> None:
    plant = _parse(
        GOOD
        + """
        serial = "A-77"
        cost_planned_krw = 300000
        cost_unplanned_krw = 2000000
        [machine.sensors.spindle_vib]
        normal_high = 1.5
        limits = [{ level = "warning", value = 2.0 }, { level = "critical", value = 3.0, deadband = 0.2 }]
        [machine.sensors.spindle_temp]
        name = "주축 앞 온도"
        [machine.slots.coolant_filter]
        name = "절삭유 백 필터"
        [[part_type]]
        id = "cnc_machining_centre.coolant_filter"
        eta = 900
        price_krw = 52000
        """
    )
    machine = plant.machines[0]
    vib, temp = (next(s for s in machine.sensors if s.id == name) for name in ("spindle_vib", "spindle_temp"))
    assert [limit.value for limit in vib.limits] == [2.0, 3.0]
    assert {limit.source.kind for limit in vib.limits} == {SourceKind.SITE} == {vib.source.kind}
    assert temp.source == next(s for s in _type_of(plant).sensors if s.id == "spindle_temp").source
    part = plant.part_type(PartTypeId("cnc_machining_centre.coolant_filter"))
    assert (part.eta, part.beta, part.price_krw, part.lead_time_days) == (900, 3.0, 52000, 3)
    assert part.life_source.kind is part.trade_source.kind is SourceKind.SITE
    assert (machine.serial, machine.cost_planned_krw, machine.cost_unplanned_krw) == ("A-77", 300000, 2000000)


def test_a_machine_may_lack_sensors_and_slots_and_have_its_own() -> None:
    plant = _parse(
        GOOD
        + """
        [machine.sensors.spindle_kurtosis]
        absent = true
        [machine.sensors.chip_conveyor_current]
        name = "칩 컨베이어 전류"
        measurand = "current"
        unit = "A"
        range_low = 0
        range_high = 20
        normal_low = 1
        normal_high = 4
        [machine.slots.ball_screw]
        absent = true
        [machine.slots.chip_conveyor_bearing]
        name = "칩 컨베이어 베어링"
        part_type = "conveyor_gear_motor.output_bearing"
        signs = [{ sensor = "chip_conveyor_current", rises = true }]
        """
    )
    machine = plant.machines[0]
    assert machine.sensors[-1].id == "chip_conveyor_current"
    assert "spindle_kurtosis" not in {sensor.id for sensor in machine.sensors}
    assert [slot.id for slot in machine.slots][-1] == "chip_conveyor_bearing"
    assert "ball_screw" not in {slot.id for slot in machine.slots}
    assert all(sign.sensor != "spindle_kurtosis" for slot in machine.slots for sign in slot.signs)
    assert plant.part_type(PartTypeId("conveyor_gear_motor.output_bearing")).beta == 1.3


def test_an_installation_day_begins_at_the_sites_midnight() -> None:
    assert _parse(GOOD + "installed_at = 2021-03-01\n").machines[0].installed_at == datetime(
        2021, 2, 28, 15, tzinfo=UTC
    )
    assert _parse(GOOD + "installed_at = 2021-03-01T09:00:00\n").machines[0].installed_at == datetime(
        2021, 3, 1, tzinfo=UTC
    )
    at_offset = _parse(GOOD + "installed_at = 2021-03-01T09:00:00+02:00\n").machines[0].installed_at
    assert at_offset == datetime(2021, 3, 1, 7, tzinfo=UTC)


OWN_TYPE = """
[[equipment_type]]
id = "oven"
name = "건조로"
window_s = 30
source = { kind = "site", note = "our own" }
operating_rule = { sensor = "current", above = 1.0 }
[[equipment_type.sensor]]
id = "current"
name = "전류"
measurand = "current"
unit = "A"
range_low = 0
range_high = 50
normal_low = 10
normal_high = 20
[[equipment_type.part]]
id = "heater"
name = "히터"
life_unit = "operating_hours"
beta = 1.3
eta = 8000
check = "전류를 재세요."
remedy = "히터를 바꾸세요."
lead_time_days = 3
price_krw = 40000
cost_ratio = 4
signs = [{ sensor = "current", rises = false }]
"""


def test_a_plant_may_bring_its_own_equipment_type_in_the_file() -> None:
    plant = _parse(GOOD.replace("cnc_machining_centre", "oven") + OWN_TYPE)
    machine = plant.machines[0]
    assert [sensor.id for sensor in machine.sensors] == ["current"]
    assert machine.slots[0].part_type == "oven.heater"
    assert plant.part_types[0].life_source == Source(kind=SourceKind.SITE, note="our own")
    assert _parse(dump_plant(plant, CATALOGUE)) == plant


def test_a_plant_may_bring_its_own_equipment_types_beside_the_file(tmp_path: Path) -> None:
    (tmp_path / "catalogue").mkdir()
    own = OWN_TYPE.replace("[[equipment_type]]", "").replace("[[equipment_type.", "[[")
    (tmp_path / "catalogue" / "oven.toml").write_text(own, encoding="utf-8")
    (tmp_path / "plant.toml").write_text(GOOD.replace("cnc_machining_centre", "oven"), encoding="utf-8")
    plant = load_plant(tmp_path / "plant.toml")
    assert plant.machines[0].equipment_type == "oven"
    assert _parse(dump_plant(plant, CATALOGUE)) == plant


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (GOOD + "colour = 1\n", "machine mc-1: colour: is not a key of this table; known are id, name, cost_planned_krw"),
        (GOOD + "serail = 'x'\n", "machine mc-1: serail: is not a key of this table; did you mean serial?"),
        (GOOD + 'risk = "1 in 7"\n', "machine mc-1: risk = '1 in 7': is not a risk; write one of 1 in 50"),
        (GOOD + "cost_planned_krw = -1\n", "machine mc-1: cost_planned_krw = -1: input should be greater"),
        (GOOD.replace("Asia/Seoul", "Asia/Soul"), "site ansan: time_zone = 'Asia/Soul': is not a time zone; write one"),
        (GOOD.replace("Asia/Seoul", "../etc"), "site ansan: time_zone = '../etc': is not a time zone; write one"),
        (GOOD.replace('"cnc_machining_centre"', '"cnc_machning"'), "machine mc-1: there is no equipment_type 'cnc_machning'; did you mean cnc_machining_centre?"),
        (GOOD.replace('"mc-1"', '"mc 1"'), "machine mc 1: id = 'mc 1': may hold only letters"),
        (GOOD.replace('id = "mc-1"', ""), "[[machine]] number 1: id: is missing; add it"),
        (GOOD.replace('line = "cutting"', 'line = "milling"'), "machine mc-1: there is no line 'milling'; known are cutting"),
        (GOOD.replace('site = "ansan"', 'site = "ansn"'), "line cutting: there is no site 'ansn'; did you mean ansan?"),
        (GOOD + GOOD[GOOD.index("[[machine]]") :], "machine mc-1: is there twice; rename or remove one"),
        (GOOD + "[machine.slots.ball_screw]\n[machine.slots.ball_screw]\n", "line 18: slot ball_screw is there twice"),
        (GOOD + "[machine.sensors.a]\n[machine.sensors.a]\n", "line 18: sensor a is there twice"),
        (GOOD + '[machine.slots.extra]\nname = "x"\n', "machine mc-1, slot extra: part_type: is missing; add it"),
        (GOOD + '[machine.slots.ball_screw]\npart_type = "cnc_machining_centre.ball_scrw"\n', "machine mc-1, slot ball_screw: there is no part_type"),
        (GOOD + '[machine.slots.ball_screw]\nsigns = [{sensor = "axis_folow_err"}]\n', "machine mc-1, slot ball_screw: the machine has no sensor axis_folow_err; did you mean axis_follow_err?"),
        (GOOD + '[machine.sensors.spindle_vib]\nlimits = [{ level = "warning", value = 900 }]\n', "machine mc-1, sensor spindle_vib: the warning limit 900 lies outside the sensor's range 0 to 50"),
        (GOOD + '[machine.sensors.spindle_vib]\nlimits = [{ level = "red", value = 9 }]\n', "machine mc-1, sensor spindle_vib: limits[1].level = 'red': input should be 'warning' or 'critical'"),
        (GOOD + '[machine.sensors.spindle_vib]\nlimits = [{ level = "warning", val = 9 }]\n', "machine mc-1, sensor spindle_vib: limits[1].value: is missing; add it"),
        (GOOD + "[machine.sensors.spindle_vib]\nrange_high = -5\n", "machine mc-1, sensor spindle_vib: range_low must be below range_high"),
        (GOOD + "[machine.sensors.spindle_vib]\nnormal_high = 99\n", "machine mc-1, sensor spindle_vib: normal_low to normal_high must lie inside"),
        (GOOD + "[machine.sensors.spindle_temp]\nunit = 'bar'\n", "machine mc-1, sensor spindle_temp: bar is no unit of temperature; correct unit or measurand"),
        (GOOD + "[machine.sensors.spindle_vibb]\nunit = 'g'\n", "machine mc-1, sensor spindle_vibb: is not a sensor of cnc_machining_centre; did you mean spindle_vib?"),
        (GOOD + "[machine.sensors.spindle_vib]\nabsent = false\n", "machine mc-1, sensor spindle_vib: absent may only be true"),
        (GOOD + "[machine.slots.nothing]\nabsent = true\n", "machine mc-1, slot nothing: is not in the machine's type; remove the table"),
        (GOOD + '[machine.sensors."a b"]\nabsent = true\n', "machine mc-1: sensors.a b"),
        (GOOD + '[[part_type]]\nid = "cnc_machining_centre.ball_scrw"\nprice_krw = 1\n', "part_type cnc_machining_centre.ball_scrw: is not in the catalogue; did you mean cnc_machining_centre.ball_screw?"),
        (GOOD + '[[part_type]]\nid = "cnc_machining_centre.ball_screw"\nprice_krw = -1\n', "part_type cnc_machining_centre.ball_screw: price_krw = -1: input should be greater"),
        (GOOD + '[[part_type]]\nid = "cnc_machining_centre.ball_screw"\n' * 2, "part_type cnc_machining_centre.ball_screw: is there twice"),
        (GOOD + "[[part_type]]\nprice_krw = 1\n", "part_type 1: is not in the catalogue"),
        (GOOD + OWN_TYPE.replace('id = "heater"', 'id = "he ater"'), "equipment_type oven: part[1].id = 'he ater': may hold only letters"),
        (GOOD + OWN_TYPE.replace('{ sensor = "current", rises', '{ sensor = "amps", rises'), "equipment_type oven: no sensor amps; it has current"),
        (GOOD + OWN_TYPE + OWN_TYPE[OWN_TYPE.index("[[equipment_type.part]]") :], "equipment_type oven: slot heater is there twice; rename or remove one"),
        (GOOD + OWN_TYPE + '[[equipment_type.slot]]\nid = "door"\nname = "문"\npart_type = "oven.door"\n', "equipment_type oven, slot door: there is no part_type 'oven.door'"),
        ("", "there is no machine; add one as [[machine]]"),
        ("[site]\nid = 1\n", "site: write it as [[site]], once for each"),
        ("machines = 1\n", "machines: is not a section of a plant file; did you mean machine?"),
        ("x = 1\n", "x: is not a section of a plant file; they are [[site]], [[line]]"),
        ("= 3\n", "is not TOML: "),
    ],
)  # fmt: skip
def test_a_mistake_is_one_line_with_its_place_and_remedy(text: str, line: str) -> None:
    found = _mistakes(text)
    assert any(mistake.startswith(line) for mistake in found), found


def test_every_mistake_is_told_at_once() -> None:
    text = (
        GOOD.replace("Asia/Seoul", "KST-9")
        + GOOD[GOOD.index("[[machine]]") :].replace("mc-1", "mc-2")
        + ('cost_planned_krw = -1\nline = 3\n[machine.sensors.x]\nunit = "A"\n').replace("line = 3\n", "")
    )
    text = text.replace('type = "cnc_machining_centre"', 'type = "lathe"', 1)
    found = _mistakes(text)
    assert len(found) == 3
    assert {mistake.split(":")[0] for mistake in found} == {"site ansan", "machine mc-1", "machine mc-2"}


def test_a_mistake_in_a_line_is_not_told_again_for_its_machines() -> None:
    found = _mistakes(GOOD.replace('"cutting"', '"cut ting"'))
    assert len(found) == 1


@pytest.mark.parametrize(("content", "told"), [(None, "No such file"), (b"\xff\xfe\x00", "is not UTF-8")])
def test_a_file_that_cannot_be_read_is_one_line(tmp_path: Path, content: bytes | None, told: str) -> None:
    path = tmp_path / "plant.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigurationError) as caught:
        load_plant(path)
    assert caught.value.source == str(path)
    assert told in caught.value.mistakes[0]


def test_a_file_saved_by_notepad_is_read(tmp_path: Path) -> None:
    path = tmp_path / "plant.toml"
    path.write_text(GOOD, encoding="utf-8-sig")
    assert load_plant(path) == _parse(GOOD)


# --- the way back -------------------------------------------------------------------------------------------------

_identifiers = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,20}", fullmatch=True)
_words = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), min_size=1, max_size=30)
_texts = st.builds(Text, ko=_words, en=_words)
_sources = st.builds(Source, kind=st.sampled_from(SourceKind), note=_words)
_positive = st.floats(min_value=1e-6, max_value=1e9)
_instants = st.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(2090, 1, 1)).map(  # noqa: DTZ001
    lambda at: at.replace(tzinfo=UTC)
)
_spans = st.lists(st.floats(min_value=-1e6, max_value=1e6), min_size=4, max_size=4, unique=True).map(sorted)


@st.composite
def _limits(draw: st.DrawFn, low: float, high: float) -> Limit:
    return Limit(
        level=draw(st.sampled_from(LimitLevel)),
        bound=draw(st.sampled_from(Bound)),
        value=draw(st.floats(min_value=low, max_value=high)),
        on_delay_s=draw(_positive),
        off_delay_s=draw(_positive),
        deadband=draw(_positive),
        source=draw(_sources),
    )


@st.composite
def _sensors(draw: st.DrawFn, name: SensorId) -> Sensor:
    low, normal_low, normal_high, high = draw(_spans)
    return Sensor(
        id=name,
        name=draw(_texts),
        measurand=draw(_words),
        unit=draw(st.text(max_size=8)),
        role=draw(st.sampled_from(SensorRole)),
        range_low=low,
        range_high=high,
        normal_low=normal_low,
        normal_high=normal_high,
        resolution=draw(_positive),
        period_s=draw(_positive),
        limits=tuple(draw(st.lists(_limits(low, high), max_size=2))),
        source=draw(_sources),
    )


@st.composite
def _machines(draw: st.DrawFn, name: MachineId, line: Line, kinds: tuple[EquipmentType, ...]) -> Machine:
    kind = draw(st.sampled_from(kinds))
    lacking = draw(st.lists(st.sampled_from(kind.sensors), unique_by=lambda sensor: sensor.id, max_size=3))
    kept = [sensor for sensor in kind.sensors if sensor not in lacking]
    changed = draw(st.lists(st.sampled_from(kept), unique_by=lambda sensor: sensor.id, max_size=2)) if kept else []
    replaced = {sensor.id: draw(_sensors(sensor.id)) for sensor in changed}
    added = draw(_sensors(SensorId(f"own_{draw(_identifiers)}"))) if draw(st.booleans()) else None
    in_order = [replaced.get(s.id, s) for s in kind.sensors if s in kept]
    sensors = (*in_order, *([added] if added else ()))
    known = {sensor.id for sensor in sensors}
    slots = [replace(s, signs=tuple(sign for sign in s.signs if sign.sensor in known)) for s in kind.slots]
    own = Slot(id=SlotId("own"), name=draw(_texts), part_type=kind.slots[0].part_type, signs=())
    kept_slots = [slot for slot in slots if draw(st.booleans())]
    return Machine(
        id=name,
        name=draw(_texts),
        site=line.site,
        line=line.id,
        equipment_type=kind.id,
        serial=draw(st.none() | _words),
        installed_at=draw(st.none() | _instants),
        sensors=sensors,
        slots=(*kept_slots, *([own] if draw(st.booleans()) else ())),
        cost_planned_krw=draw(st.none() | _positive),
        cost_unplanned_krw=draw(st.none() | _positive),
    )


@st.composite
def _plants(draw: st.DrawFn) -> Plant:
    site = Site(
        id=SiteId(draw(_identifiers)), name=draw(_texts), time_zone=draw(st.sampled_from(["UTC", "Asia/Seoul"]))
    )
    line = Line(id=LineId(draw(_identifiers)), name=draw(_texts), site=site.id)
    kinds = tuple(CATALOGUE.equipment_types)
    names = draw(st.lists(_identifiers, min_size=1, max_size=2, unique=True))
    machines = tuple(draw(_machines(MachineId(name), line, kinds)) for name in names)
    used = tuple(kind for kind in kinds if kind.id in {machine.equipment_type for machine in machines})
    own = draw(st.booleans())
    used = tuple(replace(kind, window_s=kind.window_s + 1) for kind in used) if own else used
    wanted = {s.part_type for m in machines for s in m.slots} | {s.part_type for kind in used for s in kind.slots}
    parts = sorted((part for part in CATALOGUE.part_types if part.id in wanted), key=lambda part: part.id)
    priced = tuple(replace(part, price_krw=part.price_krw + 1) if own else part for part in parts)
    return Plant(sites=(site,), lines=(line,), machines=machines, equipment_types=used, part_types=priced, revision=1)


@given(_plants())
@settings(deadline=timedelta(seconds=5))
def test_what_a_plant_is_written_as_is_read_back_as_the_same_plant(plant: Plant) -> None:
    assert _parse(dump_plant(plant, CATALOGUE)) == plant


WITH_CALENDAR = """
[[site]]
id = "cw"
name = "창원"
time_zone = "Asia/Seoul"
risk = "1 in 10"
downtime_krw_per_hour = 300000
calendar = { holidays = "KR", closed = [2026-12-31], opened = [2026-12-05], shifts = [
  { name = "주간", start = 08:00:00, end = 17:00:00 },
  { name = "야간", start = 20:00:00, end = 05:00:00, days = ["fri", "mon"] } ] }
[[line]]
id = "a"
name = "A"
site = "cw"
[[machine]]
id = "p1"
name = "1호기"
line = "a"
type = "centrifugal_pump"
planned_stop_h = 2
"""


def test_a_site_says_when_it_works_and_what_a_stop_costs() -> None:
    plant = _parse(WITH_CALENDAR)
    site, machine = plant.sites[0], plant.machines[0]
    assert site.calendar is not None
    assert site.calendar.shifts[1].weekdays == (0, 4)
    assert site.calendar.holidays is not None
    assert (site.risk, site.downtime_krw_per_hour, machine.planned_stop_h) == (0.1, 300000.0, 2.0)
    assert _parse(dump_plant(plant, CATALOGUE)) == plant


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (("start = 08:00:00, end = 17:00:00", "start = 08:00:00, end = 08:00:00"), "start and end are the same"),
        (("start = 08:00:00", 'start = "08:00:00+09:00"'), "leave the offset out"),
        (('"KR"', '"XX"'), "no public holidays are known; known are those of KR"),
        (("opened = [2026-12-05]", "opened = [2026-12-31]"), "2026-12-31 is both closed and opened"),
    ],
)
def test_a_mistake_in_a_calendar_is_told(wrong: tuple[str, str], told: str) -> None:
    with pytest.raises(ConfigurationError, match=told):
        _parse(WITH_CALENDAR.replace(*wrong))
