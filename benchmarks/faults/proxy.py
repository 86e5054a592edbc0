"""A network that misbehaves: a TCP proxy that delays, slices, slows, stops or cuts what passes through it."""

import contextlib
import random
import socket
import struct
import threading
import time
from dataclasses import dataclass

CHUNK = 4096


@dataclass(slots=True)
class Weather:
    """How the network behaves now; it may be changed while the proxy runs."""

    delay_s: float = 0.0
    slice_bytes: int = CHUNK
    bytes_per_s: float = 0.0
    stopped_up: bool = False
    stopped_down: bool = False
    cut_share: float = 0.0


class Proxy:
    """Stands between a client and a broker on loopback; cut connections end with a reset."""

    def __init__(self, target: int, seed: int) -> None:
        self.weather = Weather()
        self._target = target
        self._random = random.Random(seed)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Let no connection through any more."""
        self._listener.close()
        for pair in self._pairs:
            _cut(pair)

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
                far = socket.create_connection(("127.0.0.1", self._target))
            except OSError:
                return
            pair = (near, far)
            self._pairs.append(pair)
            threading.Thread(target=self._carry, args=(near, far, pair, True), daemon=True).start()
            threading.Thread(target=self._carry, args=(far, near, pair, False), daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket, pair: tuple[socket.socket, ...], up: bool) -> None:
        weather = self.weather
        with contextlib.suppress(OSError):
            while part := source.recv(weather.slice_bytes):
                while weather.stopped_up if up else weather.stopped_down:
                    time.sleep(0.05)
                if weather.delay_s:
                    time.sleep(weather.delay_s)
                if weather.bytes_per_s:
                    time.sleep(len(part) / weather.bytes_per_s)
                if weather.cut_share and self._random.random() < weather.cut_share:
                    sink.sendall(part[: len(part) // 2])
                    break
                sink.sendall(part)
        _cut(pair)


def _cut(pair: tuple[socket.socket, ...]) -> None:
    for end in pair:
        with contextlib.suppress(OSError):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            end.close()
