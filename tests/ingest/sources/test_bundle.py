"""Reading a history bundle: what is whole comes out whole, and of what is not every mistake is listed."""

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from configs.plant import LifeUnit, MachineId, PartTypeId, SlotId
from ingest.errors import BundleError
from ingest.label import Label, LabelKind
from ingest.maintenance_event import MaintenanceEvent, MaintenanceKind
from ingest.meter import MeterState
from ingest.part_life import PartLife, RemovalReason
from ingest.sources.bundle import HistoryBundle, read_bundle
from tests.fakes.plants import a_machine, a_plant, a_type
from tests.fakes.readings import NOON_NS

NOON_MS = NOON_NS // 1_000_000
NOON = datetime(2026, 11, 25, tzinfo=UTC)
LIFE_HEADER = (
    "id,machine,slot,part_type,life_unit,installed_at,meter_at_install,age_at_install,removed_at,"
    "meter_at_removal,removal_reason,failure_mode,note\n"
)
OPEN_LIFE = "l2,pump1,seal,pump.seal,operating_hours,2026-11-25T09:00:00+09:00,120,0,,,,,\n"
ENDED_LIFE = (
    "l1,pump1,seal,pump.seal,operating_hours,2026-01-01T00:00:00Z,0,,2026-11-25T00:00:00Z,120.5,failed,ELP,leaked\n"
)


def a_table(**columns: object) -> pa.Table:
    own = {
        "machine": pa.array(["pump1", "pump1", "pump2"]).dictionary_encode(),
        "event_time": pa.array([NOON_MS, NOON_MS + 60_000, NOON_MS], pa.timestamp("ms", tz="UTC")),
        "state": pa.array(["executing", "off", None]).dictionary_encode(),
        "vib": pa.array([0.5, None, 1.5], pa.float32()),
        "temp": pa.array([20, None, 21], pa.int32()),
    }
    return pa.table({name: column for name, column in (own | columns).items() if column is not ...})


def seal(folder: Path, **changes: object) -> Path:
    """Write the manifest over what is in the folder."""
    files = {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "manifest.json"
    }
    manifest = {"format": "yeji-bundle", "version": 1, "files": files, "rows": 3, "simulated": True} | changes
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "readings").mkdir()
    (tmp_path / "plant.toml").write_text("# the plant")
    pq.write_table(a_table(), tmp_path / "readings" / "pump-2026-11.parquet")
    (tmp_path / "part_lives.csv").write_text(LIFE_HEADER + ENDED_LIFE + OPEN_LIFE)
    (tmp_path / "maintenance_events.csv").write_text(
        "machine,slot,at,kind,note\npump1,seal,2026-11-25T00:00:00Z,corrective,\npump2,,2026-11-25T00:00:00Z,inspection,ok\n"
    )
    (tmp_path / "labels.csv").write_text(
        "machine,slot,start,end,kind,said_by,said_at\n"
        "pump1,,2026-11-25T00:00:00Z,2026-11-25T00:00:00Z,nothing_found,kim,2026-11-25T00:00:00Z\n"
    )
    (tmp_path / "meters.csv").write_text("machine,unit,value,at\npump1,operating_hours,130.25,2026-11-25T00:00:00Z\n")
    return seal(tmp_path)


def mistakes_of(folder: Path) -> str:
    with pytest.raises(BundleError) as raised:
        read_bundle(folder, a_plant())
    assert "\n" not in str(raised.value)
    return str(raised.value)


def test_a_whole_bundle_is_read_whole(folder: Path) -> None:
    assert read_bundle(folder, a_plant()) == HistoryBundle(
        folder=folder,
        simulated=True,
        rows=3,
        readings={"pump": (folder / "readings" / "pump-2026-11.parquet",)},  # type: ignore[dict-item]
        lives=(
            PartLife(
                id="l1",
                machine=MachineId("pump1"),
                slot=SlotId("seal"),
                part_type=PartTypeId("pump.seal"),
                life_unit=LifeUnit.OPERATING_HOURS,
                installed_at=datetime(2026, 1, 1, tzinfo=UTC),
                meter_at_install=0.0,
                age_at_install=None,
                removed_at=NOON,
                meter_at_removal=120.5,
                removal_reason=RemovalReason.FAILED,
                failure_mode="ELP",
                note="leaked",
            ),
            PartLife(
                id="l2",
                machine=MachineId("pump1"),
                slot=SlotId("seal"),
                part_type=PartTypeId("pump.seal"),
                life_unit=LifeUnit.OPERATING_HOURS,
                installed_at=NOON,
                meter_at_install=120.0,
                age_at_install=0.0,
                removed_at=None,
                meter_at_removal=None,
                removal_reason=None,
                failure_mode=None,
                note=None,
            ),
        ),
        events=(
            MaintenanceEvent(
                machine=MachineId("pump1"), slot=SlotId("seal"), at=NOON, kind=MaintenanceKind.CORRECTIVE, note=None
            ),
            MaintenanceEvent(
                machine=MachineId("pump2"), slot=None, at=NOON, kind=MaintenanceKind.INSPECTION, note="ok"
            ),
        ),
        labels=(
            Label(
                machine=MachineId("pump1"),
                slot=None,
                start=NOON,
                end=NOON,
                kind=LabelKind.NOTHING_FOUND,
                said_by="kim",
                said_at=NOON,
            ),
        ),
        meters=(MeterState(machine=MachineId("pump1"), unit=LifeUnit.OPERATING_HOURS, value=130.25, at_ns=NOON_NS),),
    )


def test_the_tables_of_facts_may_be_left_out(folder: Path) -> None:
    for name in ("part_lives", "maintenance_events", "labels", "meters"):
        (folder / f"{name}.csv").unlink()
    bundle = read_bundle(seal(folder), a_plant())
    assert (bundle.lives, bundle.events, bundle.labels, bundle.meters) == ((), (), (), ())


def test_files_go_to_the_longest_type_that_begins_their_name(folder: Path) -> None:
    kinds = (a_type("pump"), a_type("pump-big"))
    plant = a_plant(a_machine("pump1"), a_machine("pump2"), a_machine("big1", kinds[1]), kinds=kinds)
    own = pa.array(["big1"] * 3).dictionary_encode()
    pq.write_table(a_table(machine=own), folder / "readings" / "pump-big-end.parquet")
    found = read_bundle(seal(folder), plant).readings
    assert {kind: [path.name for path in paths] for kind, paths in found.items()} == {
        "pump": ["pump-2026-11.parquet"],
        "pump-big": ["pump-big-end.parquet"],
    }


def no_manifest(folder: Path) -> None:
    (folder / "manifest.json").unlink()


def write_manifest(text: str) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        (folder / "manifest.json").write_text(text)

    return write


def change_after_sealing(folder: Path) -> None:
    (folder / "labels.csv").write_text("changed")


def lose_a_file(folder: Path) -> None:
    (folder / "labels.csv").unlink()


def reach_outside(folder: Path) -> None:
    seal(folder, files={"plant.toml": "0", "../../etc/passwd": "0", "/etc/passwd": "0"})


def name_an_unknown_type(folder: Path) -> None:
    pq.write_table(a_table(), folder / "readings" / "rocket-2026-11.parquet")
    seal(folder)


@pytest.mark.parametrize(
    ("damage", "mistake"),
    [
        (no_manifest, "is not a history bundle: manifest.json cannot be read"),
        (write_manifest("{"), "manifest.json is not JSON"),
        (write_manifest("[]"), 'does not say "format": "yeji-bundle"'),
        (write_manifest('{"format": "yeji-bundle", "version": 2}'), "is of version 2"),
        (write_manifest('{"format": "yeji-bundle", "version": 1, "files": 1}'), 'lacks "files"'),
        (write_manifest('{"format": "yeji-bundle", "version": 1, "files": {"a": 1}}'), 'lacks "files"'),
        (write_manifest('{"format": "yeji-bundle", "version": 1, "files": {}, "rows": true}'), 'lacks "rows"'),
        (write_manifest('{"format": "yeji-bundle", "version": 1, "files": {}, "rows": 1}'), "plant.toml is not listed"),
        (change_after_sealing, "labels.csv is not what manifest.json says it was"),
        (lose_a_file, "labels.csv is missing"),
        (reach_outside, "names ../../etc/passwd, which is outside"),
        (reach_outside, "names /etc/passwd, which is outside"),
        (name_an_unknown_type, "rocket-2026-11.parquet does not begin with an equipment type"),
    ],
)
def test_a_damaged_bundle_is_refused(folder: Path, damage: Callable[[Path], None], mistake: str) -> None:
    damage(folder)
    assert mistake in mistakes_of(folder)


def times(*at_ms: int | None, zone: str | None = "UTC") -> pa.Array:
    return pa.array(list(at_ms), pa.timestamp("ms", tz=zone))


@pytest.mark.parametrize(
    ("columns", "mistake"),
    [
        ({"machine": ...}, "column machine is missing"),
        ({"event_time": ...}, "column event_time is missing"),
        ({"machine": pa.array([1, 2, 3])}, "column machine must hold text, not int64"),
        ({"event_time": pa.array([1, 2, 3])}, "event_time must be a timestamp with a time zone, not int64"),
        ({"event_time": times(1, 2, 3, zone=None)}, "event_time must be a timestamp with a time zone"),
        ({"smell": pa.array([1.0, 2.0, 3.0])}, "column smell is no sensor of this equipment type"),
        ({"vib": pa.array(["1", "2", "3"])}, "column vib must hold numbers, not string"),
        ({"machine": pa.array(["pump1", "ghost", None])}, "machine ghost is not a pump of the plant"),
        ({"state": pa.array(["asleep", "off", None])}, "state asleep is none of"),
        ({"vib": pa.array([1.0, float("nan"), 3.0])}, "column vib holds NaN or infinity"),
        ({"vib": pa.array([1.0, float("-inf"), None])}, "column vib holds NaN or infinity"),
        ({"event_time": times(NOON_MS, None, NOON_MS)}, "event_time has empty cells"),
        ({"event_time": times(NOON_MS, 0, NOON_MS)}, "reaches outside the years 2000 to 2099"),
        ({"event_time": times(NOON_MS, NOON_MS, 4_102_444_800_000)}, "reaches outside the years 2000 to 2099"),
    ],
)
def test_readings_are_checked_column_by_column(folder: Path, columns: dict[str, object], mistake: str) -> None:
    pq.write_table(a_table(**columns), folder / "readings" / "pump-2026-11.parquet")
    found = mistakes_of(seal(folder))
    assert "pump-2026-11.parquet: " in found
    assert mistake in found


def test_a_file_without_rows_or_states_is_sound(folder: Path) -> None:
    pq.write_table(a_table(state=...).slice(0, 0), folder / "readings" / "pump-2026-11.parquet")
    found = read_bundle(seal(folder), a_plant()).readings
    assert [path.name for paths in found.values() for path in paths] == ["pump-2026-11.parquet"]


def test_what_is_no_parquet_file_is_said(folder: Path) -> None:
    (folder / "readings" / "pump-2026-11.parquet").write_bytes(b"PAR1")
    assert "pump-2026-11.parquet: not a readable Parquet file" in mistakes_of(seal(folder))


LIFE = dict(zip(LIFE_HEADER.strip().split(","), ENDED_LIFE.strip().split(","), strict=True))


@pytest.mark.parametrize(
    ("changes", "mistake"),
    [
        ({"id": ""}, "id is missing"),
        ({"machine": "ghost"}, "machine ghost is not in the plant"),
        ({"slot": "wheel"}, "machine pump1 has no slot wheel"),
        ({"part_type": "pump.wheel"}, "part_type 'pump.wheel' is not that of slot seal, which is pump.seal"),
        ({"life_unit": "shots"}, "life_unit shots is not that of pump.seal, which is operating_hours"),
        ({"life_unit": "fortnights"}, "life_unit 'fortnights' is none of operating_hours"),
        ({"installed_at": "yesterday"}, "installed_at 'yesterday' is not RFC 3339"),
        ({"installed_at": "2026-01-01T00:00:00"}, "has no offset"),
        ({"meter_at_install": "much"}, "meter_at_install 'much' is not a number"),
        ({"meter_at_install": "inf"}, "meter_at_install 'inf' is not a number"),
        ({"removed_at": ""}, "go together: all or none"),
        ({"removal_reason": ""}, "go together: all or none"),
        ({"removed_at": "2025-11-25T00:00:00Z"}, "removed before it was installed"),
        ({"meter_at_install": "121"}, "stood lower at removal"),
    ],
)
def test_part_lives_are_checked_line_by_line(folder: Path, changes: dict[str, str], mistake: str) -> None:
    line = ",".join((LIFE | changes).values())
    (folder / "part_lives.csv").write_text(LIFE_HEADER + OPEN_LIFE + line + "\n")
    found = mistakes_of(seal(folder))
    assert "part_lives.csv line 3: " in found
    assert mistake in found


@pytest.mark.parametrize(
    ("name", "line", "mistake"),
    [
        (
            "labels",
            "pump1,,2026-11-25T00:00:00Z,2026-11-24T00:00:00Z,prevented,kim,2026-11-25T00:00:00Z",
            "end lies before start",
        ),
        (
            "labels",
            "pump1,,2026-11-25T00:00:00Z,2026-11-25T00:00:00Z,luck,kim,2026-11-25T00:00:00Z",
            "kind 'luck' is none of",
        ),
        ("meters", "pump1,operating_hours,-1,2026-11-25T00:00:00Z", "value is below 0"),
        ("maintenance_events", "pump1,wheel,2026-11-25T00:00:00Z,corrective,", "has no slot wheel"),
    ],
)
def test_the_other_tables_are_checked_too(folder: Path, name: str, line: str, mistake: str) -> None:
    path = folder / f"{name}.csv"
    path.write_text(path.read_text().splitlines()[0] + "\n" + line + "\n")
    assert f"{name}.csv line 2: " in mistakes_of(seal(folder))
    assert mistake in mistakes_of(folder)


def test_a_table_that_is_no_csv_is_said(folder: Path) -> None:
    (folder / "labels.csv").write_bytes(b"machine\n\xff\xfe\n")
    assert "labels.csv is not a CSV table in UTF-8" in mistakes_of(seal(folder))


def test_all_mistakes_are_listed_at_once_up_to_a_bound(folder: Path) -> None:
    (folder / "meters.csv").write_text("machine,unit,value,at\n" + "ghost,shots,1,2026-11-25T00:00:00Z\n" * 40)
    (folder / "labels.csv").write_text("machine\n")
    found = mistakes_of(seal(folder))
    assert found.count("machine ghost is not in the plant") == 30
    assert found.endswith("and 10 more")
