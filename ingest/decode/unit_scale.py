"""Units that a message states for its own values, converted into those of the plant's sensors."""

from collections.abc import Callable, Mapping

from ingest.decode.refusal import Refused, refuse, shown
from ingest.reading import RejectionReason

UnitScale = Callable[[float], float]


def unit_scales(stated: object, own: Mapping[str, str]) -> dict[str, UnitScale]:
    """Return how to convert each sensor whose stated unit differs from its own.

    Parameters
    ----------
    stated
        The message's `units` member: sensor to unit.
    own
        The unit of every sensor of the machine.
    """
    if type(stated) is not dict:
        raise refuse(RejectionReason.WRONG_UNIT, '"units" must be an object of sensor: unit')
    for sensor, unit in stated.items():
        if own.get(sensor) != unit:
            raise _foreign(sensor, unit, own.get(sensor))
    return {}


def _foreign(sensor: str, unit: object, own: str | None) -> Refused:
    detail = f"sensor {sensor[:64]} in {shown(unit)} cannot be read as {own!r}; correct the device or plant.toml"
    return refuse(RejectionReason.WRONG_UNIT, detail)
