"""Equipment of a smart shop, which the simulator knows by its catalogue entries alone."""

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from configs.catalogue.load import load_catalogue
from configs.plant import EquipmentType, SourceKind
from simulators.cli import exit_code

SHOP = ("robot_barista", "serving_robot", "order_kiosk", "cold_cabinet")
PLANT = """
[[site]]
id = "cafe"
name = "무인 카페"
time_zone = "Asia/Seoul"

[[line]]
id = "hall"
name = "홀"
site = "cafe"
""" + "".join(
    f'\n[[machine]]\nid = "{kind}-1"\nname = "{kind}"\nline = "hall"\ntype = "{kind}"\ninstalled_at = 2026-10-20T00:00:00Z\n'
    for kind in SHOP
)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shop")
    (folder / "plant.toml").write_text(PLANT, encoding="utf-8")
    options = ["--plant", str(folder / "plant.toml"), "--shifts", "two_shifts", "--years", "0.08", "--no-staged"]
    assert exit_code(["history", "--out", str(folder / "b"), "--end", "2026-11-24T08:00:00Z", *options]) == 0
    return folder / "b"


def kind_of(name: str) -> EquipmentType:
    return next(kind for kind in load_catalogue().equipment_types if kind.id == name)


@pytest.mark.parametrize("name", SHOP)
def test_every_sensor_of_a_running_machine_is_about_where_it_usually_is(name: str, bundle: Path) -> None:
    rows = [pq.read_table(path).to_pandas() for path in sorted((bundle / "readings").glob(f"{name}-*.parquet"))]
    running = next(table for table in rows if len(table))
    running = running[running["state"] == "executing"]
    for sensor in kind_of(name).sensors:
        span = sensor.normal_high - sensor.normal_low
        middle = float(np.nanmedian(running[sensor.id]))
        assert sensor.normal_low - 0.6 * span <= middle <= sensor.normal_high + 0.6 * span, sensor.id


@pytest.mark.parametrize("name", SHOP)
def test_lives_are_marked_as_judgement_and_wide(name: str) -> None:
    kind = kind_of(name)
    parts = {part.id: part for part in load_catalogue().part_types}
    for slot in kind.slots:
        part = parts[slot.part_type]
        assert part.life_source.kind is SourceKind.JUDGEMENT
        assert part.ln_sd_eta >= 0.9
        assert slot.signs


def test_shifts_that_do_not_exist_are_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--plant", str(tmp_path / "plant.toml"), "--shifts", "thirty_hours"]
    assert exit_code(["history", "--out", str(tmp_path / "b"), *options]) == 2
    assert "thirty_hours: no such shifts" in capsys.readouterr().err


def test_plant_file_that_is_not_there_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(["history", "--out", str(tmp_path / "b"), "--plant", str(tmp_path / "plant.toml")]) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1
