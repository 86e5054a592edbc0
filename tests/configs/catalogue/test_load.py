"""The catalogue holds what the reference lists, each figure with its source, in both languages."""

import json
import re
from pathlib import Path

import pytest

from configs.catalogue.load import Catalogue, load_catalogue
from configs.errors import ConfigurationError
from configs.plant import EquipmentType, LifeUnit, PartType, SensorRole, SourceKind

CATALOGUE = load_catalogue()

_KINDS = {
    "B": SourceKind.DATABASE,
    "M": SourceKind.MAKER,
    "R": SourceKind.PUBLISHED_RULE,
    "X": SourceKind.MEASURED,
    "J": SourceKind.JUDGEMENT,
}
_REPLAYED = {"skab_water_rig", "machine_temperature", "turbofan_engine"}
_SMART_SHOP = {"robot_barista", "serving_robot", "order_kiosk", "cold_cabinet"}
_HANGUL = re.compile("[가-힣]")


def _ids(items: tuple[EquipmentType, ...] | tuple[PartType, ...]) -> list[str]:
    return [item.id for item in items]


def test_every_type_part_and_sensor_of_the_reference_is_there(shared_data: Path) -> None:
    reference = json.loads((shared_data / "equipment_catalogue.json").read_text(encoding="utf-8"))
    types = {kind.id: kind for kind in CATALOGUE.equipment_types}
    assert types.keys() - _REPLAYED - _SMART_SHOP == {entry["type"] for entry in reference}
    for entry in reference:
        kind = types[entry["type"]]
        expected = [name for sensor in entry["sensors"] for name in _expanded(sensor["id"])]
        assert [sensor.id for sensor in kind.sensors] == expected
        assert [slot.id for slot in kind.slots] == [part["id"].split(" ")[0] for part in entry["parts"]]


def test_the_life_priors_are_those_of_the_reference(shared_data: Path) -> None:
    reference = json.loads((shared_data / "equipment_catalogue.json").read_text(encoding="utf-8"))
    parts = {part.id: part for part in CATALOGUE.part_types}
    for entry in reference:
        for listed in entry["parts"]:
            part = parts[f"{entry['type']}.{listed['id'].split(' ')[0]}"]
            months = 30.4375 if listed["life_unit"] == "cal_months" else 1
            assert (part.beta, part.eta) == (
                listed["weibull_beta"],
                pytest.approx(listed["weibull_eta"] * months, rel=1e-3),
            )
            assert part.life_source.kind is _KINDS[listed["evidence"][0]]
            assert (part.ln_sd_beta, part.ln_sd_eta) == (0.25, 0.6)
            assert part.failure_modes == tuple(listed["iso14224_mode"].split("/"))


def _expanded(name: str) -> list[str]:
    if span := re.fullmatch(r"(.*?)(\d)\.\.\w(\d)(.*)", name):
        before, first, last, after = span.groups()
        return [f"{before}{number}{after}" for number in range(int(first), int(last) + 1)]
    return [name]


def test_a_cutting_tool_lives_in_cutting_minutes_and_a_battery_in_days() -> None:
    units = {part.id: part.life_unit for part in CATALOGUE.part_types}
    assert units["cnc_machining_centre.cutting_tool"] is LifeUnit.CUTTING_MINUTES
    assert units["robot_arm_6axis.encoder_battery"] is LifeUnit.CALENDAR_DAYS


@pytest.mark.parametrize("part", CATALOGUE.part_types, ids=_ids(CATALOGUE.part_types))
def test_a_part_says_what_to_look_at_and_what_to_do_in_both_languages(part: PartType) -> None:
    for text in (part.check, part.remedy):
        assert re.search(r"요[.(]", text.ko), text.ko
        assert not _HANGUL.search(text.en)
    assert _HANGUL.search(part.name.ko)
    assert part.life_source.note
    assert "type in yours" in part.trade_source.note


@pytest.mark.parametrize("kind", CATALOGUE.equipment_types, ids=_ids(CATALOGUE.equipment_types))
def test_a_type_is_whole(kind: EquipmentType) -> None:
    parts = {part.id for part in CATALOGUE.part_types}
    sensors = {sensor.id for sensor in kind.sensors}
    for slot in kind.slots:
        assert slot.part_type in parts
        assert {sign.sensor for sign in slot.signs} <= sensors
    for sensor in kind.sensors:
        assert _HANGUL.search(sensor.name.ko)
        assert sensor.source.note
        assert all(limit.source.note for limit in sensor.limits)
    assert any(sensor.role is SensorRole.CONDITION for sensor in kind.sensors)


def test_warning_comes_before_critical_on_the_way_up() -> None:
    for kind in CATALOGUE.equipment_types:
        for sensor in kind.sensors:
            values = [limit.value for limit in sensor.limits]
            assert values == sorted(values), (kind.id, sensor.id)
            assert all(limit.deadband < limit.value for limit in sensor.limits)


def test_the_skab_rig_has_short_windows_and_learns_in_minutes() -> None:
    rig = next(kind for kind in CATALOGUE.equipment_types if kind.id == "skab_water_rig")
    assert (rig.window_s, rig.learning_span_s) == (10, 400)


def _own(tmp_path: Path, **files: str) -> Catalogue:
    for name, text in files.items():
        (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")
    return load_catalogue(tmp_path)


SMALL = """
id = "{id}"
name = "작은 설비"
[[sensor]]
id = "a"
name = "전류"
unit = "A"
range_low = 0
range_high = 10
normal_low = 1
normal_high = 2
"""


def test_a_type_of_the_sites_own_is_added_and_one_of_the_same_name_replaces_ours(tmp_path: Path) -> None:
    types = {
        kind.id: kind
        for kind in _own(tmp_path, a=SMALL.format(id="oven"), b=SMALL.format(id="centrifugal_pump")).equipment_types
    }
    assert len(types) == len(CATALOGUE.equipment_types) + 1
    assert [sensor.id for sensor in types["centrifugal_pump"].sensors] == ["a"]


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"a": SMALL.format(id="oven"), "b": SMALL.format(id="oven")}, "equipment type oven is in two files"),
        ({"a": "id = "}, "cannot be read"),
        (
            {"a": SMALL.format(id="oven") + "units = 'A'\n"},
            "sensor[1].units: is not a key of this table; did you mean unit?",
        ),
        ({"a": 'id = "oven"\nname = "건조로"\n'}, "sensor: "),
        ({"a": SMALL.format(id="oven") + "[operating_rule]\nsensor = 'b'\nabove = 1\n"}, "no sensor b; it has a"),
        ({"a": SMALL.format(id="oven").replace('unit = "A"', "unit = 3")}, "sensor[1].unit: must be a text in quotes"),
    ],
)
def test_a_file_that_cannot_be_used_is_told(tmp_path: Path, files: dict[str, str], told: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        _own(tmp_path, **files)
    assert any(told in mistake for mistake in caught.value.mistakes), caught.value.mistakes


def test_a_stress_law_refers_to_the_middle_of_what_is_usual() -> None:
    parts = {part.id: part for part in CATALOGUE.part_types}
    laws = 0
    for kind in CATALOGUE.equipment_types:
        sensors = {sensor.id: sensor for sensor in kind.sensors}
        for slot in kind.slots:
            law = parts[slot.part_type].stress_law
            if law is None or law.stress == "cutting_speed_percent":
                continue
            sensor = next(sensor for name, sensor in sensors.items() if name == law.stress)
            assert sensor.normal_low < law.reference < sensor.normal_high, slot.part_type
            laws += 1
    assert laws > 10
