"""A power cut loses nothing that was stored, and the next start goes on."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from tests.acceptance.running_yeji import Device, Program, a_plant_file, running, until, yeji

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(180)]


def stored_values(program: Program, since: datetime) -> list[float]:
    answer = program.get("/readings", machine="pump-1", sensor="vib", max_points=5000, **{"from": since.isoformat()})
    return [value for value in answer["low"] if value is not None]


def test_what_was_stored_survives_kill_9_and_what_comes_again_counts_once(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    a_plant_file(folder)
    since = datetime.now(UTC) - timedelta(minutes=5)
    with running(folder) as program, program.device() as device:
        for number in range(200):
            device.report({"vib": float(number % 50)}, at=since + timedelta(seconds=number))
        until(lambda: len(stored_values(program, since)) >= 100, within_s=20, what="half of the readings")
        program.kill()
    with running(folder) as program:
        device = Device(*program.mqtt)
        for number in range(200):
            device.report({"vib": float(number % 50)}, at=since + timedelta(seconds=number))
        device.close()
        until(lambda: len(stored_values(program, since)) >= 200, within_s=20, what="all readings")
        assert stored_values(program, since) == [float(number % 50) for number in range(200)]
        assert program.get("/gaps")["items"] == []
        assert program.get("/dead-letters")["items"] == []


def test_it_works_through_the_built_in_broker_too(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    a_plant_file(folder)
    since = datetime.now(UTC) - timedelta(seconds=10)
    with running(folder, YEJI_MQTT__BROKER="builtin") as program, program.device() as device:
        device.report({"vib": 2.5}, at=since)
        until(lambda: stored_values(program, since) == [2.5], within_s=20, what="the reading")


def test_keys_people_and_the_brokers_port_survive_a_restart(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    a_plant_file(folder)
    with running(folder) as first:
        mode = (folder / "api-key").stat().st_mode & 0o777
        assert first.stop() == 0
    assert mode == 0o600
    assert not (folder / "running.json").exists()
    with running(folder) as second:
        assert (second.key, second.mqtt[1]) == (first.key, first.mqtt[1])
        assert httpx.get(f"{second.address}/readyz").status_code == 200
        listed = yeji("user", "list", "--data", folder)
        assert "admin" in listed.stdout


def test_an_open_stream_does_not_keep_the_program_from_stopping(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    a_plant_file(folder)
    with running(folder) as program, program.client() as client, client.stream("GET", "/api/v1/stream") as answer:
        lines = answer.iter_lines()
        assert next(lines).startswith("retry:")
        assert program.stop() == 0
