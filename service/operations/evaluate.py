"""`yeji evaluate`: judge predictions on the plant's own history, and write a report with plots."""

from pathlib import Path

from rich.console import Console

from configs.settings import Settings
from service.actor import SYSTEM
from service.app.clock import utc_now
from service.app.foundations import lay_foundations
from service.app.training import ChildTrainingDesk, training_ports
from service.errors import InvalidRequestError, ServiceError
from service.http.training_desk import TrainingState, Work
from service.operations.loopback import RunningService, running_service
from service.operations.result import Output
from service.operations.setup import plant_for
from service.operations.train import follow


def evaluate(settings: Settings, report: Path, *, console: Console, output: Output) -> None:
    """Evaluate and write the report.

    Raises
    ------
    ServiceError
        The evaluation failed, or the report cannot be written; the message says why.
    """
    if not report.absolute().parent.is_dir():
        raise InvalidRequestError(f"{report}: there is no folder {report.absolute().parent}; make it or choose another")
    with running_service(settings) as service:
        text = _asked(service, console) if service is not None else _opened(settings)
    try:
        report.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ServiceError(f"{report}: cannot be written ({error.strerror}); choose another place") from None
    output.show({"report": str(report)}, f"report written to {report}")


def _asked(service: RunningService, console: Console) -> str:
    service.post("/evaluations", {})
    done = follow(service, Work.EVALUATE, console)
    if done["state"] == TrainingState.FAILED:
        raise ServiceError(f"the evaluation failed: {done['trouble']}")
    return service.get_text("/evaluations/latest/report")


def _opened(settings: Settings) -> str:
    with lay_foundations(settings, plant_for(settings)) as base:
        desk = ChildTrainingDesk(training_ports(base, clock=utc_now))
        desk.run(SYSTEM, Work.EVALUATE)
        return desk.report()
