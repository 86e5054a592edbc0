"""`yeji run`: everything in one process, with a broker of our own unless another one is named."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import monotonic

import structlog
from rich.console import Console

from configs.errors import ConfigurationError
from configs.settings import BrokerKind, Settings
from service.app.clock import utc_now
from service.app.memory import share_heaps
from service.app.running import Running, start
from service.app.running_file import last_broker_port
from service.app.server import bind
from service.observability.logs import configure_logs
from service.operations.access import first_link, keep_api_key
from service.operations.broker import BrokerFlavour, BrokerOptions
from service.operations.broker_keeper import kept_broker
from service.operations.setup import Typed, plant_for, settings_for

BROKER_FOLDER = "broker"
OLD_BROKER_ENDS_S = 8.0
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunWish:
    """What else `yeji run` is to do: always print a sign-in link, keep an API key in a file."""

    print_link: bool = False
    api_key_file: Path | None = None


def run_service(typed: Typed, wish: RunWish, console: Console) -> None:
    """Run until SIGINT or SIGTERM; say where the pages are, and how the first person gets in."""
    share_heaps()
    settings = settings_for(typed)
    configure_logs(settings.log.level.value, settings.log.format.value)
    plant = plant_for(settings)
    with start(settings, plant, partial(open_broker, settings)) as running:
        if wish.api_key_file is not None:
            keep_api_key(running.database, wish.api_key_file, now=utc_now())
        _tell(running, wish, console)
        running.serve()


@contextmanager
def open_broker(settings: Settings) -> Iterator[tuple[str, int]]:
    """Give the broker's address: of a child that ends with us, or of the one that is named in the settings."""
    if settings.mqtt.broker is BrokerKind.EXTERNAL:
        yield settings.mqtt.host, settings.mqtt.external_port
        return
    with kept_broker(_options(settings)) as broker:
        _log.info("broker_started", flavour=broker.flavour.value, host=broker.host, port=broker.port)
        yield broker.host, broker.port


def _options(settings: Settings) -> BrokerOptions:
    mqtt = settings.mqtt
    return BrokerOptions(
        folder=settings.data_dir / BROKER_FOLDER,
        host=mqtt.host,
        port=mqtt.port or _port_again(mqtt.host, last_broker_port(settings.data_dir)),
        flavour=None if mqtt.broker is BrokerKind.AUTO else BrokerFlavour(mqtt.broker.value),
        window=mqtt.max_outstanding,
        queue_messages=mqtt.queue_messages,
    )


def _port_again(host: str, port: int) -> int:
    """Return the port that our broker had last, so that devices find it again, or 0 where something else has it.

    A broker of an earlier run that was killed needs a moment to end; two at once would share a folder.
    """
    deadline = monotonic() + OLD_BROKER_ENDS_S
    pause = threading.Event()
    while port:
        try:
            bind(host, port).close()
        except ConfigurationError:
            if monotonic() > deadline:
                _log.warning("broker_port_taken", port=port)
                return 0
            pause.wait(0.1)
        else:
            return port
    return 0


def _tell(running: Running, wish: RunWish, console: Console) -> None:
    console.out(f"address: {running.address}", highlight=False)
    token = first_link(running.database, always=wish.print_link, now=utc_now())
    if token is not None:
        console.out(f"sign-in link: {running.address}/sign-in/{token}", highlight=False)
