"""A broker of our own: both kinds take messages, keep to themselves, and end with us."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from service.errors import BrokerError
from service.operations import broker as module
from service.operations.broker import (
    BrokerFlavour,
    BrokerOptions,
    OwnBroker,
    find_mosquitto,
    has_builtin_broker,
    start_broker,
)
from tests.fakes.mqtt import collect, publish
from tests.fakes.waiting import wait_until

FLAVOURS = [
    pytest.param(
        BrokerFlavour.MOSQUITTO,
        marks=[
            pytest.mark.mosquitto,
            pytest.mark.skipif(find_mosquitto() is None, reason="mosquitto is not installed"),
        ],
    ),
    pytest.param(
        BrokerFlavour.BUILTIN, marks=pytest.mark.skipif(not has_builtin_broker(), reason="iotcore is not installed")
    ),
]


@pytest.fixture(params=FLAVOURS)
def options(request: pytest.FixtureRequest, tmp_path: Path) -> BrokerOptions:
    return BrokerOptions(folder=tmp_path / "broker", flavour=request.param)


@pytest.fixture
def broker(options: BrokerOptions) -> Iterator[OwnBroker]:
    started = start_broker(options)
    yield started
    started.stop()


def test_messages_pass(broker: OwnBroker, options: BrokerOptions) -> None:
    assert (broker.flavour, broker.host, broker.is_running()) == (options.flavour, "127.0.0.1", True)
    with collect((broker.host, broker.port), "yeji/#") as got:
        publish((broker.host, broker.port), [("yeji/a", b"1"), ("yeji/b", b"2")])
        wait_until(lambda: len(got) == 2)
    assert got == [("yeji/a", b"1"), ("yeji/b", b"2")]


def test_a_port_in_use_is_said_in_one_line(broker: OwnBroker, options: BrokerOptions) -> None:
    taken = BrokerOptions(folder=options.folder, flavour=options.flavour, port=broker.port)
    with pytest.raises(BrokerError, match=rf"cannot listen on 127.0.0.1:{broker.port}: .*; stop what uses it"):
        start_broker(taken)


def test_stopping_ends_the_child_and_frees_the_port(broker: OwnBroker, options: BrokerOptions) -> None:
    broker.stop()
    broker.stop()
    assert not broker.is_running()
    again = start_broker(BrokerOptions(folder=options.folder, flavour=options.flavour, port=broker.port))
    again.stop()


def test_the_broker_dies_when_we_are_killed(options: BrokerOptions) -> None:
    script = (
        "import sys, time; from pathlib import Path; from service.operations.broker import *\n"
        "b = start_broker(BrokerOptions(folder=Path(sys.argv[1]), flavour=BrokerFlavour(sys.argv[2])))\n"
        "print(b.process_id, flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", script, str(options.folder), str(options.flavour)]
    parent = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[3])
    assert parent.stdout is not None
    with parent.stdout:
        child = psutil.Process(int(parent.stdout.readline()))
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    wait_until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)


@pytest.mark.mosquitto
@pytest.mark.skipif(find_mosquitto() is None, reason="mosquitto is not installed")
def test_mosquitto_keeps_what_is_queued_through_a_stop(tmp_path: Path) -> None:
    options = BrokerOptions(folder=tmp_path, flavour=BrokerFlavour.MOSQUITTO)
    first = start_broker(options)
    address = (first.host, first.port)
    with collect(address, "yeji/#", client_id="keeper"):
        pass
    publish(address, [("yeji/a", b"kept")])
    first.stop()
    second = start_broker(BrokerOptions(folder=tmp_path, flavour=BrokerFlavour.MOSQUITTO, port=first.port))
    with collect(address, "yeji/#", client_id="keeper") as got:
        wait_until(lambda: got == [("yeji/a", b"kept")])
    second.stop()


def test_a_child_that_does_not_come_up_is_said(options: BrokerOptions, monkeypatch: pytest.MonkeyPatch) -> None:
    for template in ("_MOSQUITTO", "_BUILTIN"):
        monkeypatch.setattr(module, template, "this is no configuration\n")
    with pytest.raises(BrokerError, match=rf"the {options.flavour} broker did not start .*; see .*\.log"):
        start_broker(options)


def test_without_any_broker_the_way_out_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "find_mosquitto", lambda: None)
    monkeypatch.setattr(module, "has_builtin_broker", lambda: False)
    with pytest.raises(BrokerError, match="apt install mosquitto"):
        start_broker(BrokerOptions(folder=tmp_path))
    with pytest.raises(BrokerError, match="mosquitto is not installed"):
        start_broker(BrokerOptions(folder=tmp_path, flavour=BrokerFlavour.MOSQUITTO))


def test_a_folder_that_cannot_be_made_is_said(options: BrokerOptions, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BrokerError, match=r"folder .* cannot be written"):
        start_broker(BrokerOptions(folder=tmp_path / "file" / "broker", flavour=options.flavour))


def test_mosquitto_is_found_where_a_plain_user_does_not_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "mosquitto"
    program.touch()
    monkeypatch.setattr("shutil.which", lambda _name: None)
    monkeypatch.setattr(module, "SYSTEM_FOLDERS", (str(tmp_path / "none"), str(tmp_path)))
    assert find_mosquitto() == program
    program.unlink()
    assert find_mosquitto() is None
