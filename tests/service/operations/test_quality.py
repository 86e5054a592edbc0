"""`yeji quality recompute` with the files to itself."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from rich.console import Console

from configs.instant import ns_of
from configs.settings import Settings
from ingest.reading import QualityFlag
from service.app.clock import utc_now
from service.app.foundations import lay_foundations
from service.errors import InvalidRequestError, NotFoundError
from service.operations.quality import recompute
from service.operations.result import Output
from service.operations.setup import plant_for
from tests.fakes.readings import SECOND_NS, a_batch, an_intake_batch
from tests.service.operations.test_history import a_bundle, imported


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    chosen = Settings(data_dir=tmp_path / "data")
    imported(chosen, a_bundle(tmp_path / "bundle"))
    return chosen


def recomputed(settings: Settings, *machines: str, since: datetime) -> dict[str, int]:
    console = Console(record=True, width=200)
    output = Output(console, as_json=True)
    recompute(settings, machines, since, progress=Console(quiet=True), output=output)
    return json.loads(console.export_text())["changed"]


def test_what_was_stored_without_flags_is_judged_once(settings: Settings) -> None:
    plant = plant_for(settings)
    machine, now_ns = plant.machines[0], ns_of(utc_now())
    sensor = machine.sensors[0]
    rows = [(machine.id, now_ns - at * SECOND_NS, {sensor.id: sensor.range_high + 5}) for at in range(5, 0, -1)]
    with lay_foundations(settings, plant) as base:
        base.store.commit(an_intake_batch(a_batch(*rows, equipment_type=machine.equipment_type)))
    since = utc_now().replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
    assert recomputed(settings, machine.id, since=since)[machine.id] == 5
    assert sum(recomputed(settings, since=since).values()) == 0
    with lay_foundations(settings, plant) as base:
        quality = base.store.read_series(machine.id, now_ns - 60 * SECOND_NS, now_ns).quality
    assert (quality & QualityFlag.OUT_OF_RANGE).any(axis=1).all()


def test_a_day_to_come_and_a_machine_that_is_not_there_are_refused(settings: Settings) -> None:
    with pytest.raises(InvalidRequestError, match="not over yet"):
        recomputed(settings, since=datetime(2099, 1, 1, tzinfo=UTC))
    with pytest.raises(NotFoundError, match="no machine 'nobody'"):
        recomputed(settings, "nobody", since=datetime(2026, 1, 1, tzinfo=UTC))
