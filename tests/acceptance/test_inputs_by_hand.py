"""The running program takes up what people register and hand in, without a restart."""

from pathlib import Path

from tests.acceptance.running_yeji import Program, until, yeji

LOG = "일시,진동(mm/s),베어링 온도(℃)\n2026-11-02 09:00,1.9,55\n2026-11-02 10:00,2.0,정지\n"


def last_values(program: Program, machine: str) -> dict[str, float]:
    sensors = program.get(f"/machines/{machine}")["sensors"]
    return {sensor["id"]: sensor["last"]["value"] for sensor in sensors if sensor["last"]}


def test_a_sensor_and_a_machine_that_report_unasked_are_registered_while_the_service_runs(program: Program) -> None:
    with program.device("pump-1", "found") as known, program.device("pump-9", "found") as new:
        known.report({"gearbox_temp": 51.0})
        new.report({"vib": 1.4, "oddity": 7.0})
        found = until(lambda: _all_found(program, 3), within_s=15, what="what is not registered shows up")
        assert {(each["machine"], each["sensor"], each["value"]) for each in found} == {
            ("pump-1", "gearbox_temp", 51.0),
            ("pump-9", "vib", 1.4),
            ("pump-9", "oddity", 7.0),
        }
        with program.client() as client:
            for topic, machine, more in (
                (known.topic, "pump-1", {"sensor": "gearbox_temp"}),
                (new.topic, "pump-9", {"equipment_type": "centrifugal_pump"}),
            ):
                wish = {"topic": topic, "machine": machine, **more}
                answer = client.post("/api/v1/found/registration", json=wish)
                assert answer.status_code == 201, answer.text
        known.report({"gearbox_temp": 52.0})
        new.report({"vib": 1.5, "oddity": 8.0})
    until(lambda: last_values(program, "pump-1").get("gearbox_temp") == 52.0, within_s=15, what="the sensor is stored")
    until(lambda: last_values(program, "pump-9").get("oddity") == 8.0, within_s=15, what="the machine is stored")
    until(lambda: _is_ready(program), within_s=30, what="the service is ready with the new plant")


def test_the_command_hands_a_table_to_the_running_service_which_stores_it_once(
    program: Program, tmp_path: Path
) -> None:
    path = tmp_path / "pump-2 11월.csv"
    path.write_text(LOG, encoding="cp949")
    first = yeji("import", path, "--yes", "--data", program.folder)
    assert first.returncode == 0, first.stderr
    assert "stored 3 of" in first.stdout
    assert "row 3, 베어링 온도: not a number: 정지" in first.stderr
    again = yeji("import", path, "--yes", "--data", program.folder)
    assert "stored 0 of" in again.stdout
    assert last_values(program, "pump-2") == {"vib": 2.0, "bearing_temp": 55.0}
    undone = yeji("import", "--undo", first.stdout.split("--undo ")[1].split("`")[0], "--data", program.folder)
    assert undone.returncode == 0, undone.stderr
    assert last_values(program, "pump-2") == {}


def _all_found(program: Program, number: int) -> list[dict[str, object]]:
    items: list[dict[str, object]] = program.get("/found")["items"]
    return items if len(items) == number else []


def _is_ready(program: Program) -> bool:
    with program.client() as client:
        return client.get("/readyz").status_code == 200
