"""The demonstration's child processes."""

import os
import sys
from pathlib import Path

import pytest

from simulators import demo
from simulators.demo import DemoFolders, Service, free_port, import_history, yeji_command
from simulators.errors import SimulatorError

READY = """
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
class Desk(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(b"ready")
    def log_message(self, *a): pass
HTTPServer(("127.0.0.1", int(sys.argv[1])), Desk).serve_forever()
"""


def test_service_is_waited_for_and_stopped() -> None:
    port = free_port()
    service = Service([sys.executable, "-c", READY, str(port)], os.environ)
    service.wait_ready(f"http://127.0.0.1:{port}")
    assert service.is_running()
    service.stop()
    assert not service.is_running()
    service.stop()


def test_service_that_ends_at_once_is_one_clear_line() -> None:
    service = Service([sys.executable, "-c", "raise SystemExit(3)"], os.environ)
    with pytest.raises(SimulatorError, match="ended with code 3"):
        service.wait_ready(f"http://127.0.0.1:{free_port()}")


def test_history_is_imported_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command = tmp_path / "yeji"
    command.write_text(
        f"#!{sys.executable}\nimport sys\nopen({str(tmp_path / 'calls')!r}, 'a').write('x')\n", encoding="utf-8"
    )
    command.chmod(0o755)
    monkeypatch.setattr(demo, "yeji_command", lambda: str(command))
    folders = DemoFolders(root=tmp_path / "demo")
    folders.root.mkdir()
    lines: list[str] = []
    for _ in range(2):
        import_history(folders, os.environ, lines.append)
    assert (tmp_path / "calls").read_text(encoding="utf-8") == "x"
    assert len(lines) == 1


def test_import_that_fails_is_tried_again_next_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command = tmp_path / "yeji"
    command.write_text("#!/bin/sh\nexit 4\n", encoding="utf-8")
    command.chmod(0o755)
    monkeypatch.setattr(demo, "yeji_command", lambda: str(command))
    folders = DemoFolders(root=tmp_path)
    with pytest.raises(SimulatorError, match="ended with code 4"):
        import_history(folders, os.environ, lambda line: None)
    assert not folders.imported.exists()


def test_key_lies_beside_the_folder_of_the_demonstration() -> None:
    assert DemoFolders(root=Path("/srv/var/demo")).api_key == Path("/srv/var/demo-api-key")


def test_command_that_is_not_installed_is_one_clear_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(SimulatorError, match="make setup"):
        yeji_command()
