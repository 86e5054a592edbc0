"""`yeji drill`: proves on a broker that nothing is lost or doubled while a writer is killed and cut off.

```
marked messages ──► broker ──► second writer ──► its own store
                                 kill -9, again and again; stopped until the broker gives it up
                    messages that the broker took = messages that are stored, each once
```

The messages are of a reserved line that the service itself passes over, and the second writer has a session and a
folder of its own: the plant's readings, its writer and its store are not touched.
"""

import secrets
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from time import monotonic

from rich.console import Console
from rich.progress import track

from configs.settings import BrokerKind, MqttSettings, Settings, SparkplugSettings
from service.app.drill_audit import missing_in, rows_in
from service.errors import InvalidRequestError
from service.operations.broker import BrokerOptions, start_broker
from service.operations.broker_address import broker_for
from service.operations.broker_client import BrokerAddress, client_for
from service.operations.drill_load import steady_load
from service.operations.drill_marks import SENSOR, TOPICS, TYPE, DrillVerdict, judge, write_plant
from service.operations.drill_process import SecondWriter
from service.operations.publisher import publishing
from service.operations.result import Output

KEEPALIVE_S = 5
CUT_OFF_S = 3.0 * KEEPALIVE_S
"""How long a cut lasts: a broker gives a client up after one and a half times its keepalive, and looks every five seconds."""

MOST_RATE = 5_000.0
SETTLE_WITHIN_S = 120.0
FORGET_WITHIN_S = 5.0
LONGEST_LULL_MS = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillWish:
    """What a drill does: at least so many messages, at so many a second, and how often the writer is killed and cut off.

    `live` drills on the plant's own broker, `broker` names another one; else a broker is started for the drill alone.
    `cut_off_s` is how long the writer is stopped at a cut.
    """

    messages: int = 5_000
    rate: float = 200.0
    kills: int = 5
    cuts: int = 2
    live: bool = False
    broker: str | None = None
    cut_off_s: float = CUT_OFF_S


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillResult:
    """What a drill came to: the verdict, how often the writer was killed and found itself cut off, and on which broker."""

    verdict: DrillVerdict
    kills: int
    cuts: int
    repeats: int
    broker: str
    seconds: float

    def row(self) -> dict[str, object]:
        """Return the result for programs."""
        return {**asdict(self.verdict), "holds": self.verdict.holds} | {
            name: value for name, value in asdict(self).items() if name != "verdict"
        }

    def line(self) -> str:
        """Return the result for people."""
        found, equal = self.verdict, "=" if self.verdict.holds else "≠"
        told = (
            f"received {found.received} {equal} stored {found.stored}: {found.lost} lost, {found.doubled} doubled, "
            f"{found.corrupt} altered, {found.foreign} foreign\n"
            f"the writer was killed {self.kills} times and cut off {self.cuts} times in {self.seconds:.0f} s on {self.broker}; "
            f"{self.repeats} messages came again and were told from new ones"
        )
        if found.lost:
            told += (
                f"\nthe broker took {found.lost} messages and did not hand them over; the ledger reports {found.reported} as "
                "missing. See `yeji doctor` for the broker's queue and persistence"
            )
        return told


def run_drill(
    settings: Settings, wish: DrillWish, *, clock_ns: Callable[[], int], progress: Console, output: Output
) -> bool:
    """Run a drill and show what it came to; whether received = stored."""
    result = drill(settings, wish, clock_ns=clock_ns, progress=progress)
    output.show(result.row(), result.line())
    return result.verdict.holds


def drill(settings: Settings, wish: DrillWish, *, clock_ns: Callable[[], int], progress: Console) -> DrillResult:
    """Publish marked messages while the second writer is killed and cut off, and compare.

    Raises
    ------
    InvalidRequestError
        What is wished is not possible.
    BrokerError
        The broker is away, refuses, or takes nothing.
    ServiceError
        The second writer does not come up, or does not take in what waits.
    """
    _check(wish)
    began, boot = monotonic(), secrets.token_hex(8)
    with (
        tempfile.TemporaryDirectory(prefix="yeji-drill-", dir=_same_disk(settings)) as name,
        _broker(settings, wish, Path(name)) as address,
        publishing(address) as publisher,
    ):
        folder, session = Path(name), f"yeji-drill-{boot}"
        writer = SecondWriter(folder, _writer_settings(settings, address, folder, session))
        try:
            writer.start()
            with steady_load(publisher, boot, rate=wish.rate, clock_ns=clock_ns) as load:
                _do_harm(writer, wish, progress)
                sent = load.finish(wish.messages)
            writer.settle(SETTLE_WITHIN_S)
            writer.stop()
        finally:
            writer.end()
            _forget(address, session)
        data = folder / "data"
        return DrillResult(
            verdict=judge(boot, sent, rows_in(data, TYPE, SENSOR), missing_in(data)),
            kills=wish.kills,
            cuts=writer.cut_off,
            repeats=writer.repeats,
            broker=str(address),
            seconds=monotonic() - began,
        )


def _check(wish: DrillWish) -> None:
    if not 0 < wish.rate <= MOST_RATE:
        raise InvalidRequestError(f"--rate {wish.rate:g}: must be above 0 and at most {MOST_RATE:g} messages a second")
    for name, value, least in (("messages", wish.messages, 1), ("kills", wish.kills, 0), ("cuts", wish.cuts, 0)):
        if value < least:
            raise InvalidRequestError(f"--{name} {value}: must be {least} or more")


def _same_disk(settings: Settings) -> Path | None:
    """Return the data folder, so that the drill writes to the disk that counts; None where there is none yet."""
    return settings.data_dir if settings.data_dir.is_dir() else None


@contextmanager
def _broker(settings: Settings, wish: DrillWish, folder: Path) -> Iterator[BrokerAddress]:
    if wish.live or wish.broker is not None:
        yield broker_for(settings, wish.broker)
        return
    broker = start_broker(BrokerOptions(folder=folder / "broker"))
    try:
        yield BrokerAddress(host=broker.host, port=broker.port)
    finally:
        broker.stop()


def _writer_settings(settings: Settings, address: BrokerAddress, folder: Path, session: str) -> Settings:
    signs_in = address.username is not None
    mqtt = MqttSettings(
        broker=BrokerKind.EXTERNAL,
        host=address.host,
        port=address.port,
        username=address.username,
        password_file=settings.mqtt.password_file if signs_in else None,
        tls_ca_file=address.tls_ca_file,
        client_id=session,
        topics=(TOPICS,),
        keepalive_s=KEEPALIVE_S,
        session_expiry_s=3_600,
        canary_every_s=0,
    )
    return Settings(
        data_dir=folder / "data",
        plant_file=write_plant(folder),
        mqtt=mqtt,
        sparkplug=SparkplugSettings(enabled=False),
        intake=settings.intake,
    )


def _do_harm(writer: SecondWriter, wish: DrillWish, progress: Console) -> None:
    """Kill the writer and cut it off, in turn, at moments that nobody knows before."""
    faults = sorted([*_spread(wish.kills, "kill"), *_spread(wish.cuts, "cut")])
    pause = threading.Event()
    for _, fault in track(faults, "killing and cutting off", console=progress):
        pause.wait(secrets.randbelow(LONGEST_LULL_MS) / 1000)
        if fault == "cut":
            writer.cut(wish.cut_off_s)
        else:
            writer.kill()
            writer.start()


def _spread(times: int, fault: str) -> list[tuple[float, str]]:
    """Return so many faults at even places between 0 and 1."""
    return [((number + 0.5) / times, fault) for number in range(times)]


def _forget(address: BrokerAddress, session: str) -> None:
    """Let the broker drop the writer's session, and whatever still waits for it."""
    client = client_for(address, session)
    answered = threading.Event()
    client.on_connect = lambda *_: answered.set()
    with suppress(OSError):
        client.connect(address.host, address.port, clean_start=True)
        client.loop_start()
        answered.wait(FORGET_WITHIN_S)
        client.disconnect()
        client.loop_stop()
