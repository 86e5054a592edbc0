"""The benchmark of ingest on a few messages: what it publishes is stored or refused, to the message."""

from pathlib import Path

import pytest

from benchmarks import ingest
from benchmarks.runner import Wish
from service.operations.broker import find_mosquitto

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.mosquitto,
    pytest.mark.skipif(find_mosquitto() is None, reason="mosquitto is not installed"),
]


def test_single_messages_and_poison_are_all_accounted_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingest, "MESSAGES", 600)
    monkeypatch.setattr(ingest, "ROUNDS", 1)
    monkeypatch.setattr(ingest, "STEADY_S", 18.0)
    bars = ingest.run(Wish(work=tmp_path, only=frozenset({"single", "poison"}))).bars
    lost = {bar.name: bar.value for bar in bars if "lost" in bar.name or "not in" in bar.name}
    assert set(lost.values()) == {0}
    assert len(lost) == 3
    assert all(bar.value is not None and bar.value > 0 for bar in bars if bar.name not in lost)
