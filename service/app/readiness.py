"""What makes the program ready: the state database at its newest revision, intake and the monitor in progress."""

from collections.abc import Callable

from service.errors import StateUnavailableError
from service.observability.health import PartReadiness
from service.state.database import StateDatabase

Check = Callable[[], PartReadiness]


def state_readiness(database: StateDatabase) -> PartReadiness:
    """Return whether the state database answers and has the newest tables."""
    try:
        current = database.is_current()
    except StateUnavailableError as error:
        return PartReadiness(name="state", ready=False, detail=str(error))
    detail = "" if current else "the tables are of another version; stop the service and run `yeji db upgrade`"
    return PartReadiness(name="state", ready=current, detail=detail)
