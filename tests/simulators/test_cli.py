"""The `yeji-simulate` command."""

from pathlib import Path

import pytest

from simulators import cli
from simulators.cli import exit_code


def said(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().err.strip().splitlines()[-1]


def test_history_writes_bundle_truth_and_checkpoint(tmp_path: Path) -> None:
    out = tmp_path / "h"
    arguments = ["history", "--out", str(out), "--years", "0.02", "--machines", "2", "--end", "2026-11-24T08:00:00Z"]
    assert exit_code(arguments) == 0
    assert (out / "manifest.json").exists()
    assert (tmp_path / "h-truth" / "open_lives.jsonl").exists()
    assert (tmp_path / "h-checkpoint" / "state.npz").exists()


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["history", "--out", "x", "--machines", "0"], "machines"),
        (["history", "--out", "x", "--years", "99"], "years"),
        (["history", "--out", "x", "--end", "tomorrow"], "not a time"),
        (["history", "--out", "x", "--end", "2026-11-24T08:00:00"], "lacks its distance from UTC"),
        (["live", "--checkpoint", "x", "--broker", "nowhere"], "host:port"),
        (["live", "--checkpoint", "x", "--api", "http://127.0.0.1:1"], "go together"),
        (["live", "--checkpoint", "x", "--user", "me"], "go together"),
        (["inject", "--machine", "pump-01"], "fault"),
    ],
)
def test_wrong_argument_is_one_line_and_exit_code_2(
    arguments: list[str], word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code(arguments) == 2
    assert word in said(capsys)


def test_port_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("YEJI_PORT", "eighty")
    assert exit_code(["demo", "--data", "x"]) == 2
    assert "YEJI_PORT is eighty" in said(capsys)


def test_ctrl_c_is_one_line_and_exit_code_130(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_args: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "write_history", interrupted)
    assert exit_code(["history", "--out", str(tmp_path / "h"), "--years", "0.01", "--machines", "1"]) == 130
    assert "goes on from here" in said(capsys)


def test_damage_that_stands_still_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(["history", "--out", str(tmp_path / "h"), "--damage-speed", "0"]) == 1
    assert "damage speed" in said(capsys)


def test_broker_that_is_away_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["inject", "--machine", "pump-01", "--fault", "bearing", "--broker", "127.0.0.1:9"]
    assert exit_code(arguments) == 1
    assert "cannot connect" in said(capsys)
