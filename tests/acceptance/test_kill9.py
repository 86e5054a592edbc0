"""`kill -9` of intake under load loses nothing and doubles nothing; the benchmark does the same for longer."""

from pathlib import Path

import pytest

from benchmarks.durability_kill9 import intake_alone, kill_and_judge
from benchmarks.kill9_oracle import POISON_EVERY
from service.operations.broker import find_mosquitto

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.mosquitto,
    pytest.mark.skipif(find_mosquitto() is None, reason="mosquitto is not installed"),
]


def test_every_message_that_the_broker_took_is_stored_exactly_once(tmp_path: Path) -> None:
    verdict = kill_and_judge(tmp_path, intake_alone, kills=2, rate=400.0, longest_s=2.5, least=1_000)
    assert (verdict.lost, verdict.doubled, verdict.foreign) == (0, 0, 0)
    assert verdict.obligations == verdict.published >= 1_000
    assert verdict.in_dead_letters == -(-verdict.published // POISON_EVERY)
