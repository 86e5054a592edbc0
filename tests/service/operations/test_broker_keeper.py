import os
import signal
from pathlib import Path

import pytest

from service.errors import BrokerError
from service.operations.broker import BrokerOptions, OwnBroker, find_mosquitto, start_broker
from service.operations.broker_keeper import BrokerKeeper, kept_broker
from tests.acceptance.running_yeji import until

needs_mosquitto = pytest.mark.skipif(find_mosquitto() is None, reason="mosquitto is not installed")


@pytest.mark.mosquitto
@needs_mosquitto
def test_a_broker_that_ends_is_started_again_on_its_port(tmp_path: Path) -> None:
    started: list[OwnBroker] = []

    def start(options: BrokerOptions) -> OwnBroker:
        started.append(start_broker(options))
        return started[-1]

    keeper = BrokerKeeper(BrokerOptions(folder=tmp_path), start)
    try:
        first = keeper.open()
        os.kill(first.process_id, signal.SIGKILL)
        until(lambda: len(started) == 2 and started[1].is_running(), within_s=20, what="a second broker")
        assert started[1].port == first.port
    finally:
        keeper.close()
    assert not started[1].is_running()


@pytest.mark.mosquitto
@needs_mosquitto
def test_the_broker_ends_with_the_context(tmp_path: Path) -> None:
    with kept_broker(BrokerOptions(folder=tmp_path)) as broker:
        assert broker.is_running()
    assert not broker.is_running()


def test_a_broker_that_cannot_start_is_said_at_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BrokerError, match="cannot be written"), kept_broker(BrokerOptions(folder=tmp_path / "file/x")):
        pass
