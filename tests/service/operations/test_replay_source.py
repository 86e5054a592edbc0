"""A recording brings the plant that it needs, and several machines keep their names."""

from pathlib import Path

import pytest

from configs.catalogue.load import load_catalogue
from configs.plant import Plant
from configs.plant_file import parse_plant
from service.errors import InvalidRequestError, NotFoundError
from service.operations.recordings.recording import Recording
from service.operations.replay_plan import assign, message_count, messages
from service.operations.replay_source import ReadingOptions, ReplaySource, plant_of, read_recording


def _plant(text: str) -> Plant:
    return parse_plant(text, load_catalogue(), "plant.toml")


def _read(source: ReplaySource, path: Path, **options: object) -> Recording:
    return read_recording(source, path, ReadingOptions(**options))  # type: ignore[arg-type]


def _csv(folder: Path, text: str = "time,Vib,전류\n0,1,5\n1,3,\n2,2,6\n") -> Path:
    path = folder / "some file.csv"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("source", "path", "machine"),
    [
        (ReplaySource.SKAB, "skab/valve1/6.csv", "skab-rig"),
        (ReplaySource.NAB, "nab", "nab-machine"),
        (ReplaySource.CMAPSS, "cmapss", "fd001-001"),
    ],
)
def test_the_printed_plant_has_the_machines_of_the_recording(
    shared_data: Path, source: ReplaySource, path: str, machine: str
) -> None:
    recording = _read(source, shared_data / path)
    plant = _plant(plant_of(recording, None))
    parts = assign(recording, plant, None)
    assert parts[0].machine.id == machine
    assert len(parts) == len(plant.machines) == len(recording.tracks)
    assert all(part.left_out == () for part in parts)
    for part in parts:
        ranges = {sensor.id: (sensor.range_low, sensor.range_high) for sensor in part.machine.sensors}
        lows, highs = part.track.values.min(axis=0), part.track.values.max(axis=0)
        for sensor, low, high in zip(part.track.sensors, lows, highs, strict=True):
            assert ranges[sensor][0] <= low <= high <= ranges[sensor][1]


def test_the_printed_plant_of_a_csv_has_its_columns_as_sensors(tmp_path: Path) -> None:
    recording = _read(ReplaySource.CSV, _csv(tmp_path))
    plant = _plant(plant_of(recording, "press-3"))
    (machine,) = plant.machines
    assert machine.id == "press-3"
    assert [(sensor.id, sensor.name.ko) for sensor in machine.sensors] == [("vib", "Vib"), ("column_2", "전류")]
    assert (machine.sensors[0].normal_low, machine.sensors[0].normal_high) == (1, 3)
    assert plant.equipment_types[0].window_s == 10
    assert assign(recording, plant, "press-3")[0].track.sensors == ("vib", "column_2")


def test_columns_may_be_named_after_sensors(tmp_path: Path) -> None:
    recording = _read(ReplaySource.CSV, _csv(tmp_path), columns=("전류=current", "Vib=vib_x"))
    assert recording.tracks[0].sensors == ("vib_x", "current")


@pytest.mark.parametrize("column", ["전류", "=vib", "Vib=", "Vib=bad name"])
def test_a_column_that_names_no_sensor_is_refused(tmp_path: Path, column: str) -> None:
    with pytest.raises(InvalidRequestError, match="must be COLUMN=SENSOR"):
        _read(ReplaySource.CSV, _csv(tmp_path), columns=(column,))


def test_a_path_that_leads_nowhere_is_told(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequestError, match="there is no such file or folder; correct the path"):
        _read(ReplaySource.CSV, tmp_path / "none.csv")


def test_a_machine_that_could_not_be_on_the_wire_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequestError, match="--machine a b: may hold only"):
        plant_of(_read(ReplaySource.CSV, _csv(tmp_path)), "a b")


def _engines(folder: Path) -> Recording:
    rows = [f"{unit} {cycle} " + " ".join(["1"] * 24) for unit in (1, 2) for cycle in range(1, unit + 2)]
    (folder / "train_FD001.txt").write_text("\n".join(rows), encoding="utf-8")
    return _read(ReplaySource.CMAPSS, folder)


def test_machines_report_side_by_side_and_each_goes_off_at_its_own_end(tmp_path: Path) -> None:
    recording = _engines(tmp_path)
    parts = assign(recording, _plant(plant_of(recording, None)), None)
    sent = list(messages(parts, ("one", "two"), shift_ns=0))
    machines = [message.topic.split("/")[4] for message in sent]
    assert machines == ["fd001-001", "fd001-002"] * 2 + ["fd001-001", "fd001-002", "fd001-002"]
    assert [message.recorded_ns for message in sent] == sorted(message.recorded_ns for message in sent)
    assert len(sent) == message_count(parts)
    assert sum(b'"state":"off"' in message.payload for message in sent) == 2


def test_several_machines_cannot_stand_for_one(tmp_path: Path) -> None:
    recording = _engines(tmp_path)
    with pytest.raises(InvalidRequestError, match="keep their names; leave it out"):
        assign(recording, _plant(plant_of(recording, None)), "fd001-001")


def test_a_plant_without_such_a_machine_is_told_how_to_get_one(shared_data: Path, tmp_path: Path) -> None:
    recording = _read(ReplaySource.SKAB, shared_data / "skab" / "valve1" / "6.csv")
    other = _plant(plant_of(_read(ReplaySource.CSV, _csv(tmp_path)), "press-3"))
    with pytest.raises(NotFoundError, match="no machine of type skab_water_rig; --print-plant shows"):
        assign(recording, other, None)
    with pytest.raises(InvalidRequestError, match="machine press-3 has none of the sensors accelerometer1_rms"):
        assign(recording, other, "press-3")


def test_of_two_rigs_one_must_be_named(shared_data: Path) -> None:
    recording = _read(ReplaySource.SKAB, shared_data / "skab" / "valve1" / "6.csv")
    text = plant_of(recording, "rig-a")
    two = text + text[text.index("[[machine]]") :].replace("rig-a", "rig-b")
    with pytest.raises(InvalidRequestError, match="--machine takes rig-a, rig-b"):
        assign(recording, _plant(two), None)


def test_a_recording_without_a_number_for_the_machine_is_refused(tmp_path: Path) -> None:
    recording = _read(ReplaySource.CSV, _csv(tmp_path, "time,vib,load\n0,,1\n1,,2\n"), columns=("vib=vib",))
    plant = _plant(plant_of(_read(ReplaySource.CSV, _csv(tmp_path, "time,vib\n0,1\n")), "press-3"))
    with pytest.raises(InvalidRequestError, match="the recording holds no number for it"):
        assign(recording, plant, "press-3")
