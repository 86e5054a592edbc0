"""A technician who reports over the API."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from simulators.errors import SimulatorError
from simulators.removal import Reason, TrueLife
from simulators.technician import Note, Technician, note_removal
from tests.simulators.scenarios import START_S, a_scenario


class Office:
    """The other side of the API: one open life, and a list of what was reported."""

    def __init__(self) -> None:
        self.status = 200
        self.seen: list[tuple[str, str, dict, str]] = []
        self.items = [{"id": "pump-01.bearing.3", "meter_at_install": 100.0}]


@pytest.fixture
def office() -> Iterator[tuple[Office, str]]:
    state = Office()

    class Desk(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.answer({}, {"items": state.items})

        def do_POST(self) -> None:
            self.answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))), {})

        def answer(self, body: dict, reply: dict) -> None:
            state.seen.append((self.command, self.path, body, self.headers["Authorization"]))
            self.send_response(state.status)
            self.end_headers()
            self.wfile.write(json.dumps(reply).encode())

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Desk)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield state, f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "key"
    path.write_text("secret\n", encoding="utf-8")
    return path


def a_note(**changes: object) -> Note:
    fields = {
        "at_s": 10.0, "machine": "pump-01", "slot": "bearing", "removed_s": START_S, "meter": 250.5, "reason": "failed",
        "failure_mode": "VIB", "text": "교체", **changes,
    }  # fmt: skip
    return Note(**fields)


def test_removal_is_reported_with_reason_meter_and_time(office: tuple[Office, str], key_file: Path) -> None:
    state, address = office
    technician = Technician(address, key_file)
    technician.take(a_note())
    assert technician.report_due(10.0) == 1
    method, path, body, key = state.seen[-1]
    assert (method, path, key) == ("POST", "/api/v1/part-lives/pump-01.bearing.3/removal", "Bearer secret")
    assert body == {
        "removed_at": "2026-03-02T00:00:00+00:00", "meter": 250.5, "reason": "failed", "failure_mode": "VIB", "note": "교체",
    }  # fmt: skip
    assert technician.pending == []


def test_what_is_not_due_waits(office: tuple[Office, str], key_file: Path) -> None:
    technician = Technician(office[1], key_file)
    technician.take(a_note(at_s=20.0))
    assert technician.report_due(19.0) == 0
    assert len(technician.pending) == 1


@pytest.mark.parametrize("status", [409, 503])
def test_report_that_fails_is_tried_again_later(office: tuple[Office, str], key_file: Path, status: int) -> None:
    state, address = office
    technician = Technician(address, key_file)
    technician.take(a_note())
    state.status = status
    assert technician.report_due(10.0) == 0
    assert [(note.tries, note.at_s) for note in technician.pending] == [(1, 15.0)]
    state.status = 200
    assert technician.report_due(15.0) == 1


def test_refused_report_is_kept_and_not_repeated(office: tuple[Office, str], key_file: Path) -> None:
    state, address = office
    technician = Technician(address, key_file)
    technician.take(a_note())
    state.status = 422
    assert technician.report_due(10.0) == 0
    assert technician.pending == []
    assert technician.refused[0][1].startswith("422")


def test_missing_life_and_missing_service_are_tried_again(office: tuple[Office, str], key_file: Path) -> None:
    state, address = office
    state.items = []
    for api in (address, "http://127.0.0.1:9"):
        technician = Technician(api, key_file)
        technician.take(a_note())
        assert technician.report_due(10.0) == 0
        assert len(technician.pending) == 1


def test_pile_survives_a_restart(key_file: Path, tmp_path: Path) -> None:
    first, second = (Technician("http://127.0.0.1:9", key_file) for _ in range(2))
    first.take(a_note())
    first.save(tmp_path / "reports.json")
    second.load(tmp_path / "reports.json")
    assert second.pending == [a_note()]
    second.load(tmp_path / "none.json")
    assert second.pending == [a_note()]


def test_address_that_is_not_one_is_refused(key_file: Path) -> None:
    with pytest.raises(SimulatorError, match="not the address"):
        Technician("file:///etc", key_file)


def test_tool_is_reported_at_once_and_a_repair_after_a_while() -> None:
    plant = a_scenario(2).plant
    life = TrueLife(
        machine="mc-01", slot="cutting_tool", install_no=3, installed_s=0.0, meter_at_install=1.0, removed_s=100.0,
        meter_at_removal=41.0, reason=Reason.FAILED, true_life=40.0, damage=1.0, onset_s=0.0, sudden=False, restored=0.0,
        chance=(0.5,) * 10,
    )  # fmt: skip
    part = plant.part_type("cnc_machining_centre.cutting_tool")
    assert note_removal(life, part, renewed_in_use=True).at_s == 105.0
    repair = note_removal(life, part, renewed_in_use=False)
    assert repair.at_s > 200.0
    assert (repair.reason, repair.failure_mode, repair.meter) == ("failed", "PDE", 41.0)
