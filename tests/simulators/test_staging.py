"""A demonstration in which several parts are close to failing, by their age alone."""

from datetime import UTC, datetime

import numpy as np
import pytest

from simulators.cli.history import DEMO_MACHINES, DEMO_SEED
from simulators.factory import GROUPS
from simulators.history import history_span
from simulators.simulation import start_simulation
from simulators.staging import DEMO_WISHES, stage
from tests.simulators.scenarios import a_scenario


@pytest.mark.parametrize("end", [datetime(2026, 11, 24, 22, tzinfo=UTC), datetime(2027, 3, 7, 3, tzinfo=UTC)])
def test_demonstration_ends_with_several_parts_between_onset_and_failure(end: datetime) -> None:
    span = history_span(end, 1.0)
    scenario = stage(a_scenario(DEMO_MACHINES, GROUPS, seed=DEMO_SEED), span, DEMO_WISHES)
    simulation = start_simulation(scenario, span.start_s)
    simulation.advance_to(span.end_s)
    share = simulation.fleet.progress_share()
    deep = [simulation.fleet.layout.worn[k].slot.id for k in np.flatnonzero((share >= 0.4) & (share <= 0.95))]
    assert len(deep) >= 5
    assert len({"spindle_bearing", "mech_seal", "bearing", "fan_bearing", "coolant_filter"} & set(deep)) >= 2


def test_staging_changes_nothing_but_ages() -> None:
    span = history_span(datetime(2026, 11, 24, tzinfo=UTC), 0.25)
    scenario = a_scenario(8)
    staged = stage(scenario, span, DEMO_WISHES)
    for before, after in zip(scenario.plant.machines, staged.plant.machines, strict=True):
        assert (before.id, before.slots, before.sensors) == (after.id, after.slots, after.sensors)
        assert after.installed_at is None or after.installed_at.timestamp() < span.start_s
