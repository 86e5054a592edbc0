"""Publishes as fast as the broker takes, or at an even rate: `python -m benchmarks.flood HOST PORT SPEC.json`.

It writes MQTT packets itself, QoS 1 with a bounded window, so that the generator costs little beside what is measured.
When the broker has acknowledged everything it prints how many messages that were, by kind.
"""

import json
import random
import socket
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks import load

WINDOW = 400
CHUNK = 50
VALUES = load.VALUES | {"seal_leak": (4.0, 0.2), "hf_noise": (2.0, 0.3)}
COLUMN_ROWS = 60
COLUMN_STEP_MS = 1_000
DAY_MS = 86_400_000
_VARIANTS = 211
POISON = (
    b'{"v":1,"boot":"%s","seq":%d,"ts":%d,"values":{"vib":NaN}}',
    b'{"v":1,"boot":"%s","seq":%d,"ts":%d,"values":{"smell":1.0}}',
    b'{"v":1,"boot":"%s","seq":%d,"ts":%d,"values":{"vib":true}}',
    b'{"v":1,"boot":"%s","seq":%d,"ts":%d,"values":{"vib":',
    b'{"v":2,"boot":"%s","seq":%d,"ts":%d,"values":{"vib":1.0}}',
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Flood:
    """What is published: `count` messages of `machines` machines from the `first`-th on, each with a number of its own.

    `rate` is messages a second, 0 as fast as they are taken; `poison_every` makes every so-manieth one unreadable, 0
    none; `columns` sends batches of 60 instants instead of one.
    """

    boot: str
    count: int
    machines: int = 100
    first: int = 0
    rate: float = 0.0
    poison_every: int = 0
    columns: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """How many messages the broker has taken."""

    good: int
    poison: int
    seconds: float


def flood(host: str, port: int, wanted: Flood) -> Published:
    """Publish, and return once the broker has acknowledged everything."""
    started = time.perf_counter()
    with socket.create_connection((host, port), 30) as link:
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        link.sendall(_connect_packet(f"flood-{wanted.boot}-{wanted.first}"))
        if link.recv(4)[-1:] != b"\0":
            raise RuntimeError("the broker refuses the generator")
        _send_all(link, wanted)
    poison = sum(_is_poison(wanted, number) for number in range(wanted.count))
    return Published(good=wanted.count - poison, poison=poison, seconds=time.perf_counter() - started)


def _send_all(link: socket.socket, wanted: Flood) -> None:
    chunk = max(1, min(CHUNK, int(wanted.rate // 100))) if wanted.rate else CHUNK
    started, sent, heard, messages = time.perf_counter(), 0, 0, _messages(wanted)
    while sent < wanted.count:
        if wanted.rate and (early := started + sent / wanted.rate - time.perf_counter()) > 0:
            time.sleep(early)
        size = min(chunk, wanted.count - sent)
        link.sendall(b"".join(_publish_packet(*next(messages), sent + at) for at in range(size)))
        sent += size
        while sent - heard // 4 > WINDOW:
            heard += _heard(link)
    while heard < 4 * wanted.count:
        heard += _heard(link)


def _heard(link: socket.socket) -> int:
    """Return how many bytes of acknowledgements came: four each."""
    part = link.recv(65_536)
    if not part:
        raise RuntimeError("the broker has dropped the generator")
    return len(part)


def _messages(wanted: Flood) -> Iterator[tuple[bytes, bytes]]:
    """Yield topics and payloads; the instant of a message is that of its making, batches begin a day ago."""
    topics = [load.topic_of(load.machine_name(wanted.first + at)).encode() for at in range(wanted.machines)]
    boot, body = wanted.boot.encode(), _column_bodies() if wanted.columns else _single_bodies()
    begins_ms = time.time_ns() // 1_000_000 - DAY_MS
    for number in range(wanted.count):
        seq, machine = divmod(number, wanted.machines)
        if _is_poison(wanted, number):
            form = POISON[seq % len(POISON)]
            yield topics[machine], form % (boot, seq, time.time_ns() // 1_000_000)
            continue
        at_ms = begins_ms + seq * COLUMN_ROWS * COLUMN_STEP_MS if wanted.columns else time.time_ns() // 1_000_000
        yield topics[machine], body(number) % (boot, seq, at_ms)


def _single_bodies() -> Callable[[int], bytes]:
    generator = random.Random(7)
    texts = [
        b'{"v":1,"boot":"%s","seq":%d,"ts":%d,"values":' + json.dumps(_drawn(generator)).encode()
        for _ in range(_VARIANTS)
    ]
    bodies = [text + b',"state":"executing"}' for text in texts]
    return lambda number: bodies[number % _VARIANTS]


def _column_bodies() -> Callable[[int], bytes]:
    generator = random.Random(7)
    bodies = []
    for _ in range(_VARIANTS):
        rows = [_drawn(generator) for _ in range(COLUMN_ROWS)]
        columns = {name: [row[name] for row in rows] for name in VALUES}
        head = b'{"v":1,"boot":"%%s","seq":%%d,"t0":%%d,"dt_ms":%d,"columns":' % COLUMN_STEP_MS
        bodies.append(head + json.dumps(columns, separators=(",", ":")).encode() + b',"state":"executing"}')
    return lambda number: bodies[number % _VARIANTS]


def _drawn(generator: random.Random) -> dict[str, float]:
    return {name: round(generator.gauss(mean, sd), 3) for name, (mean, sd) in VALUES.items()}


def _is_poison(wanted: Flood, number: int) -> bool:
    return bool(wanted.poison_every) and number % wanted.poison_every == 0


def _connect_packet(client_id: str) -> bytes:
    name = client_id.encode()
    body = b"\x00\x04MQTT\x04\x02\x00\x3c" + len(name).to_bytes(2, "big") + name
    return b"\x10" + _length(len(body)) + body


def _publish_packet(topic: bytes, payload: bytes, number: int) -> bytes:
    identity = (number % 60_000 + 1).to_bytes(2, "big")
    return b"\x32" + _length(4 + len(topic) + len(payload)) + len(topic).to_bytes(2, "big") + topic + identity + payload


def _length(count: int) -> bytes:
    """Return a length as MQTT writes it: seven bits a byte, the lowest first."""
    found = bytearray()
    while True:
        count, low = divmod(count, 128)
        found.append(low | (128 if count else 0))
        if not count:
            return bytes(found)


def main() -> None:
    """Publish what a file describes."""
    wanted = Flood(**json.loads(Path(sys.argv[3]).read_text(encoding="utf-8")))
    print(json.dumps(asdict(flood(sys.argv[1], int(sys.argv[2]), wanted))))


if __name__ == "__main__":
    main()
