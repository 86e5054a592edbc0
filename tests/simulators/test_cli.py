"""The `yeji-simulate` command."""

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from simulators.cli import exit_code
from simulators.cli import history as history_verb
from simulators.cli.options import fault_rates
from simulators.scenario import Rates, fault_kinds


def said(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().err.strip().splitlines()[-1]


def test_history_writes_bundle_truth_and_checkpoint(tmp_path: Path) -> None:
    out = tmp_path / "h"
    arguments = ["history", "--out", str(out), "--years", "0.02", "--machines", "2", "--end", "2026-11-24T08:00:00Z"]
    assert exit_code(arguments) == 0
    assert (out / "manifest.json").exists()
    assert (tmp_path / "h-truth" / "open_lives.jsonl").exists()
    assert (tmp_path / "h-checkpoint" / "state.npz").exists()


def test_every_kind_of_fault_can_be_switched_alone() -> None:
    for kind in fault_kinds():
        rates = fault_rates(kind)
        happening = [name for name in Rates.__dataclass_fields__ if getattr(rates, name) > 0]
        assert [name.removesuffix("_share").removesuffix("_per_year") for name in happening] == [kind]
    assert not any(getattr(fault_rates("none"), name) for name in Rates.__dataclass_fields__)
    assert fault_rates("usual") == Rates()


def test_fault_that_does_not_exist_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(["history", "--out", str(tmp_path / "h"), "--faults", "gremlins"]) == 1
    assert "no fault is called gremlins" in said(capsys)


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

    monkeypatch.setattr(history_verb, "write_history", interrupted)
    assert exit_code(["history", "--out", str(tmp_path / "h"), "--years", "0.01", "--machines", "1"]) == 130
    assert "goes on from here" in said(capsys)


def test_damage_that_stands_still_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(["history", "--out", str(tmp_path / "h"), "--damage-speed", "0"]) == 1
    assert "damage speed" in said(capsys)


def test_broker_that_is_away_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["inject", "--machine", "pump-01", "--fault", "bearing", "--broker", "127.0.0.1:9"]
    assert exit_code(arguments) == 1
    assert "cannot connect" in said(capsys)


def test_full_disk_is_one_line_and_the_same_command_goes_on(tmp_path: Path) -> None:
    """A limit on the size of files stands for the disk; the parquet writer must not complain again at the end."""
    program = Path(sys.executable).with_name("yeji-simulate")
    options = ["--machines", "4", "--years", "0.1", "--end", "2026-11-24T08:00:00Z", "--no-staged"]
    command = [program, "history", "--out", tmp_path / "h", *options]

    def allow_little() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    uncovered = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    failed = subprocess.run(
        command, capture_output=True, text=True, check=False, env=uncovered, preexec_fn=allow_little
    )
    assert failed.returncode == 1
    told = [line for line in failed.stderr.splitlines() if "history" not in line.split()[:1]]
    assert len(told) == 1
    assert "cannot write" in told[0]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
