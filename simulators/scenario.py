"""What a simulated factory is made of: its plant, its seed, and how hard its machines are driven."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from configs.plant import Machine, MachineId, Plant
from simulators.calendar import CONTINUOUS, Shifts
from simulators.errors import SimulatorError


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """How often the odd things happen; 0 switches one off.

    Sensor faults are per sensor and year of operation, faults of a device's clock and outages of its line per machine and
    year, `..._share` a share of samples or messages. Mistakes of commissioning do not happen unless they are asked for.
    """

    stuck_per_year: float = 0.25
    drift_per_year: float = 0.1
    noise_rise_per_year: float = 0.1
    gain_per_year: float = 0.0
    saturation_per_year: float = 0.0
    wrong_unit_per_year: float = 0.0
    swapped_per_year: float = 0.0
    dropout_share: float = 0.001
    spike_share: float = 2e-5
    duplicate_share: float = 0.001
    late_share: float = 0.001
    loss_share: float = 0.0002
    reorder_share: float = 0.001
    malformed_share: float = 1e-5
    jitter_share: float = 0.005
    unknown_machine_share: float = 0.0
    renamed_field_share: float = 0.0
    clock_skew_per_year: float = 0.2
    clock_zone_per_year: float = 0.0
    clock_unit_per_year: float = 0.0
    burst_per_year: float = 2.0


_ASKED_FOR = Rates(
    gain_per_year=0.2, saturation_per_year=0.2, wrong_unit_per_year=0.2, swapped_per_year=0.2, unknown_machine_share=1e-4,
    renamed_field_share=1e-4, clock_zone_per_year=1.0, clock_unit_per_year=1.0,
)  # fmt: skip
"""How often what usually does not happen happens when somebody asks for it."""


def fault_kinds() -> tuple[str, ...]:
    """Name every kind of fault that can be switched."""
    return tuple(_kind(rate.name) for rate in fields(Rates))


def only(kinds: Collection[str]) -> Rates:
    """Give rates at which only these kinds of fault happen, and no others.

    Raises
    ------
    SimulatorError
        When a kind does not exist.
    """
    unknown = sorted(set(kinds) - set(fault_kinds()))
    if unknown:
        raise SimulatorError(f"no fault is called {unknown[0]}; there are: {', '.join(fault_kinds())}")
    return Rates(**{r.name: getattr(_ASKED_FOR, r.name) if _kind(r.name) in kinds else 0.0 for r in fields(Rates)})


def _kind(rate: str) -> str:
    return rate.removesuffix("_share").removesuffix("_per_year")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One simulated factory. `shifts` names each machine's calendar; a machine not named works around the clock.

    `damage_speed` accelerates wear, never the clock. On a `steady` rig every machine does the first of its jobs for ever.
    """

    plant: Plant
    seed: int
    shifts: Mapping[MachineId, Shifts] = field(default_factory=dict)
    rates: Rates = field(default_factory=Rates)
    damage_speed: float = 1.0
    steady: bool = False

    def shifts_of(self, machine: MachineId) -> Shifts:
        """Give the calendar that a machine works by."""
        return self.shifts.get(machine, CONTINUOUS)

    def zone_of(self, machine: Machine) -> ZoneInfo:
        """Give the time zone of the site that a machine stands in."""
        site = next(site for site in self.plant.sites if site.id == machine.site)
        return ZoneInfo(site.time_zone)


def check_scenario(scenario: Scenario) -> None:
    """Refuse a plant that cannot run: a slot of an unknown part, a rate of 0 Hz, no machine, an unknown time zone.

    Raises
    ------
    SimulatorError
        Naming the first machine, slot or sensor that is impossible.
    """
    if not scenario.plant.machines:
        raise SimulatorError("the plant has no machine to simulate; add a [[machine]] to plant.toml")
    if scenario.damage_speed <= 0:
        raise SimulatorError(f"damage speed {scenario.damage_speed:g} is impossible; give a factor above 0")
    _check_rates(scenario.rates)
    parts = {part.id: part for part in scenario.plant.part_types}
    for machine in scenario.plant.machines:
        _check_zone(scenario, machine)
        _check_sensors(machine)
        for slot in machine.slots:
            part = parts.get(slot.part_type)
            if part is None:
                raise SimulatorError(
                    f"machine {machine.id}, slot {slot.id}: part {slot.part_type} is not in the catalogue; "
                    "add it or correct the slot"
                )
            if part.beta <= 0 or part.eta <= 0:
                raise SimulatorError(f"part {part.id}: beta and eta must be above 0; correct the catalogue")


def _check_rates(rates: Rates) -> None:
    for rate in fields(Rates):
        if not 0 <= getattr(rates, rate.name) < float("inf"):
            raise SimulatorError(f"rate {rate.name} is impossible; give 0 or more")


def _check_sensors(machine: Machine) -> None:
    for sensor in machine.sensors:
        if not 0 < sensor.period_s < float("inf"):
            raise SimulatorError(
                f"machine {machine.id}, sensor {sensor.id}: a rate of 0 Hz is impossible; give a period above 0 s"
            )


def _check_zone(scenario: Scenario, machine: Machine) -> None:
    site = next((site for site in scenario.plant.sites if site.id == machine.site), None)
    if site is None:
        raise SimulatorError(f"machine {machine.id}: site {machine.site} is not in the plant; add it to plant.toml")
    try:
        ZoneInfo(site.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise SimulatorError(
            f"site {site.id}: time zone {site.time_zone} is unknown; use an IANA name such as Asia/Seoul"
        ) from None
