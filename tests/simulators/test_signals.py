"""What the sensors of simulated machines report."""

from dataclasses import replace

import numpy as np
import pytest

from simulators.sensor_faults import SensorFault
from simulators.signals import EXECUTING, OFF, Report
from simulators.simulation import Simulation
from tests.simulators.scenarios import DAY_S, HOUR_S, NO_FAULTS, START_S, a_simulation


def reports_of(simulation: Simulation, kind: str, days: float) -> Report:
    trace = simulation.advance_to(START_S + days * DAY_S)
    shard = next(shard for shard in simulation.shards if shard.equipment_type.id == kind)
    parts = list(simulation.reports(shard, trace, 60.0))
    return Report(
        times_s=np.concatenate([part.times_s for part in parts]),
        state=np.concatenate([part.state for part in parts]),
        job=np.concatenate([part.job for part in parts]),
        values={name: np.concatenate([part.values[name] for part in parts]) for name in parts[0].values},
        point_faults=tuple(fault for part in parts for fault in part.point_faults),
    )


@pytest.fixture(scope="module")
def pumps() -> Report:
    return reports_of(a_simulation(8), "centrifugal_pump", 14)


@pytest.fixture(scope="module")
def mills() -> Report:
    return reports_of(a_simulation(8), "cnc_machining_centre", 14)


def residual_acf(values: np.ndarray, groups: np.ndarray) -> float:
    """Lag-1 autocorrelation of what is left when each group's mean is taken out."""
    rest = values.astype(float)
    for group in np.unique(groups):
        rest[groups == group] -= rest[groups == group].mean()
    return float(np.corrcoef(rest[:-1], rest[1:])[0, 1])


def test_same_seed_gives_the_same_bytes() -> None:
    first, second = (reports_of(a_simulation(4), "centrifugal_pump", 3) for _ in range(2))
    assert all(first.values[name].tobytes() == second.values[name].tobytes() for name in first.values)


@pytest.mark.parametrize("sensor", ["flow", "vib", "bearing_temp", "seal_leak", "suction_pressure"])
def test_noise_of_process_sensors_lingers(pumps: Report, sensor: str) -> None:
    on = pumps.state[:, 0] == EXECUTING
    assert residual_acf(pumps.values[sensor][on, 0], pumps.job[on, 0]) >= 0.3


def _half_way_min(rise: np.ndarray) -> int:
    return int(np.argmax(rise >= (rise[0] + rise.max()) / 2))


def test_no_quantity_is_negative(pumps: Report, mills: Report) -> None:
    for report in (pumps, mills):
        assert all(np.nanmin(values) >= 0 for name, values in report.values.items() if name != "hf_noise")


def test_values_are_multiples_of_the_resolution(pumps: Report) -> None:
    steps = pumps.values["vib"][:200, 0].astype(float) / 0.01
    assert np.allclose(steps, np.round(steps), atol=1e-2)


def test_regime_moves_sensors_more_than_their_noise(pumps: Report) -> None:
    on = pumps.state[:, 0] == EXECUTING
    flow, job = pumps.values["flow"][on, 0], pumps.job[on, 0]
    means = [flow[job == each].mean() for each in np.unique(job)]
    assert np.ptp(means) > 3 * flow[job == job[0]].std()


def test_temperature_lags_behind_the_load(mills: Report) -> None:
    started = np.flatnonzero((mills.state[1:-90, 1] != OFF) & (mills.state[:-91, 1] == OFF)) + 1
    load = np.mean([mills.values["spindle_load"][at : at + 90, 1] for at in started], axis=0)
    temperature = np.mean([mills.values["spindle_temp"][at : at + 90, 1] for at in started], axis=0)
    assert _half_way_min(load) + 5 < _half_way_min(temperature)


def test_machine_at_rest_cools_to_the_air_around_it() -> None:
    report = reports_of(a_simulation(8), "cnc_machining_centre", 6.4)
    rested = (report.state[-600:] == OFF).all(axis=0)
    assert rested.any()
    gap = np.abs(report.values["spindle_temp"][-1] - (0.55 * report.values["ambient_temp"][-1] + 0.45 * 22.0))
    assert np.all(gap[rested] < 1.5)


def test_coolant_pressure_falls_as_its_filter_clogs() -> None:
    simulation = a_simulation(2)
    fleet = simulation.fleet
    k = next(k for k, place in enumerate(fleet.layout.worn) if place.slot.id == "coolant_filter")
    fleet.state.damage[k] = 0.0
    fresh = reports_of(simulation, "cnc_machining_centre", 1)
    fleet.state.damage[k] = 0.95 * fleet._life.threshold[k]
    fleet._life.sudden[k] = False
    clogged_trace = simulation.advance_to(START_S + 1.5 * DAY_S)
    mill = next(shard for shard in simulation.shards if shard.equipment_type.id == "cnc_machining_centre")
    clogged = next(simulation.reports(mill, clogged_trace, 60.0))
    pressures = [np.median(r.values["coolant_pressure"][r.state == EXECUTING]) for r in (fresh, clogged)]
    assert pressures[1] < pressures[0] - 0.5


def test_every_sensor_fault_is_switchable_and_written_to_the_truth() -> None:
    rates = replace(
        NO_FAULTS, stuck_per_year=60, drift_per_year=60, noise_rise_per_year=60, dropout_share=0.01, spike_share=0.001
    )
    simulation = a_simulation(4, rates=rates)
    report = reports_of(simulation, "centrifugal_pump", 10)
    shard = next(shard for shard in simulation.shards if shard.equipment_type.id == "centrifugal_pump")
    lasting = {span.kind for span in shard.spans_between(START_S, START_S + 10 * DAY_S)}
    assert lasting == {SensorFault.STUCK, SensorFault.DRIFT, SensorFault.NOISE_RISE}
    assert {fault.kind for fault in report.point_faults} == {SensorFault.DROPOUT, SensorFault.SPIKE}
    missing = sum(int(np.isnan(values).sum()) for values in report.values.values())
    silences = [fault for fault in report.point_faults if fault.kind is SensorFault.DROPOUT]
    assert missing == pytest.approx(sum(np.ceil((fault.to_s - fault.at_s) / 60.0) for fault in silences), rel=0.05)


def test_sensor_that_falls_silent_stays_so_into_the_next_block_of_time() -> None:
    simulation = a_simulation(4, rates=replace(NO_FAULTS, dropout_share=0.02))
    trace = simulation.advance_to(START_S + HOUR_S)
    pumps = next(shard for shard in simulation.shards if shard.equipment_type.id == "centrifugal_pump")
    blocks = [pumps.report(trace, START_S + np.arange(at, at + 10.0), 1.0) for at in range(0, 1800, 10)]
    missing = sum(int(np.isnan(block.values["flow"]).sum()) for block in blocks)
    silences = [f for block in blocks for f in block.point_faults if f.sensor == "flow"]
    assert missing == pytest.approx(sum(f.to_s - f.at_s for f in silences), rel=0.2)


def test_without_faults_nothing_is_missing_or_stuck(pumps: Report) -> None:
    assert not any(np.isnan(values).any() for values in pumps.values.values())
    assert pumps.point_faults == ()


def test_stuck_sensor_holds_its_value_from_block_to_block() -> None:
    simulation = a_simulation(2, rates=replace(NO_FAULTS, stuck_per_year=300))
    report = reports_of(simulation, "centrifugal_pump", 8)
    shard = next(shard for shard in simulation.shards if shard.equipment_type.id == "centrifugal_pump")
    spans = shard.spans_between(START_S, START_S + 8 * DAY_S)
    span = max(spans, key=lambda each: min(each.to_s, START_S + 8 * DAY_S) - max(each.from_s, START_S))
    inside = (report.times_s >= span.from_s) & (report.times_s < span.to_s)
    assert len(np.unique(report.values[span.sensor][inside, 0])) <= 2
