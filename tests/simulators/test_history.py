"""A back-filled past, its truth and its checkpoint."""

import csv
import hashlib
import json
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from configs.plant_file import load_plant
from simulators.errors import SimulatorError
from simulators.history import HistoryFolders, history_span, write_history
from simulators.scenario import only
from simulators.scenario_file import read_scenario
from simulators.simulation import resume_simulation
from simulators.truth import read_lives
from tests.simulators.scenarios import NO_FAULTS, a_scenario

END = datetime(2026, 11, 24, 8, 30, 20, tzinfo=UTC)
SPAN = history_span(END, 70 / 365)


class CutShortError(Exception):
    """Somebody pulled the plug."""


def folders_in(root: Path) -> HistoryFolders:
    return HistoryFolders(bundle=root / "bundle", truth=root / "truth", checkpoint=root / "checkpoint")


def sums_of(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> HistoryFolders:
    folders = folders_in(tmp_path_factory.mktemp("history"))
    write_history(a_scenario(4), SPAN, folders, lambda share: None)
    return folders


def readings_of(written: HistoryFolders, kind: str = "centrifugal_pump") -> pa.Table:
    return pa.concat_tables(
        pq.read_table(path) for path in sorted((written.bundle / "readings").glob(f"{kind}-20*.parquet"))
    )


def _by_machine(table: pa.Table) -> pa.Table:
    plain = table.set_column(0, "machine", table["machine"].cast(pa.string()))
    return plain.sort_by([("machine", "ascending"), ("event_time", "ascending")])


def test_manifest_holds_the_checksum_of_every_file(written: HistoryFolders) -> None:
    manifest = json.loads((written.bundle / "manifest.json").read_text(encoding="utf-8"))
    sums = sums_of(written.bundle)
    del sums["manifest.json"]
    assert manifest["files"] == sums
    assert (manifest["format"], manifest["version"], manifest["simulated"]) == ("yeji-bundle", 1, True)


def test_readings_are_sorted_by_machine_and_time_and_carry_every_sensor(written: HistoryFolders) -> None:
    for path in (written.bundle / "readings").glob("*.parquet"):
        table = pq.read_table(path)
        keys = list(zip(table["machine"].to_pylist(), table["event_time"].cast(pa.int64()).to_pylist(), strict=True))
        assert keys == sorted(keys)
        assert len(set(keys)) == len(keys)
    plant = load_plant(written.bundle / "plant.toml")
    pump = next(kind for kind in plant.equipment_types if kind.id == "centrifugal_pump")
    assert readings_of(written).column_names == ["machine", "event_time", "state", *[s.id for s in pump.sensors]]


def test_machine_that_stops_says_so_once_and_then_says_nothing(written: HistoryFolders) -> None:
    table = _by_machine(readings_of(written, "cnc_machining_centre"))
    off = np.array(table["state"].to_pylist()) == "off"
    machine = np.array(table["machine"].to_pylist())
    assert off.any()
    assert not (off[1:] & off[:-1] & (machine[1:] == machine[:-1])).any()
    assert all(value is None for value in table["spindle_vib"].filter(pa.array(off)).to_pylist())


def test_every_machine_is_off_at_the_end(written: HistoryFolders) -> None:
    last = {}
    for path in (written.bundle / "readings").glob("*.parquet"):
        table = pq.read_table(path)
        for machine, at, state in zip(
            *(table[name].to_pylist() for name in ("machine", "event_time", "state")), strict=True
        ):
            if machine not in last or at > last[machine][0]:
                last[machine] = (at, state)
    assert {state for _, state in last.values()} == {"off"}


def test_books_hold_one_open_life_a_slot(written: HistoryFolders) -> None:
    plant = load_plant(written.bundle / "plant.toml")
    with (written.bundle / "part_lives.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    opened = [(row["machine"], row["slot"]) for row in rows if not row["removed_at"]]
    assert sorted(opened) == sorted((machine.id, slot.id) for machine in plant.machines for slot in machine.slots)
    assert len({row["id"] for row in rows}) == len(rows)
    assert all((row["removed_at"] == "") == (row["removal_reason"] == "") for row in rows)
    assert all(row["removed_at"] >= row["installed_at"] for row in rows if row["removed_at"])
    assert all(float(row["meter_at_removal"]) >= float(row["meter_at_install"]) for row in rows if row["removed_at"])


def test_meters_stand_where_the_factory_stopped(written: HistoryFolders) -> None:
    with (written.bundle / "meters.csv").open(encoding="utf-8") as file:
        rows = {(row["machine"], row["unit"]): row for row in csv.DictReader(file)}
    assert rows["mc-01", "cutting_minutes"]["at"] == "2026-11-24T08:30:00Z"
    hours, minutes = (float(rows["mc-01", unit]["value"]) for unit in ("operating_hours", "cutting_minutes"))
    assert minutes == pytest.approx(60 * hours, rel=1e-6)


def test_executing_minutes_agree_with_the_meters(written: HistoryFolders) -> None:
    table = readings_of(written)
    machine, state = np.array(table["machine"].to_pylist()), np.array(table["state"].to_pylist())
    told = ((machine == "pump-01") & (state == "executing")).sum() / 60
    simulation = resume_simulation(read_scenario(written.checkpoint), written.checkpoint)
    counted = simulation.fleet.state.run_hours[[m.id for m in simulation.scenario.plant.machines].index("pump-01")]
    assert 0 < told < counted


def test_truth_is_not_in_the_bundle(written: HistoryFolders) -> None:
    assert list(read_lives(written.truth / "open_lives.jsonl"))
    assert not any("truth" in path.name or "damage" in path.name for path in written.bundle.rglob("*"))


def test_same_seed_gives_the_same_bytes(written: HistoryFolders, tmp_path: Path) -> None:
    again = folders_in(tmp_path)
    write_history(a_scenario(4), SPAN, again, lambda share: None)
    assert sums_of(again.bundle) == sums_of(written.bundle)


def test_history_that_was_cut_short_goes_on_to_the_same_bytes(written: HistoryFolders, tmp_path: Path) -> None:
    folders = folders_in(tmp_path)
    steps: list[float] = []

    def pull_the_plug(share: float) -> None:
        steps.append(share)
        if len(steps) == 2:
            raise CutShortError

    with pytest.raises(CutShortError):
        write_history(a_scenario(4), SPAN, folders, pull_the_plug)
    later: list[float] = []
    write_history(a_scenario(4), SPAN, folders, later.append)
    assert later[0] > steps[-1]
    assert sums_of(folders.bundle) == sums_of(written.bundle)


def test_killed_history_goes_on_to_the_same_bytes(tmp_path: Path) -> None:
    """A process that is killed in the middle of a month leaves nothing that the next one trips over."""
    options = ["--years", "0.3", "--machines", "6", "--end", "2026-11-24T08:00:00Z", "--no-staged"]
    command = [str(Path(sys.executable).with_name("yeji-simulate")), "history", *options, "--out"]
    child = subprocess.Popen([*command, str(tmp_path / "killed")], stderr=subprocess.DEVNULL)
    place = tmp_path / "killed-checkpoint.unfinished" / "place.json"
    deadline = time.monotonic() + 60
    while not place.exists() and child.poll() is None and time.monotonic() < deadline:
        child.poll()
    child.kill()
    child.wait()
    assert place.exists()
    for name in ("killed", "whole"):
        subprocess.run([*command, str(tmp_path / name)], check=True, stderr=subprocess.DEVNULL)
    assert sums_of(tmp_path / "killed") == sums_of(tmp_path / "whole")
    assert sums_of(tmp_path / "killed-truth") == sums_of(tmp_path / "whole-truth")


def test_unfinished_history_of_other_faults_is_begun_anew(tmp_path: Path) -> None:
    folders = folders_in(tmp_path)

    def pull_the_plug(share: float) -> None:
        raise CutShortError

    with pytest.raises(CutShortError):
        write_history(a_scenario(2), SPAN, folders, pull_the_plug)
    shares: list[float] = []
    write_history(a_scenario(2, rates=only(("stuck",))), SPAN, folders, shares.append)
    assert len(shares) == 3


def test_unfinished_history_of_another_seed_is_begun_anew(tmp_path: Path) -> None:
    folders = folders_in(tmp_path)

    def pull_the_plug(share: float) -> None:
        raise CutShortError

    with pytest.raises(CutShortError):
        write_history(a_scenario(2), SPAN, folders, pull_the_plug)
    shares: list[float] = []
    write_history(a_scenario(2, seed=8), SPAN, folders, shares.append)
    assert len(shares) == 3
    assert read_scenario(folders.checkpoint).seed == 8


def test_folder_that_cannot_be_written_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(SimulatorError, match="cannot write") as caught:
        write_history(a_scenario(2), SPAN, folders_in(tmp_path / "file"), lambda share: None)
    assert "\n" not in str(caught.value)


def test_checkpoint_of_another_factory_is_refused(written: HistoryFolders) -> None:
    with pytest.raises(SimulatorError, match="another factory"):
        resume_simulation(a_scenario(6), written.checkpoint)


def test_missing_checkpoint_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(SimulatorError, match="write a history first"):
        read_scenario(tmp_path)
    with pytest.raises(SimulatorError, match="write a history first"):
        resume_simulation(a_scenario(2), tmp_path)


def test_spoilt_scenario_is_one_clear_line(written: HistoryFolders, tmp_path: Path) -> None:
    (tmp_path / "scenario.json").write_text("{", encoding="utf-8")
    with pytest.raises(SimulatorError, match="not a scenario"):
        read_scenario(tmp_path)


def test_scenario_comes_back_as_it_was_written(written: HistoryFolders) -> None:
    scenario = read_scenario(written.checkpoint)
    assert (scenario.seed, scenario.rates) == (7, NO_FAULTS)
    assert replace(scenario, plant=a_scenario(4).plant).shifts == a_scenario(4).shifts
