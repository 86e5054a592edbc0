"""`yeji quality recompute`: the flags of stored readings, judged again day by day."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from rich.console import Console
from rich.progress import track

from configs.plant import MachineId
from configs.settings import Settings
from service.actions.flags import LONGEST, FlagDesk
from service.actor import SYSTEM
from service.app.clock import utc_now
from service.app.foundations import lay_foundations
from service.app.intake import quality_rules
from service.errors import InvalidRequestError, NotFoundError
from service.operations.loopback import running_service
from service.operations.result import Output
from service.operations.setup import plant_for

Recompute = Callable[[str, datetime, datetime], int]


def recompute(
    settings: Settings, machines: Sequence[str], since: datetime, *, progress: Console, output: Output
) -> None:
    """Judge the readings of some machines, or of all, again from a day on."""
    until = utc_now()
    if since >= until:
        raise InvalidRequestError(f"--since {since:%Y-%m-%d} is not over yet; name a day in the past")
    plant = plant_for(settings)
    known = [machine.id for machine in plant.machines]
    unknown = next((each for each in machines if MachineId(each) not in known), None)
    if unknown is not None:
        raise NotFoundError(f"no machine {unknown!r} in this plant")
    days = [(machine, start) for machine in machines or known for start in _days(since, until)]
    with _desk(settings) as ask:
        counts: dict[str, int] = {}
        for machine, start in track(days, "judging again", console=progress, transient=True):
            counts[machine] = counts.get(machine, 0) + ask(machine, start, min(start + LONGEST, until))
    lines = [f"{machine}: {count} flags changed" for machine, count in counts.items() if count]
    output.show({"changed": counts}, "\n".join(lines) or "no flag has changed")


def _days(since: datetime, until: datetime) -> Iterator[datetime]:
    for day in range((until - since) // LONGEST + 1):
        start = since + timedelta(days=day)
        if start < until:
            yield start


@contextmanager
def _desk(settings: Settings) -> Iterator[Recompute]:
    """Give what judges again: the running service, or the store itself where none runs."""
    with running_service(settings) as service:
        if service is not None:

            def ask(machine: str, start: datetime, end: datetime) -> int:
                body = {"machine": machine, "start": start.isoformat(), "end": end.isoformat()}
                return int(service.post("/data-health/recompute", body)["changed"])

            yield ask
            return
        with lay_foundations(settings, plant_for(settings)) as base:
            desk = FlagDesk(base.database, base.store, quality_rules(settings.intake), lambda: base.plant)

            def judge(machine: str, start: datetime, end: datetime) -> int:
                found = base.plant.machine(MachineId(machine))
                if found is None:
                    raise NotFoundError(f"no machine {machine!r} in this plant")
                return desk.judge_again(SYSTEM, found, (start, end), now=utc_now()).cells

            yield judge
            base.store.roll_up(int(utc_now().timestamp() * 1e9))
