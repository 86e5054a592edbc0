"""Units that a message states for its own values, converted into those of the plant's sensors."""

from collections.abc import Callable, Mapping

from configs.plant import Sensor
from configs.units import conversion
from ingest.decode.refusal import Refused, refuse, shown
from ingest.reading import RejectionReason

UnitScale = Callable[[float], float]


def unit_scales(stated: object, own: Mapping[str, Sensor]) -> dict[str, UnitScale]:
    """Return how to convert each sensor whose stated unit differs from its own.

    Parameters
    ----------
    stated
        The message's `units` member: sensor to unit.
    own
        Every sensor of the machine by name.
    """
    if type(stated) is not dict:
        raise refuse(RejectionReason.WRONG_UNIT, '"units" must be an object of sensor: unit')
    scales: dict[str, UnitScale] = {}
    for name, unit in stated.items():
        sensor = own.get(name)
        scale = conversion(unit, sensor.unit, sensor.measurand) if sensor and type(unit) is str else None
        if scale is None:
            raise _foreign(name, unit, sensor.unit if sensor else None)
        if sensor and sensor.unit != unit:
            scales[name] = scale
    return scales


def _foreign(sensor: str, unit: object, own: str | None) -> Refused:
    detail = f"sensor {sensor[:64]} in {shown(unit)} cannot be read as {own!r}; correct the device or plant.toml"
    return refuse(RejectionReason.WRONG_UNIT, detail)
