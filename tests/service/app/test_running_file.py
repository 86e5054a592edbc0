import os
from pathlib import Path

import pytest

from service.app.running_file import Whereabouts, announced, last_broker_port, read_whereabouts


def test_a_running_program_says_where_it_is_and_a_stopped_one_does_not(tmp_path: Path) -> None:
    with announced(tmp_path, address="http://127.0.0.1:8000", broker=("127.0.0.1", 1884)):
        assert read_whereabouts(tmp_path) == Whereabouts(
            pid=os.getpid(), address="http://127.0.0.1:8000", mqtt_host="127.0.0.1", mqtt_port=1884
        )
    assert read_whereabouts(tmp_path) is None
    assert last_broker_port(tmp_path) == 1884


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": 1}', '{"pid": 1, "address": "x", "mqtt": 3}'])
def test_a_file_that_cannot_be_read_is_no_file(tmp_path: Path, text: str) -> None:
    (tmp_path / "running.json").write_text(text)
    assert read_whereabouts(tmp_path) is None


def test_without_an_earlier_start_there_is_no_port(tmp_path: Path) -> None:
    assert last_broker_port(tmp_path) == 0
