"""The quick form of the durability table: each fault does no harm, and a safeguard taken out is noticed."""

from pathlib import Path

import pytest

from benchmarks import durability
from benchmarks.faults import process_cases
from benchmarks.runner import Wish
from service.operations.broker import find_mosquitto

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.mosquitto,
    pytest.mark.skipif(find_mosquitto() is None, reason="mosquitto is not installed"),
]
QUICK = {name: case.quick for name, case in durability.CASES.items() if case.quick is not None and name != "D1"}


@pytest.mark.parametrize("name", QUICK)
def test_a_fault_loses_doubles_and_strands_nothing(name: str, tmp_path: Path) -> None:
    verdict = QUICK[name](tmp_path)
    assert verdict.clean, verdict
    assert verdict.obligations > 0


def test_without_the_ledger_a_crash_doubles_messages(tmp_path: Path) -> None:
    verdict = process_cases.crash_points(tmp_path, times=1, rate=400.0, points=("after commit",), mutant="no dedupe")
    assert verdict.doubled > 0


def test_a_run_goes_on_from_where_it_stopped(tmp_path: Path) -> None:
    first = durability.run(Wish(work=tmp_path, only=frozenset({"D20"})))
    again = durability.run(Wish(work=tmp_path, only=frozenset({"D20", "D27"}), resume=True))
    assert first.holds
    assert [bar.value for bar in again.bars] == [0.0, 0.0]
    assert len(again.notes) == 2
