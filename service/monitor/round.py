"""What one round of the monitor has concluded so far, and how it is kept."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from configs.instant import ns_of, utc_of_ns
from configs.plant import Machine, MachineId
from models.assess import MachineAssessment
from models.condition import Condition
from models.health import Health, HealthStatus
from models.health_assessment.detection_state import DetectionState
from models.prediction import Prediction
from models.state_detection.window_limits import judge_limits
from service.actions.conclusions import Assessment, Conclusions, RecordedChanges, record
from service.monitor.codec import encode_state
from service.monitor.fleet import Standing
from service.monitor.ports import MonitorPorts
from service.state.watermarks import Watermark


@dataclass(slots=True)
class Round:
    """Conclusions that wait to be kept, over the standing they are based on."""

    ports: MonitorPorts
    machines: Mapping[MachineId, Machine]
    standing: Standing
    silent: Mapping[MachineId, Condition]
    work: Standing = field(default_factory=Standing)
    health: dict[MachineId, Health] = field(default_factory=dict)
    ended: dict[MachineId, list[Condition]] = field(default_factory=dict)
    judged: set[MachineId] = field(default_factory=set)
    predictions: dict[MachineId, list[Prediction]] = field(default_factory=dict)

    def view(self) -> Standing:
        """Return where machines stand with what this round has concluded."""
        return Standing(
            upto_ns=self.standing.upto_ns | self.work.upto_ns, states=self.standing.states | self.work.states
        )

    def state(self, machine: MachineId) -> DetectionState:
        """Return what is remembered of a machine."""
        return self.work.states.get(machine) or self.standing.states.get(machine) or DetectionState()

    def add_windows(self, assessments: Iterable[MachineAssessment], upto_ns: Mapping[MachineId, int]) -> None:
        """Take in what windows said, and up to where machines are assessed."""
        self.work.upto_ns.update(upto_ns)
        for each in assessments:
            self.work.states[each.machine] = each.state
            self.health[each.machine] = each.health
            self.add_conditions(each.machine, each.conditions)

    def add_conditions(self, machine: MachineId, conditions: Iterable[Condition]) -> None:
        """Take in that a machine's conditions were judged; those that have ended are remembered."""
        self.judged.add(machine)
        ended = [condition for condition in conditions if condition.until_ns is not None]
        self.ended.setdefault(machine, []).extend(ended)

    def add_predictions(self, made: Iterable[Prediction]) -> None:
        """Take in predictions."""
        for prediction in made:
            self.predictions.setdefault(prediction.machine, []).append(prediction)

    def hold_back(self, machines: Iterable[MachineId]) -> None:
        """Let the predictions of machines raise no case: their past has not been looked at yet."""
        for machine in machines:
            made = self.predictions.get(machine, [])
            self.predictions[machine] = [replace(prediction, raises_case=False) for prediction in made]

    def holding(self, machine: MachineId) -> tuple[Condition, ...]:
        """Return the conditions of a machine that hold."""
        state = self.state(machine)
        limits, _ = judge_limits(self.machines[machine], {}, state.limits)
        others = (state.anomaly, self.silent.get(machine))
        return (*limits, *(condition for condition in others if condition is not None))

    def is_empty(self) -> bool:
        """Whether nothing was concluded."""
        return not (self.work.upto_ns or self.work.states or self.judged or self.predictions)

    def keep(self) -> RecordedChanges:
        """Keep everything in one transaction; only then do the machines stand where it says."""
        now = self.ports.clock()
        oldest_ns = ns_of(now) - round(self.ports.settings.history_after_s * 1e9)
        view = self.view()
        conclusions = Conclusions(
            plant=self.ports.plant,
            assessments=tuple(
                self._assessment(machine, view, oldest_ns) for machine in sorted(self.judged | self.predictions.keys())
            ),
            health=tuple(self._shown(self.health[machine]) for machine in sorted(self.health)),
            watermarks=tuple(
                Watermark(
                    machine=machine,
                    window_end_ns=view.upto_ns.get(machine, 0),
                    detection_state=encode_state(self.state(machine)),
                )
                for machine in sorted(self.work.upto_ns.keys() | self.work.states.keys())
            ),
        )
        changes = record(self.ports.database, conclusions, now=now)
        self.standing.upto_ns.update(self.work.upto_ns)
        self.standing.states.update(self.work.states)
        return changes

    def _assessment(self, machine: MachineId, view: Standing, oldest_ns: int) -> Assessment:
        upto_ns = view.upto_ns.get(machine)
        is_live = upto_ns is not None and upto_ns > oldest_ns
        ended = tuple(c for c in self.ended.get(machine, ()) if c.until_ns is not None and c.until_ns > oldest_ns)
        decides = machine in self.judged and (is_live or machine in self.silent)
        return Assessment(
            machine=machine,
            assessed_until=None if upto_ns is None else utc_of_ns(upto_ns),
            conditions=(*ended, *self.holding(machine)) if decides else None,
            predictions=tuple(self.predictions.get(machine, ())),
        )

    def _shown(self, health: Health) -> Health:
        if health.machine not in self.silent:
            return health
        return replace(health, status=HealthStatus.NO_DATA, health=None, anomaly=None)
