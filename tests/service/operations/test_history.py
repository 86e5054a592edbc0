import hashlib
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from rich.console import Console

from configs.errors import ConfigurationError
from configs.settings import Settings
from ingest.errors import BundleError
from service.app.data_folder import open_data_folder
from service.app.foundations import lay_foundations
from service.app.history import adopt_plant
from service.errors import ConflictError
from service.operations.history import import_history
from service.operations.result import Output
from service.operations.setup import plant_for
from tests.acceptance.running_yeji import a_plant_file

DAY_MS = 1_790_000_040_000
LIVES = "id,machine,slot,part_type,life_unit,installed_at,meter_at_install,age_at_install,removed_at,meter_at_removal,removal_reason,failure_mode,note\n"
LIFE = "l1,pump-1,mech_seal,centrifugal_pump.mech_seal,operating_hours,2026-01-01T00:00:00Z,0,0,,,,,\n"
METERS = "machine,unit,value,at\npump-1,operating_hours,4000,2026-09-21T00:00:00Z\n"


def a_bundle(folder: Path, minutes: int = 30) -> Path:
    a_plant_file(folder)
    (folder / "readings").mkdir()
    table = pa.table(
        {
            "machine": pa.array(["pump-1"] * minutes).dictionary_encode(),
            "event_time": pa.array([DAY_MS + 60_000 * n for n in range(minutes)], pa.timestamp("ms", "UTC")),
            "state": pa.array(["executing"] * minutes).dictionary_encode(),
            "vib": pa.array([1.5 + n / 100 for n in range(minutes)], pa.float32()),
        }
    )
    pq.write_table(table, folder / "readings/centrifugal_pump-2026-09.parquet")
    (folder / "part_lives.csv").write_text(LIVES + LIFE)
    (folder / "meters.csv").write_text(METERS)
    files = {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    manifest = {"format": "yeji-bundle", "version": 1, "files": files, "rows": minutes, "simulated": False}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


def imported(settings: Settings, bundle: Path) -> dict[str, object]:
    console = Console(record=True, width=200)
    import_history(settings, bundle, progress=Console(quiet=True), output=Output(console, as_json=True))
    return json.loads(console.export_text())


def test_a_bundle_is_taken_in_once_with_its_plant_parts_and_meters(tmp_path: Path) -> None:
    bundle, settings = a_bundle(tmp_path / "bundle"), Settings(data_dir=tmp_path / "data")
    once, again = imported(settings, bundle), imported(settings, bundle)
    assert [once[name] for name in ("rows", "facts", "meters", "simulated")] == [30, 1, 1, False]
    assert [again[name] for name in ("rows", "facts", "meters", "simulated")] == [0, 0, 0, False]
    assert (tmp_path / "data/plant.toml").read_bytes() == (bundle / "plant.toml").read_bytes()
    with lay_foundations(settings, plant_for(settings)) as base:
        assert [meter.value for meter in base.store.meters()] == [4000.0]
        assert [each.machine for each in base.store.progress()] == ["pump-1"]


def test_a_bundle_never_turns_a_meter_back(tmp_path: Path) -> None:
    bundle, settings = a_bundle(tmp_path / "bundle"), Settings(data_dir=tmp_path / "data")
    imported(settings, bundle)
    with lay_foundations(settings, plant_for(settings)) as base:
        (meter,) = base.store.meters()
        base.store.set_meter(meter.machine, meter.unit, 5000.0, meter.at_ns + 1)
    imported(settings, bundle)
    with lay_foundations(settings, plant_for(settings)) as base:
        assert [meter.value for meter in base.store.meters()] == [5000.0]


def test_another_plant_is_not_overwritten(tmp_path: Path) -> None:
    bundle, settings = a_bundle(tmp_path / "bundle"), Settings(data_dir=tmp_path / "data")
    own = a_plant_file(tmp_path / "data", (bundle / "plant.toml").read_text() + "# mine\n")
    with pytest.raises(ConflictError, match="differs from"):
        imported(settings, bundle)
    assert own.read_text().endswith("# mine\n")


def test_a_folder_that_another_process_holds_is_left_alone(tmp_path: Path) -> None:
    bundle = a_bundle(tmp_path / "bundle")
    with open_data_folder(tmp_path / "data"), pytest.raises(ConflictError, match="does not answer yet; try again"):
        imported(Settings(data_dir=tmp_path / "data"), bundle)


def test_a_damaged_bundle_is_refused_whole(tmp_path: Path) -> None:
    bundle = a_bundle(tmp_path / "bundle")
    (bundle / "meters.csv").write_text(METERS.replace("4000", "9999"))
    settings = Settings(data_dir=tmp_path / "data")
    with pytest.raises(BundleError, match=r"meters\.csv"):
        imported(settings, bundle)
    with lay_foundations(settings, plant_for(settings)) as base:
        assert base.store.progress() == []


def test_a_place_that_cannot_hold_the_plant_file_is_one_line(tmp_path: Path) -> None:
    bundle = tmp_path / "bundle"
    bundle.mkdir()
    (bundle / "plant.toml").write_text("")
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="name another one with --data"):
        adopt_plant(bundle, tmp_path / "file/data/plant.toml")
