"""`yeji export`: what goes out of one store comes into another and goes out again byte for byte."""

import json
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from configs.plant import EquipmentTypeId, MachineId
from configs.settings import Settings, StoreKind, StoreSettings
from ingest.reading import QualityFlag
from service.app.foundations import lay_foundations
from service.errors import ConflictError
from service.operations.history import export_history
from service.operations.result import Output
from service.operations.setup import plant_for
from tests.fakes.influxdb import TOKEN, InfluxDB
from tests.fakes.readings import a_batch, an_intake_batch
from tests.fakes.remote_stores import fresh_buckets
from tests.service.operations.test_history import DAY_MS, a_bundle, imported

PUMP, ONE = EquipmentTypeId("centrifugal_pump"), MachineId("pump-1")
LIVE_NS = (DAY_MS + 40 * 60_000) * 1_000_000


def exported(settings: Settings, folder: Path) -> dict:
    console = Console(record=True, width=400)
    export_history(settings, folder, progress=Console(quiet=True), output=Output(console, as_json=True))
    return json.loads(console.export_text())


def on_influxdb(influx: InfluxDB, folder: Path) -> Settings:
    folder.mkdir()
    token, buckets = folder / "token", fresh_buckets(influx)
    token.write_text(TOKEN)
    store = StoreSettings(
        kind=StoreKind.INFLUXDB,
        url=influx.url,
        token_file=token,
        bucket=buckets.readings,
        rollup_bucket=buckets.rollups,
    )
    return Settings(data_dir=folder / "data", store=store)


def a_lived_in_store(settings: Settings, bundle: Path) -> None:
    """Import a history and take in three live minutes of it, some values of which cannot be trusted."""
    imported(settings, bundle)
    rows = [("pump-1", LIVE_NS + i * 1_000_000_000, {"vib": i * 0.1, "flow": 20.0 + i}) for i in range(190)]
    batch = a_batch(*rows, equipment_type=PUMP)
    batch.quality[5:9, 0] = QualityFlag.STUCK
    batch.quality[60:120, 1] = QualityFlag.OUT_OF_RANGE
    with lay_foundations(settings, plant_for(settings)) as base:
        base.store.commit(an_intake_batch(batch))
        base.store.roll_up(LIVE_NS)


@pytest.mark.influxdb
def test_history_moves_between_the_stores_and_back_without_a_change(influx: InfluxDB, tmp_path: Path) -> None:
    first, second = Settings(data_dir=tmp_path / "one"), on_influxdb(influx, tmp_path / "two")
    third = Settings(data_dir=tmp_path / "three")
    a_lived_in_store(first, a_bundle(tmp_path / "bundle"))
    told = exported(first, tmp_path / "a")
    assert (told["rows"], told["facts"], told["meters"]) == (33, 1, 1)
    assert imported(second, tmp_path / "a")["rows"] == 33
    again = exported(second, tmp_path / "b")
    assert (again["files"], again["checksum"]) == (told["files"], told["checksum"])
    imported(third, tmp_path / "b")
    assert exported(third, tmp_path / "c")["checksum"] == told["checksum"]
    with lay_foundations(first, plant_for(first)) as one, lay_foundations(third, plant_for(third)) as two:
        span = {"start_ns": DAY_MS * 1_000_000, "end_ns": LIVE_NS + 10**12, "width_s": 60.0}
        blocks = [base.store.read_windows(PUMP, [ONE], **span) for base in (one, two)]
    for name in ("starts_ns", "count", "mean", "minimum", "maximum", "std", "last", "good_share"):
        figures = [
            np.column_stack([getattr(block, name)[:, block.sensors.index(s)] for s in ("vib", "flow")])
            if name != "starts_ns"
            else block.starts_ns
            for block in blocks
        ]
        np.testing.assert_array_equal(*figures, err_msg=name)


def test_an_export_that_was_imported_already_changes_nothing(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "one")
    a_lived_in_store(settings, a_bundle(tmp_path / "bundle"))
    told = exported(settings, tmp_path / "a")
    imported(settings, tmp_path / "a")
    assert exported(settings, tmp_path / "b")["checksum"] == told["checksum"]


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "one")
    imported(settings, a_bundle(tmp_path / "bundle"))
    (tmp_path / "full").mkdir()
    (tmp_path / "full/mine.txt").write_text("mine")
    with pytest.raises(ConflictError, match="not an empty folder"):
        exported(settings, tmp_path / "full")
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["mine.txt"]


def test_people_are_told_the_checksum(tmp_path: Path) -> None:
    settings, console = Settings(data_dir=tmp_path / "one"), Console(record=True, width=400)
    imported(settings, a_bundle(tmp_path / "bundle"))
    export_history(settings, tmp_path / "a", progress=Console(quiet=True), output=Output(console, as_json=False))
    first, second = console.export_text().splitlines()[:2]
    assert first == f"exported 29 rows, 1 facts and 1 meters to {tmp_path / 'a'}"
    assert second.startswith("checksum of all ")
