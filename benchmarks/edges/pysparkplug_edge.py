"""An edge node on the library `pysparkplug`: births, data by alias, lost and swapped messages, rebirths, a reboot, a death.

`python pysparkplug_edge.py HOST PORT TRUTH SECONDS SEED`. It reboots after SECONDS and goes on until a file beside the truth,
`<truth>.enough`, appears. Every line of the truth is one message as it was (or was not) published; the last line says that
the edge node now waits to be killed.
"""

import hashlib
import json
import random
import struct
import sys
import threading
import time
from pathlib import Path

from paho.mqtt import client as paho
from pysparkplug import DataType, DBirth, DData, Metric, NBirth, NDeath

GROUP, NODE = "busan", "gateway-1"
DEVICES = ("pump-1", "pump-2", "pump-3", "pump-4")
METRICS = {
    "suction_pressure": DataType.DOUBLE, "discharge_pressure": DataType.FLOAT, "flow": DataType.INT32, "vib": DataType.FLOAT,
    "bearing_temp": DataType.DOUBLE, "motor_current": DataType.UINT16,
}  # fmt: skip
LOST, SWAPPED, EVERY_S = 0.004, 0.02, 0.004
PREFIX = f"spBv1.0/{GROUP}"


class Edge:
    def __init__(self, host, port, truth, seed):
        self.enough = Path(f"{truth}.enough")
        self.address, self.truth, self.random = (host, port), Path(truth).open("a", buffering=1), random.Random(seed)
        self.rebirth, self.bd_seq, self.number, self.last_ms = threading.Event(), 0, 0, 0
        self.values = {device: {name: self._draw(name) for name in METRICS} for device in DEVICES}
        self.connect()

    def connect(self):
        self.client = paho.Client(client_id=f"edge-{self.bd_seq}", clean_session=True)
        will = NDeath(timestamp=self._now(), bd_seq_metric=self._bd_seq())
        self.client.will_set(f"{PREFIX}/NDEATH/{NODE}", will.encode(include_dtypes=True), qos=1)
        self.client.on_message = lambda *_: self.rebirth.set()
        self.client.connect(*self.address)
        self.client.loop_start()
        self.client.subscribe(f"{PREFIX}/NCMD/{NODE}", qos=1)
        self.birth()

    def reboot(self):
        """Vanish without a word, so that the broker says the will, and come back."""
        self.client.loop_stop()
        self.client.socket().close()
        self.bd_seq += 1
        time.sleep(0.5)
        self.connect()

    def birth(self):
        self.rebirth.clear()
        names = [(device, name) for device in DEVICES for name in METRICS]
        self.random.shuffle(names)
        self.aliases = {key: alias for alias, key in enumerate(names, start=10)}
        at = self._now()
        self.boot, self.number = f"{self.bd_seq}-{at}", 0
        self._say(f"{PREFIX}/NBIRTH/{NODE}", NBirth(timestamp=at, seq=0, metrics=(self._bd_seq(),)), None, {}, at)
        for device in DEVICES:
            at = self._now()
            metrics = tuple(
                Metric(
                    timestamp=at,
                    name=name,
                    datatype=kind,
                    value=self.values[device][name],
                    alias=self.aliases[device, name],
                )
                for name, kind in METRICS.items()
            )
            birth = DBirth(timestamp=at, seq=self.number % 256, metrics=metrics)
            self._say(f"{PREFIX}/DBIRTH/{NODE}/{device}", birth, device, dict(self.values[device]), at)

    def data(self):
        """Return one message of data, ready to be published."""
        device, at = self.random.choice(DEVICES), self._now()
        changed = self.random.sample(sorted(METRICS), self.random.randint(1, 5))
        for name in changed:
            self.values[device][name] = self._draw(name)
        metrics = tuple(
            Metric(
                timestamp=at,
                name=None,
                datatype=METRICS[name],
                value=self.values[device][name],
                alias=self.aliases[device, name],
            )
            for name in changed
        )
        message = DData(timestamp=at, seq=self.number % 256, metrics=metrics)
        self.number += 1
        values = {name: self.values[device][name] for name in changed}
        return f"{PREFIX}/DDATA/{NODE}/{device}", message, device, values, at, self.number - 1

    def run(self, seconds):
        reboot_at, rebooted = time.monotonic() + seconds, False
        while not self.enough.exists():
            if self.rebirth.is_set():
                self.birth()
            if not rebooted and time.monotonic() > reboot_at:
                rebooted = True
                self.reboot()
            pair = [self.data(), self.data()] if self.random.random() < SWAPPED else [self.data()]
            for topic, message, device, values, at, number in reversed(pair):
                if self.random.random() < LOST:
                    self._note("lost", number, device, values, at, b"")
                else:
                    self._publish(topic, message, device, values, at, number)
            time.sleep(EVERY_S)
        time.sleep(0.5)
        self.truth.write(json.dumps({"kind": "end"}) + "\n")
        threading.Event().wait()

    def _say(self, topic, message, device, values, at):
        self.number += 1
        self._publish(topic, message, device, values, at, self.number - 1)

    def _publish(self, topic, message, device, values, at, number):
        payload = message.encode(include_dtypes=True)
        self._note("sent", number, device, values, at, payload)
        self.client.publish(topic, payload, qos=0)

    def _note(self, kind, number, device, values, at, payload):
        self.truth.write(
            json.dumps({
                "kind": kind, "boot": self.boot, "number": number, "device": device, "at_ms": at, "values": values,
                "digest": hashlib.sha256(payload).hexdigest(), "sent_s": time.time(),
            }) + "\n"
        )  # fmt: skip

    def _draw(self, name):
        kind = METRICS[name]
        if kind is DataType.INT32:
            return self.random.randint(-50, 50)
        if kind is DataType.UINT16:
            return self.random.randint(0, 60)
        value = self.random.uniform(0.1, 5.0)
        return struct.unpack("<f", struct.pack("<f", value))[0] if kind is DataType.FLOAT else value

    def _now(self):
        """Return a time that nothing before had."""
        self.last_ms = max(self.last_ms + 1, time.time_ns() // 1_000_000)
        return self.last_ms

    def _bd_seq(self):
        return Metric(timestamp=self.last_ms, name="bdSeq", datatype=DataType.INT64, value=self.bd_seq)


if __name__ == "__main__":
    Edge(sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[5])).run(float(sys.argv[4]))
