"""Faults around the whole service: an export while it takes in, and a device that the broker denies in silence."""

import json
import random
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import httpx
import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from benchmarks import load
from benchmarks.faults.rig import Rig, Verdict, compare, wait_for
from benchmarks.latency import percentile, stored_latencies_s
from benchmarks.program import YEJI, Program, running

EXPORT_RATE = 500.0
MOST_LAG_S = 5.0
INTERVAL_S = 10.0
MOST_INTERVALS = 3.0


def export_while_running(folder: Path, *, seconds: float) -> Verdict:
    """D24: everything is exported again and again while messages come: none is lost, and none has to wait."""
    rig = Rig(folder)
    rig.data.rmdir()
    rig.start_broker()
    try:
        with running(rig.data, rig.plant, _settings(rig)) as program:
            oracle = rig.connect_oracle()
            with rig.publishing(EXPORT_RATE), _exporting(rig.data, folder) as exports:
                lags = stored_latencies_s(program, seconds)
            obligations = oracle.obligations()
            wait_for(lambda: not _waiting(program), 60, "the service has taken in everything")
        verdict = compare(rig.data, obligations, oracle)
        lag = percentile(lags, 99) or 0.0
        wrong = [] if lag <= MOST_LAG_S else [f"a reading was stored after {lag:.1f} s"]
        if not exports:
            wrong.append("no export came to its end")
        figures = {"exports": float(len(exports)), "p99 until stored, s": lag}
        return replace(verdict, wrong=tuple(wrong), figures=figures)
    finally:
        rig.close()


def denied_device(folder: Path) -> Verdict:
    """D25: the broker takes a 3.1.1 device's messages, says "Success" and drops them: the device is told of as silent."""
    rules = folder / "rules"
    rules.write_text("topic readwrite #\n", encoding="utf-8")
    rules.chmod(0o600)
    rig = Rig(folder, more=f"allow_anonymous true\nacl_file {rules}\n")
    rig.data.rmdir()
    rig.start_broker()
    try:
        with running(rig.data, rig.plant, _settings(rig)) as program:
            machine = load.machine_name(0)
            with _device(rig.port, machine) as accepted:
                wait_for(lambda: not _is_silent(program, machine), 30, "the device is heard")
                rules.write_text(f"topic deny {load.topic_of(machine)}\ntopic readwrite #\n", encoding="utf-8")
                rig.reload_broker()
                heard = len(accepted)
                wait_for(lambda: len(accepted) > heard, 2 * INTERVAL_S, "the broker takes a message and drops it")
                denied_s = accepted[heard]
                wait_for(lambda: _is_silent(program, machine), 90, "the device is told of as silent")
                took = time.monotonic() - denied_s
                wait_for(lambda: len(accepted) > heard + 1, 2 * INTERVAL_S, "the broker says Success again")
        most = MOST_INTERVALS * INTERVAL_S
        wrong = () if took <= most else (f"told of after {took:.0f} s, at most {most:.0f}",)
        return Verdict(wrong=wrong, figures={"told of after, s": took, "said Success, times": float(len(accepted))})
    finally:
        rig.close()


def _settings(rig: Rig) -> Path:
    path = rig.folder / "settings.toml"
    path.write_text(f'[mqtt]\nbroker = "external"\nhost = "127.0.0.1"\nport = {rig.port}\n', encoding="utf-8")
    return path


@contextmanager
def _exporting(data: Path, folder: Path) -> Iterator[list[float]]:
    """Export without pause while the context lasts; give when each export ended."""
    over, ended = threading.Event(), list[float]()

    def export() -> None:
        while not over.is_set():
            bundle = folder / "bundle"
            done = subprocess.run([YEJI, "export", bundle, "--data", data], capture_output=True, check=False)
            if done.returncode == 0:
                ended.append(time.monotonic())
            shutil.rmtree(bundle, ignore_errors=True)

    thread = threading.Thread(target=export, daemon=True)
    thread.start()
    try:
        yield ended
    finally:
        over.set()
        thread.join()


@contextmanager
def _device(port: int, machine: str) -> Iterator[list[float]]:
    """Publish once an interval as a device of MQTT 3.1.1; give when the broker said that it took each message."""
    accepted, over = list[float](), threading.Event()
    client = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv311)
    client.on_publish = lambda *_: accepted.append(time.monotonic())
    client.connect("127.0.0.1", port)
    client.loop_start()

    def report() -> None:
        generator, seq = random.Random(25), 0
        while True:
            client.publish(load.topic_of(machine), load.message("device", seq, generator), qos=1)
            seq += 1
            if over.wait(INTERVAL_S):
                return

    thread = threading.Thread(target=report, daemon=True)
    thread.start()
    try:
        yield accepted
    finally:
        over.set()
        thread.join()
        client.disconnect()
        client.loop_stop()


def _is_silent(program: Program, machine: str) -> bool:
    answer = httpx.get(f"{program.address}/api/v1/data-health", headers=program.headers, timeout=10).json()
    return bool(next(each["silent"] for each in answer["machines"] if each["machine"] == machine))


def _waiting(program: Program) -> bool:
    """Whether the sentinel that the oracle sent last is still to come."""
    query = {"machine": "sentinel", "sensor": "flow", "from": _an_hour_ago(), "max_points": 10}
    found = httpx.get(f"{program.address}/api/v1/readings", params=query, headers=program.headers, timeout=10)
    return not json.loads(found.text).get("at_ms")


def _an_hour_ago() -> str:
    return datetime.fromtimestamp(time.time() - 3_600).astimezone().isoformat()
