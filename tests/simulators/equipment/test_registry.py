"""Every equipment type: values where they usually are, and wear that shows where the catalogue says it does."""

import numpy as np
import pytest

from configs.catalogue.load import load_catalogue
from configs.plant import EquipmentType
from simulators.equipment.lag import Lags
from simulators.equipment.physics import Scene
from simulators.equipment.registry import physics_of

KINDS = {kind.id: kind for kind in load_catalogue().equipment_types}
MINUTES = 600


def a_scene(kind: EquipmentType, *, worn: str | None = None, running: bool = True) -> Scene:
    """One machine on a usual job for ten hours, with at most one slot worn out."""
    job = physics_of(kind).jobs[0]
    shape = (MINUTES, 1)
    flat = np.ones(shape, dtype=np.float32)
    wear = {slot.id: flat * (slot.id == worn) for slot in kind.slots}
    return Scene(
        running=np.full(shape, running), powered=np.full(shape, running), load=job.load * flat, speed=job.speed * flat, contamination=flat,
        ambient_c=22.0 * flat, severity=wear, progress=wear, unit=lambda name, spread: np.ones(1, dtype=np.float32),
        lags=Lags(), dt_s=60.0,
    )  # fmt: skip


def last_values(kind: EquipmentType, scene: Scene) -> dict[str, float]:
    shape = scene.load.shape
    return {name: float(np.broadcast_to(x, shape)[-1, 0]) for name, x in physics_of(kind).observe(scene).items()}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())
def test_healthy_machine_reports_every_sensor_near_its_normal_range(kind: EquipmentType) -> None:
    values = last_values(kind, a_scene(kind))
    assert set(values) == {sensor.id for sensor in kind.sensors}
    for sensor in kind.sensors:
        span = sensor.normal_high - sensor.normal_low
        assert sensor.normal_low - 0.35 * span <= values[sensor.id] <= sensor.normal_high + 0.35 * span, sensor.id


@pytest.mark.parametrize(
    ("kind", "slot"),
    [(kind, slot) for kind in KINDS.values() for slot in kind.slots if slot.signs],
    ids=lambda item: item.id,
)
def test_wear_moves_the_sensors_that_the_catalogue_names(kind: EquipmentType, slot: object) -> None:
    new, worn = (last_values(kind, a_scene(kind, worn=which)) for which in (None, slot.id))
    moved = [(worn[sign.sensor] - new[sign.sensor]) * (1 if sign.rises else -1) for sign in slot.signs]
    assert max(moved) > 0
    assert min(moved) > -1e-3 * max(abs(new[slot.signs[0].sensor]), 1.0)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())
def test_machine_at_rest_draws_no_current_and_does_not_shake(kind: EquipmentType) -> None:
    values = last_values(kind, a_scene(kind, running=False))
    for name, value in values.items():
        if "current" in name or name.endswith("vib"):
            assert value == pytest.approx(0.0, abs=1e-6), name
