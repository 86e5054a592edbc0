import json
import socket
from pathlib import Path

import pytest
from rich.console import Console

from service.operations.doctor import diagnose
from service.operations.result import Output
from service.operations.setup import Typed
from tests.acceptance.running_yeji import a_plant_file


def looked_at(typed: Typed) -> tuple[bool, dict[str, tuple[str, str]]]:
    console = Console(record=True, width=400)
    is_well = diagnose(typed, Output(console, as_json=True))
    return is_well, {each["check"]: (each["result"], each["detail"]) for each in json.loads(console.export_text())}


def test_a_sound_installation_is_well(tmp_path: Path) -> None:
    plant = a_plant_file(tmp_path / "plant")
    is_well, found = looked_at(Typed(data_dir=tmp_path / "data", plant=plant, port=0))
    assert is_well, found
    assert found["plant"][1].endswith("1 sites, 2 machines")
    assert found["state database"] == found["data folder"] == ("ok", "not made yet; the first start makes it")
    assert not (tmp_path / "data").exists()


def test_what_is_wrong_is_said_with_how_to_mend_it(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        is_well, found = looked_at(Typed(data_dir=tmp_path, port=taken.getsockname()[1]))
    assert not is_well
    assert found["plant"][0] == found["port"][0] == "PROBLEM"
    assert "--plant" in found["plant"][1]
    assert "YEJI_PORT" in found["port"][1]


def test_settings_that_cannot_be_used_end_the_visit(tmp_path: Path) -> None:
    file = tmp_path / "yeji.toml"
    file.write_text("colour = 'red'\n")
    is_well, found = looked_at(Typed(settings_file=file))
    assert not is_well
    assert set(found) == {"versions", "settings"}


def test_a_database_that_is_behind_is_found(tmp_path: Path) -> None:
    (tmp_path / "state.sqlite").touch()
    is_well, found = looked_at(Typed(data_dir=tmp_path, plant=a_plant_file(tmp_path / "plant"), port=0))
    assert not is_well
    assert "yeji db upgrade" in found["state database"][1]


@pytest.mark.parametrize("kind", ["builtin", "mosquitto", "external"])
def test_the_broker_that_will_be_used_is_named(tmp_path: Path, kind: str) -> None:
    file = tmp_path / "yeji.toml"
    file.write_text(f"[mqtt]\nbroker = '{kind}'\n")
    _, found = looked_at(Typed(settings_file=file, data_dir=tmp_path / "data", port=0))
    result, detail = found["broker"]
    assert result == "PROBLEM" or {"builtin": "built-in", "mosquitto": "Mosquitto", "external": "1883"}[kind] in detail
