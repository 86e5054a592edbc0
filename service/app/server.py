"""The web server in the main thread: our own socket, our own signals, streams that end when it stops."""

import errno
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import uvicorn
from fastapi import FastAPI

from configs.errors import ConfigurationError
from service.app.reachable import reachable

GRACE_S = 5
LOOK_EVERY_S = 1.0


def bind(host: str, port: int) -> socket.socket:
    """Take the port before anything else starts; ConfigurationError where it is in use or not ours to take."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
        sock.listen(128)
    except OSError as error:
        sock.close()
        raise ConfigurationError(f"address {host}:{port}", (_mend(error),)) from error
    return sock


def address_of(sock: socket.socket) -> str:
    """Return the address that a browser on this computer opens."""
    host, port = sock.getsockname()[:2]
    name = reachable(host)
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


class Server(uvicorn.Server):
    """A uvicorn server that leaves signals to us and ends open streams before it waits for them."""

    def __init__(self, app: FastAPI, on_stop: Callable[[], None]) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                lifespan="on",
                log_config=None,
                access_log=False,
                server_header=False,
                date_header=False,
                proxy_headers=False,
                timeout_graceful_shutdown=GRACE_S,
                timeout_keep_alive=20,
            )
        )
        self._on_stop = on_stop

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals as they are; `stop_on_signals` sets them."""
        yield

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End open streams, then stop as uvicorn does."""
        self._on_stop()
        await super().shutdown(sockets)


@contextmanager
def stop_on_signals(server: uvicorn.Server) -> Iterator[None]:
    """Let SIGINT and SIGTERM stop the server, the second one at once; put the old handlers back afterwards."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        server.force_exit = server.should_exit
        server.should_exit = True

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def stop_when(is_over: Callable[[], bool], server: uvicorn.Server, every_s: float = LOOK_EVERY_S) -> Iterator[None]:
    """Stop the server as a signal would, once it is over; a thread looks from time to time while the context lasts."""
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(every_s):
            if is_over():
                server.should_exit = True
                return

    thread = threading.Thread(target=watch, name="watch", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _mend(error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return "another program has this port; stop it, or choose another with --port or YEJI_PORT"
    if error.errno in {errno.EACCES, errno.EPERM}:
        return "ports below 1024 need more rights; choose another with --port or YEJI_PORT"
    return f"cannot be listened on ({error.strerror}); choose another with --host or YEJI_HOST"
