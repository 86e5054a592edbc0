"""`yeji replay`: publishes a recorded data set as if its machines reported now.

```
recorded     |--.--.---.--.-|                 spacing kept
published        |--.--.---.--.-|             shifted, so that the last reading set is sent at its own event time
clock                     |.....|             `rate` is only how fast messages are sent, so they start behind and catch up
```
"""

import secrets
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import isfinite
from time import monotonic

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from configs.instant import ns_of, utc_of_ns
from configs.plant import MachineId, Plant
from configs.settings import Settings
from service.errors import InvalidRequestError
from service.operations.broker_address import broker_for
from service.operations.publisher import Publisher, publishing
from service.operations.recordings.recording import DAY_NS, SECOND_NS, Recording
from service.operations.replay_plan import Part, Planned, assign, message_count, messages
from service.operations.result import Output
from service.operations.setup import plant_for

DEFAULT_RATE = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayWish:
    """How a recording is to be published.

    `rate` is the speed of publishing, 1 = as it was recorded; `machine` the machine of the plant that it stands for, None
    the only one of its type; `last` cuts it to its end; `broker` is `HOST:PORT`, None the one of the running service.
    """

    rate: float = DEFAULT_RATE
    machine: str | None = None
    last: timedelta | None = None
    broker: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaySummary:
    """What was published: every message was acknowledged by the broker."""

    machines: tuple[MachineId, ...]
    messages: int
    first_event_time: datetime
    last_event_time: datetime
    seconds: float
    left_out: tuple[str, ...]

    def row(self) -> dict[str, object]:
        """Return the summary for programs."""
        return {
            "machines": list(self.machines),
            "messages": self.messages,
            "first_event_time": self.first_event_time.isoformat(),
            "last_event_time": self.last_event_time.isoformat(),
            "seconds": round(self.seconds, 3),
            "left_out": list(self.left_out),
        }

    def line(self) -> str:
        """Return the summary for people."""
        more = len(self.machines) - 3
        names = ", ".join(self.machines[:3]) + (f" and {more} more" if more > 0 else "")
        left = f"; not published: {', '.join(self.left_out)}" if self.left_out else ""
        return f"{self.messages} messages of {names} published and acknowledged in {self.seconds:.0f} s{left}"


def run_replay(
    settings: Settings, recording: Recording, wish: ReplayWish, *, now: datetime, progress: Console, output: Output
) -> None:
    """Publish a recording for the settings' plant, and show what was published."""
    summary = replay(settings, plant_for(settings), recording, wish, now=now, progress=progress)
    output.show(summary.row(), summary.line())


def replay(
    settings: Settings, plant: Plant, recording: Recording, wish: ReplayWish, *, now: datetime, progress: Console
) -> ReplaySummary:
    """Publish a recording, and return once the broker has acknowledged all of it.

    Raises
    ------
    NotFoundError
        The plant has no machine for it.
    InvalidRequestError
        The recording cannot be replayed in this way.
    BrokerError
        The broker is away or refuses, or nobody listens.
    """
    chosen = _cut(recording, wish.last)
    _check(chosen, wish.rate, settings.store.raw_days)
    parts = assign(chosen, plant, wish.machine)
    span_ns = chosen.end_ns - chosen.start_ns
    end_ns = ns_of(now) + int(span_ns / wish.rate)
    started = monotonic()
    with publishing(broker_for(settings, wish.broker)) as publisher:
        _publish(publisher, parts, shift_ns=end_ns - chosen.end_ns, rate=wish.rate, progress=progress)
    return ReplaySummary(
        machines=tuple(part.machine.id for part in parts),
        messages=message_count(parts),
        first_event_time=utc_of_ns(end_ns - span_ns),
        last_event_time=utc_of_ns(end_ns),
        seconds=monotonic() - started,
        left_out=_left_out(chosen, parts),
    )


def _cut(recording: Recording, last: timedelta | None) -> Recording:
    if last is None:
        return recording
    if last <= timedelta(0):
        raise InvalidRequestError(f"--last-days {last / timedelta(days=1):g}: must be above 0")
    return recording.last(round(last.total_seconds() * SECOND_NS))


def _check(recording: Recording, rate: float, raw_days: float) -> None:
    if not (isfinite(rate) and rate >= 1):
        raise InvalidRequestError(
            f"--rate {rate:g}: must be 1 (as recorded) or more; slower would run ahead of the clock"
        )
    span_days = (recording.end_ns - recording.start_ns) / DAY_NS
    if span_days >= raw_days:
        told = f"the recording spans {span_days:.1f} days, and the service takes in readings of the last {raw_days:g}"
        raise InvalidRequestError(f"{told}; cut it with --last-days, or raise store.raw_days and restart the service")


def _publish(publisher: Publisher, parts: tuple[Part, ...], *, shift_ns: int, rate: float, progress: Console) -> None:
    boots = tuple(secrets.token_hex(8) for _ in parts)
    first_ns = min(int(part.track.times_ns[0]) for part in parts)
    pause = threading.Event()
    started = monotonic()
    with _bar(progress) as bar:
        task = bar.add_task("messages", total=message_count(parts))
        for message in messages(parts, boots, shift_ns):
            pause.wait(max(0.0, _due_s(message, first_ns, rate) - (monotonic() - started)))
            publisher.publish(message.topic, message.payload)
            bar.advance(task)
        publisher.finish()


def _due_s(message: Planned, first_ns: int, rate: float) -> float:
    return (message.recorded_ns - first_ns) / SECOND_NS / rate


def _bar(console: Console) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total}"))
    return Progress(*columns, TimeRemainingColumn(), console=console)


def _left_out(recording: Recording, parts: tuple[Part, ...]) -> tuple[str, ...]:
    unknown = dict.fromkeys(recording.titles.get(sensor, sensor) for part in parts for sensor in part.left_out)
    return (*recording.left_out, *unknown)
