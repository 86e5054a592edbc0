"""The program on InfluxDB: it takes in, survives its server, and moves history in and out while it runs."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.acceptance.running_yeji import a_plant_file, running, until, yeji
from tests.fakes.influxdb import TOKEN, InfluxDB
from tests.fakes.remote_stores import fresh_buckets
from tests.service.operations.test_history import a_bundle

pytestmark = [pytest.mark.acceptance, pytest.mark.influxdb, pytest.mark.mosquitto]


def settings_of(influx: InfluxDB, folder: Path) -> dict[str, str]:
    token, buckets = folder / "token", fresh_buckets(influx)
    token.write_text(TOKEN)
    return {
        "YEJI_STORE__KIND": "influxdb",
        "YEJI_STORE__URL": influx.url,
        "YEJI_STORE__TOKEN_FILE": str(token),
        "YEJI_STORE__BUCKET": buckets.readings,
        "YEJI_STORE__ROLLUP_BUCKET": buckets.rollups,
    }


@pytest.mark.timeout(240)
def test_a_plant_on_influxdb_outlives_its_server_and_moves_its_history(influx: InfluxDB, tmp_path: Path) -> None:
    """Two readings, the server dies, two more are taken, it comes back; a history comes in and goes out meanwhile.

    The readings' times are told apart by hand: two within one millisecond would be one instant.
    """
    data, store = tmp_path / "data", settings_of(influx, tmp_path)
    a_plant_file(data)
    bundle = a_bundle(tmp_path / "bundle")
    with running(data, **store) as program, program.device() as device:

        def values() -> list[float]:
            with program.client() as client:
                query = {"machine": "pump-1", "sensor": "vib", "from": begin}
                answer = client.get("/api/v1/readings", params=query)
            return [value for value in answer.json()["low"] if value is not None] if answer.status_code == 200 else []

        at = datetime.now(UTC).replace(microsecond=0)
        begin = at.isoformat()
        for value in (1.0, 2.0):
            device.report({"vib": value}, at=at + timedelta(seconds=value / 10))
        until(lambda: values() == [1.0, 2.0], within_s=10, what="two readings on the server")
        influx.kill()
        for value in (3.0, 4.0):
            device.report({"vib": value}, at=at + timedelta(seconds=value / 10))
        until(lambda: _shown(program.get("/machines/pump-1")) == 4.0, within_s=10, what="the newest value")
        influx.start()
        until(lambda: values() == [1.0, 2.0, 3.0, 4.0], within_s=40, what="all readings on the server")
        done = yeji("import", bundle, "--data", data, "--json", **store)
        assert json.loads(done.stdout)["rows"] == 30, done.stderr
        done = yeji("export", tmp_path / "out", "--data", data, "--json", **store)
        told = json.loads(done.stdout)
        assert told["rows"] >= 30, done.stderr
        assert max(told["files"]) == "readings/centrifugal_pump-2026-09.parquet"
        second = yeji("run", "--data", tmp_path / "second", "--plant", data / "plant.toml", "--port", "0", **store)
        assert second.returncode == 1
        assert "another service" in second.stderr
        assert program.stop() == 0
    said = yeji("doctor", "--data", data, "--json", **store)
    assert [row["result"] for row in json.loads(said.stdout) if row["check"] == "store"] == ["ok"]


def _shown(answer: dict) -> float | None:
    """Return the newest value of `vib` as the machine page has it."""
    return next(sensor["last"]["value"] for sensor in answer["sensors"] if sensor["id"] == "vib")
