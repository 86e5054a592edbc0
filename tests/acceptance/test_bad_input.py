"""Whatever is wrong, there is one clear line that says what, where and how to mend it; the program goes on or does not start."""

import json
import os
import socket
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.running_yeji import PLANT, Program, a_plant_file, until, yeji

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(120)]


def message(**changes: object) -> bytes:
    document = {"v": 1, "boot": "bad", "seq": 1, "ts": datetime.now(UTC).isoformat(), "values": {"vib": 1.0}} | changes
    return json.dumps(document).encode()


BAD_MESSAGES: dict[str, tuple[bytes, str, str]] = {
    "malformed": (b'{"v":1,', "malformed_json", "not JSON"),
    "nan": (
        b'{"v":1,"boot":"n","seq":1,"ts":1795594385250,"values":{"vib":NaN}}',
        "not_a_number",
        "leave the sensor out",
    ),
    "wrong unit": (message(boot="u", units={"vib": "degC"}), "wrong_unit", "mm/s"),
    "clock ahead": (
        message(boot="c", ts=(datetime.now(UTC) + timedelta(hours=9)).isoformat()),
        "time_window",
        "set the device's clock",
    ),
    "unknown sensor": (message(boot="s", values={"colour": 1}), "unknown_sensor", "colour"),
}


@pytest.mark.parametrize("name", BAD_MESSAGES)
def test_a_bad_message_is_kept_with_its_reason_and_the_next_good_one_is_stored(program: Program, name: str) -> None:
    payload, reason, hint = BAD_MESSAGES[name]
    with program.device(boot=f"after-{name.replace(' ', '-')}") as device:
        device.publish(payload)
        letter = until(lambda: letter_of(program, device.topic, reason), within_s=10, what=f"a dead letter {reason}")
        assert hint in letter["detail"]
        at = datetime.now(UTC)
        device.report({"vib": 1.0}, at=at)
        until(lambda: is_stored(program, at), within_s=10, what="the good reading")


def test_a_message_of_an_unknown_machine_names_it(program: Program) -> None:
    topic = "yeji/v1/ansan/water/pump-9/telemetry"
    with program.device() as device:
        device.publish(message(), topic)
    letter = until(lambda: letter_of(program, topic, "unknown_machine"), within_s=10, what="a dead letter")
    assert "pump-9 is not in plant.toml" in letter["detail"]


def letter_of(program: Program, topic: str, reason: str) -> Any:
    letters = program.get("/dead-letters")["items"]
    return next((each for each in letters if each["topic"] == topic and each["reason"] == reason), None)


def is_stored(program: Program, at: datetime) -> bool:
    answer = program.get("/readings", machine="pump-1", sensor="vib", **{"from": at.isoformat()})
    return int(at.timestamp() * 1000) in answer["at_ms"]


def one_line(done: subprocess.CompletedProcess[str], code: int) -> str:
    """Return the line that a command said when it failed."""
    assert done.returncode == code, done.stderr
    lines = [line for line in done.stderr.splitlines() if line.startswith("yeji: ")]
    assert len(lines) == 1, done.stderr
    assert "Traceback" not in done.stderr
    return lines[0]


def test_a_port_in_use_is_said_before_anything_starts(tmp_path: Path, plant_folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        line = one_line(yeji("run", "--data", tmp_path / "d", "--plant", plant_folder, "--port", str(port)), 2)
    assert f"127.0.0.1:{port}" in line
    assert "YEJI_PORT" in line
    assert not (tmp_path / "d").exists()


def test_a_second_process_on_the_same_folder_is_told_who_holds_it(program: Program) -> None:
    line = one_line(yeji("run", "--data", program.folder, "--port", "0"), 2)
    assert f"in use by process {program.process.pid}" in line


def test_an_import_beside_a_running_service_says_what_is_wrong_with_the_folder(program: Program) -> None:
    line = one_line(yeji("import", program.folder, "--data", program.folder), 1)
    assert f"{program.folder} is not a history bundle" in line


def test_a_plant_file_with_a_slot_twice_says_so(tmp_path: Path) -> None:
    text = PLANT + '[machine.slots.mech_seal]\npart_type = "centrifugal_pump.mech_seal"\n' * 2
    plant = a_plant_file(tmp_path / "plant", text)
    line = one_line(yeji("run", "--data", tmp_path / "d", "--plant", plant, "--port", "0"), 2)
    assert str(plant) in line
    assert "mech_seal" in line


def test_a_plant_file_that_is_not_there_says_how_to_get_one(tmp_path: Path) -> None:
    line = one_line(yeji("run", "--data", tmp_path / "d", "--port", "0"), 2)
    assert "plant.toml" in line
    assert "--plant" in line


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("run", "--colour", "red"), "--colour"),
        (("walk",), "walk"),
        (("run", "--port", "many"), "port"),
        (("run", "--port", "99999"), "port"),
        (("user", "add", "kim", "--role", "king"), "viewer"),
        (("import",), "FOLDER"),
        (("drill", "--live"), "--yes"),
        (("drill", "--rate", "0"), "--rate"),
    ],
)
def test_a_wrong_argument_is_one_line_and_exit_code_2(arguments: tuple[str, ...], word: str, tmp_path: Path) -> None:
    data = ("--data", str(tmp_path)) if arguments[0] in {"run", "user"} else ()
    assert word.lower() in one_line(yeji(*arguments, *data), 2).lower()


def test_a_setting_that_is_none_is_named(tmp_path: Path, plant_folder: Path) -> None:
    line = one_line(yeji("run", "--data", tmp_path, "--plant", plant_folder, YEJI_POTR="1"), 2)
    assert "YEJI_POTR is not a setting; did you mean YEJI_PORT" in line


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MB; skips where this user may not mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("this user may not mount a file system")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def test_a_full_disk_is_said_before_anything_starts(small_disk: Path, plant_folder: Path) -> None:
    line = one_line(yeji("run", "--data", small_disk / "d", "--plant", plant_folder, "--port", "0"), 2)
    assert "the disk is full" in line


def test_a_read_only_folder_says_who_needs_it(small_disk: Path, plant_folder: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    line = one_line(yeji("run", "--data", small_disk / "d", "--plant", plant_folder, "--port", "0"), 2)
    assert f"cannot be written by user {os.geteuid()}" in line


def test_a_folder_of_somebody_else_is_refused_to_a_plain_user(tmp_path: Path, plant_folder: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    folder = tmp_path / "closed"
    folder.mkdir(mode=0o500)
    line = one_line(yeji("run", "--data", folder / "d", "--plant", plant_folder, "--port", "0"), 2)
    assert "cannot be written" in line
