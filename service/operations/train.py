"""`yeji train`: learn from the plant's history, in the running service or with the files to itself."""

import time
from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

from configs.settings import Settings
from service.actor import SYSTEM
from service.api.training_schemas import TrainingSchema
from service.app.clock import utc_now
from service.app.foundations import Foundations, lay_foundations
from service.app.training import ChildTrainingDesk, training_ports
from service.errors import ServiceError
from service.http.training_desk import TrainingState, Work
from service.operations.loopback import RunningService, running_service
from service.operations.result import Output
from service.operations.setup import plant_for

ASK_EVERY_S = 1.0


def train(settings: Settings, *, status_only: bool, console: Console, output: Output) -> None:
    """Train, or only tell how the latest training stands.

    Raises
    ------
    ServiceError
        The training failed; the message says why.
    """
    with running_service(settings) as service:
        if service is not None:
            _show(_asked(service, status_only=status_only, console=console), output)
            return
        with lay_foundations(settings, plant_for(settings)) as base:
            _show(_opened(base, status_only=status_only), output)


def _asked(service: RunningService, *, status_only: bool, console: Console) -> Mapping[str, Any]:
    if status_only:
        latest: Mapping[str, Any] = service.get("/trainings/latest")
        return latest
    service.post("/trainings", {})
    return follow(service, Work.TRAIN, console)


def follow(service: RunningService, work: Work, console: Console) -> Mapping[str, Any]:
    """Show how far the work is until it is done, and return how it ended."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        bar = progress.add_task(work.value, total=1.0)
        while True:
            latest: Mapping[str, Any] = service.get("/trainings/latest")
            progress.update(bar, completed=latest["progress"])
            if latest["state"] != TrainingState.RUNNING:
                return latest
            time.sleep(ASK_EVERY_S)


def _opened(base: Foundations, *, status_only: bool) -> Mapping[str, Any]:
    desk = ChildTrainingDesk(training_ports(base, clock=utc_now))
    done = desk.latest() if status_only else desk.run(SYSTEM)
    return TrainingSchema.of(done).model_dump(mode="json")


def _show(training: Mapping[str, Any], output: Output) -> None:
    if training["state"] == TrainingState.FAILED:
        raise ServiceError(f"the training failed: {training['trouble']}")
    output.show(dict(training), "\n".join(_lines(training)))


def _lines(training: Mapping[str, Any]) -> list[str]:
    if training["state"] == TrainingState.NEVER:
        return ["no training since the service started"]
    if training["state"] == TrainingState.RUNNING:
        return [f"training: {training['progress']:.0%} done"]
    if not training["taught"]:
        return ["trained; no part has failed yet under the eyes of a model, so there was nothing to learn from"]
    lines = [f"trained on {sum(each['lives'] for each in training['taught'])} ended lives:"]
    for each in training["taught"]:
        held = f", {each['inside'] / each['of']:.0%} of {each['of']:.0f} past predictions held" if each["of"] else ""
        lines.append(
            f"  {each['part_type']}: {each['lives']} ends, fails at {each['fails_at']:.0f} % of the limit{held}"
        )
    return lines
