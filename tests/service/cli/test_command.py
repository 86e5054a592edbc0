import subprocess
import sys
import typing

import pytest

from ingest.errors import StoreBrokenError
from service import cli
from service.cli import command as command_line
from service.cli import running
from service.operations.replay import DEFAULT_RATE
from service.operations.replay_source import ReplaySource


def parameter_of(command: str, name: str) -> object:
    return typing.get_type_hints(getattr(running, command))[name]


def test_the_formats_and_the_rate_of_replay_are_those_that_it_knows() -> None:
    assert set(typing.get_args(parameter_of("replay", "source"))) == {source.value for source in ReplaySource}
    assert running.replay.__kwdefaults__["rate"] == DEFAULT_RATE


def test_help_does_not_import_what_the_verbs_need() -> None:
    program = (
        "import sys, service.cli; print([m for m in ('sklearn', 'pandas', 'duckdb', 'fastapi') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("arguments", "code", "line"),
    [
        (["--help"], 0, ""),
        (["walk"], 2, "yeji: No such command 'walk'.\n"),
        (["user", "add", "kim", "--role", "king"], 2, "yeji: --role: there is no role 'king'"),
        (["import", "nowhere", "--settings", "nothing.toml"], 2, "yeji: nothing.toml: cannot be read"),
        (["replay", "skab", "--file", "nothing.csv"], 2, "yeji: nothing.csv: there is no such file"),
    ],
)
def test_what_went_wrong_is_one_line(
    arguments: list[str], code: int, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.exit_code(arguments) == code
    said = capsys.readouterr().err
    assert said.startswith(line)
    assert said.count("\n") <= 1


def test_a_supervisor_is_told_to_start_it_again_where_only_that_helps(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(_arguments: list[str], *, standalone_mode: bool) -> None:
        raise StoreBrokenError("telemetry.duckdb: a write failed;\nrestart the service")

    monkeypatch.setattr(command_line, "app", broken)
    assert cli.exit_code(["run"]) == 70
    assert capsys.readouterr().err == "yeji: telemetry.duckdb: a write failed; restart the service\n"
