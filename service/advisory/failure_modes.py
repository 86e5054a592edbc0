"""Which failure mode of a part its readings point at (ISO 14224 modes, ISO 17359 descriptors)."""

from collections.abc import Mapping, Sequence

from configs.catalogue.failure_modes import FailureMode
from configs.plant import Machine, PartType
from models.prediction import Driver

MOST_MODES = 2


def likely_modes(
    part: PartType, drivers: Sequence[Driver], machine: Machine, known: Mapping[str, FailureMode]
) -> tuple[FailureMode, ...]:
    """Return at most two modes of a part, likeliest first; none where no reading speaks.

    A mode counts for as much as the sensors that moved have to do with the prediction and measure what the mode moves. Modes
    that the readings cannot tell apart follow the order of the catalogue.
    """
    measurand = {sensor.id: sensor.measurand for sensor in machine.sensors}
    moved = [(measurand.get(driver.sensor, ""), driver.share) for driver in drivers if driver.sensor is not None]
    modes = [known[code] for code in part.failure_modes if code in known]
    scores = {mode.code: sum(share for what, share in moved if what in mode.tells) for mode in modes}
    ranked = sorted((mode for mode in modes if scores[mode.code] > 0), key=lambda mode: -scores[mode.code])
    return tuple(ranked[:MOST_MODES])
