"""Tables that people keep: twelve files row by row, and a year of a log of forty sensors."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np
from openpyxl import Workbook

from benchmarks.report import Bar, Sense
from configs.catalogue.load import load_catalogue
from configs.plant_file import dump_plant
from configs.settings import Settings
from service.actor import SYSTEM
from service.app.foundations import lay_foundations
from service.app.intake import hand_in_alone
from service.app.tables import run_table_desk
from tests.fakes.kept_tables import KEPT_TABLES
from tests.fakes.plants import a_fleet
from tests.fakes.sample_factory import sample_plant
from tests.fakes.table_results import contents, differences

SENSORS = 40
STEP = timedelta(minutes=10)
NOW = datetime(2026, 11, 25, tzinfo=UTC)
NS = 1_000_000_000


def bars() -> list[Bar]:
    """Return what was measured of tables."""
    load_catalogue()
    with TemporaryDirectory() as folder:
        path = Path(folder)
        return [_twelve(path), *_year(path)]


def _twelve(folder: Path) -> Bar:
    plant, right = sample_plant(), 0
    for table in KEPT_TABLES:
        table.write(folder / table.name)
        found = differences(table, contents(folder / table.name, plant))
        for line in found:
            print(f"{table.name}: {line}")
        right += not found
    return Bar(name="kept tables, row by row as expected", value=right, unit="of 12", must=12, sense=Sense.AT_LEAST)


def _year(folder: Path) -> list[Bar]:
    path = folder / "m0 2026.xlsx"
    rows = _write_year(path)
    plant_file = folder / "plant.toml"
    plant_file.write_text(dump_plant(a_fleet(1, SENSORS)), encoding="utf-8")
    settings = Settings(data_dir=folder / "data", plant_file=plant_file)
    with lay_foundations(settings, a_fleet(1, SENSORS)) as base:
        hand_in = hand_in_alone(settings, base.plant, base.store, clock_ns=lambda: int(NOW.timestamp()) * NS)
        with run_table_desk(base, hand_in, clock=lambda: NOW) as desk:
            started = perf_counter()
            found = desk.receive_path(path, SYSTEM)
            looked_s = perf_counter() - started
            desk.store(found.entry.id, SYSTEM)
            desk.wait()
            base.store.roll_up(int(NOW.timestamp()) * NS)
            seconds = perf_counter() - started
            kept = desk.preview(found.entry.id, SYSTEM).entry
    return [
        Bar(
            name=f"a year of {SENSORS} sensors every 10 min, xlsx, looked at, stored and rolled up",
            value=round(seconds, 1),
            unit="s",
            must=60.0,
        ),
        Bar(name="of that, until the preview", value=round(looked_s, 1), unit="s", must=None),
        Bar(
            name="values of that year that are stored",
            value=round(kept.done / (rows * SENSORS), 6),
            unit="share",
            must=1.0,
            sense=Sense.AT_LEAST,
        ),
    ]


def _write_year(path: Path) -> int:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("m0")
    sheet.append(["일시", *(f"s{i}(mm/s)" for i in range(SENSORS))])
    start = datetime(2025, 11, 25)  # noqa: DTZ001 (a clock on the wall)
    count = int(timedelta(days=364) / STEP)
    values = np.random.default_rng(1).uniform(1, 4, (count, SENSORS)).round(3)
    for number, row in enumerate(values.tolist()):
        sheet.append([start + number * STEP, *row])
    book.save(path)
    return count
