"""Faults on request."""

import pytest

from simulators.errors import SimulatorError
from simulators.injection import Injection, apply_injection
from simulators.sensor_faults import SensorFault
from tests.simulators.scenarios import START_S, a_simulation


def a_request(**changes: object) -> Injection:
    return Injection(**{"machine": "pump-01", "fault": "stuck", "sensor": "flow", "minutes": 10.0, **changes})


def test_sensor_fault_on_request_lasts_as_long_as_asked_for() -> None:
    simulation = a_simulation(2)
    apply_injection(simulation, a_request())
    pumps = next(shard for shard in simulation.shards if shard.equipment_type.id == "centrifugal_pump")
    (span,) = pumps.spans_between(START_S, START_S + 60.0)
    assert (span.kind, span.machine, span.sensor, span.to_s - span.from_s) == (
        SensorFault.STUCK,
        "pump-01",
        "flow",
        600.0,
    )


@pytest.mark.parametrize(
    ("changes", "word"),
    [({"sensor": "colour"}, "no sensor"), ({"machine": "pump-99"}, "no sensor"), ({"fault": "engine"}, "no slot")],
)
def test_request_for_what_is_not_there_is_refused(changes: dict[str, str], word: str) -> None:
    with pytest.raises(SimulatorError, match=word):
        apply_injection(a_simulation(2), a_request(**changes))
