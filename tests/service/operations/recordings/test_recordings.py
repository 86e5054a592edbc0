"""Each data set is read as its authors wrote it, its labels stay behind, and what is no such file is told in one line."""

from pathlib import Path

import numpy as np
import pytest

from service.errors import InvalidRequestError
from service.operations.recordings import cmapss, nab, skab
from service.operations.recordings.cmapss import read_cmapss
from service.operations.recordings.csv_file import read_csv, sensor_name
from service.operations.recordings.nab import read_nab
from service.operations.recordings.recording import SECOND_NS
from service.operations.recordings.skab import read_skab

SKAB = (
    "datetime;Accelerometer1RMS;Accelerometer2RMS;Current;Pressure;Temperature;Thermocouple;Voltage;Volume Flow RateRMS;"
    "anomaly;changepoint\n"
    "2020-02-08 13:30:47;0.2;0.27;2.1;0.05;79.3;26.0;233.0;32.0;0.0;0.0\n"
    "2020-02-08 13:30:49;0.3;0.28;2.2;;79.4;26.1;234.0;31.0;1.0;1.0\n"
)


def _file(folder: Path, text: str | bytes, name: str = "recording.csv") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_skab_is_read_without_its_labels(tmp_path: Path) -> None:
    recording = read_skab(_file(tmp_path, SKAB))
    (track,) = recording.tracks
    assert recording.left_out == ("anomaly", "changepoint")
    assert track.sensors == tuple(skab.SENSORS.values())
    assert np.diff(track.times_ns).tolist() == [2 * SECOND_NS]
    assert track.values[0].tolist() == [0.2, 0.27, 2.1, 0.05, 79.3, 26.0, 233.0, 32.0]
    assert np.isnan(track.values[1, 3])


def test_skab_without_labels_is_read_too(shared_data: Path) -> None:
    recording = read_skab(shared_data / "skab" / "anomaly-free" / "anomaly-free.csv")
    assert (recording.rows, recording.left_out) == (9405, ())


def test_all_of_skab_is_read(shared_data: Path) -> None:
    files = sorted((shared_data / "skab").glob("valve1/*.csv"))
    recordings = [read_skab(file) for file in files]
    assert len(recordings) == 16
    for recording in recordings:
        assert recording.left_out == ("anomaly", "changepoint")
        assert not np.isnan(recording.tracks[0].values).any()


def test_nab_is_read_from_a_folder_or_a_file(tmp_path: Path) -> None:
    file = _file(tmp_path, "timestamp,value\n2013-12-02 21:15:00,73.9\n2013-12-02 21:20:00,74.9\n", nab.FILE_NAME)
    for path in (tmp_path, file):
        (track,) = read_nab(path).tracks
        assert np.diff(track.times_ns).tolist() == [300 * SECOND_NS]
        assert track.values.tolist() == [[73.9], [74.9]]


def test_nab_as_published_is_read(shared_data: Path) -> None:
    assert read_nab(shared_data / "nab").rows == 22_695


def _engine(unit: int, cycle: int) -> str:
    return " ".join(str(number) for number in (unit, cycle, *range(24)))


def test_a_cycle_of_cmapss_is_an_hour_of_an_engine(tmp_path: Path) -> None:
    _file(tmp_path, "\n".join(_engine(unit, cycle) for unit in (1, 2) for cycle in (1, 2, 3)), "train_FD003.txt")
    recording = read_cmapss(tmp_path, "fd003")
    assert [track.name for track in recording.tracks] == ["fd003-001", "fd003-002"]
    track = recording.tracks[0]
    assert track.times_ns.tolist() == [cycle * 3600 * SECOND_NS for cycle in (1, 2, 3)]
    assert track.sensors == cmapss.SENSORS
    assert track.values[2].tolist() == [3, *range(24)]


def test_cmapss_as_published_is_read(shared_data: Path) -> None:
    recording = read_cmapss(shared_data / "cmapss", "FD001")
    assert (len(recording.tracks), recording.rows) == (100, 20_631)
    assert len(read_cmapss(shared_data / "cmapss", "FD001", engines=3).tracks) == 3


def test_a_csv_is_read_by_its_header(tmp_path: Path) -> None:
    text = "Time,Spindle Vib (mm/s),Note,anomaly,Load\n2026-01-01T00:00:01Z,0.5,ok,0,\n2026-01-01T00:00:00Z,0.4,late,0,70\n"
    recording = read_csv(_file(tmp_path, text))
    (track,) = recording.tracks
    assert track.sensors == ("spindle_vib", "load")
    assert track.values[:, 0].tolist() == [0.4, 0.5]
    assert np.isnan(track.values[1, 1])
    assert recording.left_out == ("Note", "anomaly")
    assert recording.titles["spindle_vib"] == "Spindle Vib (mm/s)"  # type: ignore[index]


def test_a_korean_csv_from_a_spreadsheet_is_read(tmp_path: Path) -> None:
    text = "측정시각;전류(A);진동\n2026-01-01 00:00:00;1,200.5;0.3\n2026-01-01 00:00:10;1.5;-\n"
    for encoding in ("utf-8-sig", "cp949"):
        recording = read_csv(_file(tmp_path, text.encode(encoding)), renamed={"진동": "vib"})
        (track,) = recording.tracks
        assert track.sensors == ("column_1", "vib")
        assert track.values[0].tolist() == [1200.5, 0.3]
        assert np.isnan(track.values[1, 1])


@pytest.mark.parametrize(("stamps", "step_s"), [((1.5, 2.5), 1), ((1767225600000, 1767225600500), 0.5)])
def test_a_csv_may_count_seconds_or_milliseconds(tmp_path: Path, stamps: tuple[float, float], step_s: float) -> None:
    text = f"clock\tvib\n{stamps[0]}\t1\n{stamps[1]}\t2\n"
    (track,) = read_csv(_file(tmp_path, text), time="clock").tracks
    assert np.diff(track.times_ns).tolist() == [step_s * SECOND_NS]


def test_the_end_of_a_recording_can_be_taken_alone(tmp_path: Path) -> None:
    lines = "\n".join(f"2026-01-01T00:00:{second:02d}Z,{second}" for second in range(60))
    recording = read_csv(_file(tmp_path, f"time,vib\n{lines}\n")).last(9 * SECOND_NS)
    assert recording.rows == 10
    assert recording.end_ns - recording.start_ns == 9 * SECOND_NS


@pytest.mark.parametrize(
    ("column", "name"),
    [("Volume Flow RateRMS", "volume_flow_raterms"), ("Temp [°C]", "temp"), ("x-y.z", "x_y_z"), ("전류", "")],
)
def test_a_column_names_a_sensor(column: str, name: str) -> None:
    assert sensor_name(column) == name


@pytest.mark.parametrize(
    ("read", "content", "told"),
    [
        (read_skab, "timestamp,value\n1,2\n", "is no SKAB file, it has no column datetime"),
        (read_nab, "a,b\n1,2\n", "is no NAB file"),
        (read_cmapss, "1 2 3\n", "is no C-MAPSS file, it needs rows of 26 numbers"),
        (read_cmapss, "hello\n", "is no C-MAPSS file"),
        (read_csv, "", "is no table with a header"),
        (read_csv, "time,vib\n", "and at least one row"),
        (read_csv, "time\n1\n", "needs a header, a time column and a value column"),
        (read_csv, "a,b\n1,2\n", "which column is the time? name it with --time-column; it has a, b"),
        (read_csv, "time,vib\nyesterday,2\n", "line 2, column time: 'yesterday' is no time"),
        (read_csv, "time,note\n1,ok\n", "has no column of numbers besides time"),
        (read_csv, "time,Vib,vib\n1,1,1\n", "two columns stand for one sensor"),
        (read_csv, b"\xff\x00\xff\x81", "is no text in UTF-8 or CP949"),
        (read_csv, 'time,vib\n1,2\n"1,2,3\n', "is no table with a header"),
    ],
)
def test_what_is_no_such_file_is_told_in_one_line(tmp_path: Path, read, content, told) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InvalidRequestError) as caught:
        read(_file(tmp_path, content))
    assert told in str(caught.value)


def test_a_folder_or_nothing_is_no_recording(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequestError, match="is a folder; name a file in it"):
        read_skab(tmp_path)
    with pytest.raises(InvalidRequestError, match="No such file"):
        read_csv(tmp_path / "none.csv")
    with pytest.raises(InvalidRequestError, match="has no set 'FD009'"):
        read_cmapss(tmp_path, "FD009")
    file = _file(tmp_path, "time,vib\n1,1\n")
    with pytest.raises(InvalidRequestError, match="has no column 'clock'; it has time, vib"):
        read_csv(file, time="clock")
    with pytest.raises(InvalidRequestError, match="has no column smell; it has time, vib"):
        read_csv(file, renamed={"smell": "vib"})
