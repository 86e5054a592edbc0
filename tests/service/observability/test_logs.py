import json
import logging
from collections.abc import Iterator
from typing import Literal

import pytest
import structlog

from service.observability.logs import configure_logs


@pytest.fixture(autouse=True)
def _put_back() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


def test_machines_read_one_json_object_a_line_with_the_request_and_the_fields(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure_logs("info", "json")
    with structlog.contextvars.bound_contextvars(request_id="r1"):
        structlog.get_logger("yeji").info("reading_rejected", sensor="진동", reason="nan\nfake line")
    logging.getLogger("some.library").warning("hello %s", "there")
    structlog.get_logger("yeji").debug("too_much")
    first, second = map(json.loads, capsys.readouterr().err.splitlines())
    assert (first["event"], first["sensor"], first["request_id"], first["level"]) == (
        "reading_rejected",
        "진동",
        "r1",
        "info",
    )
    assert (second["event"], second["logger"]) == ("hello there", "some.library")


def test_people_read_words(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("warning", "console")
    structlog.get_logger("yeji").info("quiet")
    structlog.get_logger("yeji").warning("loud", machine="pump-1")
    said = capsys.readouterr().err
    assert "loud" in said
    assert "pump-1" in said
    assert "quiet" not in said


def test_an_error_carries_its_traceback_in_a_field(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("info", "json")
    try:
        int("broken")
    except ValueError:
        structlog.get_logger("yeji").exception("failed")
    (line,) = map(json.loads, capsys.readouterr().err.splitlines())
    assert "ValueError: invalid literal" in line["exception"]


@pytest.mark.parametrize("kind", ["console", "json"])
def test_a_traceback_tells_no_local_variable(
    capsys: pytest.CaptureFixture[str], kind: Literal["console", "json"]
) -> None:
    configure_logs("info", kind)
    password = "correct horse " + "battery staple"
    try:
        int(password[:0])
    except ValueError:
        structlog.get_logger("yeji").exception("failed")
    said = capsys.readouterr().err
    assert "ValueError" in said
    assert password not in said
