"""The machines of one equipment type as the monitor works on them, and what it remembers of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from configs.instant import ns_of
from configs.plant import EquipmentType, Machine, MachineId, Plant
from ingest.part_life import PartLife
from models.artefact import TypeModel
from models.assess import Watched
from models.features.windowing import FeaturePlan, plan_features
from models.health_assessment.detection_state import DetectionState, Renewal
from service.advisory.countdown import counts_down


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """The machines of one equipment type, without the slots whose parts last too short to show a trend."""

    equipment_type: EquipmentType
    plan: FeaturePlan
    machines: Mapping[MachineId, Machine]
    model: TypeModel | None = None
    digest: str = ""

    def watched(self, machines: Iterable[MachineId], parts: Mapping[MachineId, tuple[Renewal, ...]]) -> Watched:
        """Return some of the machines as they are judged."""
        chosen = tuple(self.machines[machine] for machine in sorted(machines))
        return Watched(plan=self.plan, machines=chosen, model=self.model, parts=parts)

    def has_learnt(self, machine: MachineId) -> bool:
        """Whether the model knows the machine's normal."""
        return self.model is not None and machine in self.model.baselines.machines


def fleets_of(plant: Plant) -> tuple[Fleet, ...]:
    """Return the fleets of a plant, those without a machine left out."""
    short_lived = {part.id for part in plant.part_types if counts_down(part)}
    fleets = []
    for kind in plant.equipment_types:
        machines = {
            machine.id: replace(machine, slots=tuple(s for s in machine.slots if s.part_type not in short_lived))
            for machine in plant.machines
            if machine.equipment_type == kind.id
        }
        if machines:
            fleets.append(Fleet(equipment_type=kind, plan=plan_features(kind), machines=machines))
    return tuple(fleets)


def renewals_of(lives: Iterable[PartLife]) -> dict[MachineId, tuple[Renewal, ...]]:
    """Return when parts came into the slots of each machine, oldest first."""
    found: dict[MachineId, list[Renewal]] = {}
    for life in sorted(lives, key=lambda each: each.installed_at):
        renewal = Renewal(slot=life.slot, at_ns=ns_of(life.installed_at))
        found.setdefault(life.machine, []).append(renewal)
    return {machine: tuple(renewals) for machine, renewals in found.items()}


@dataclass(slots=True)
class Standing:
    """Where every machine stands: assessed up to, and what detection remembers. Changed only after a round is kept."""

    upto_ns: dict[MachineId, int] = field(default_factory=dict)
    states: dict[MachineId, DetectionState] = field(default_factory=dict)
