"""`yeji reload`: the running service goes by the plant file as it is written now."""

from configs.settings import Settings
from service.errors import ConflictError
from service.operations.loopback import running_service
from service.operations.result import Output


def reload_plant(settings: Settings, output: Output) -> None:
    """Have the service read its plant file anew.

    Raises
    ------
    ConflictError
        No service runs on the data folder.
    InvalidRequestError
        The file holds mistakes; says all of them, and the service goes on as before.
    """
    with running_service(settings) as running:
        if running is None:
            raise ConflictError(f"no service runs on {settings.data_dir}; it reads the plant file when it starts")
        told = running.post("/plant/reading", {})
    mapped = ", ".join(told["mappings"]) or "none"
    output.show(told, f"the service goes by the plant file now: {told['machines']} machines, mappings: {mapped}")
