"""The monitor's thread: polls the store and draws conclusions, round by round.

```
progress ─► closed windows ─► health, conditions, hours ─┐
        └─► newest values ──► limits, silence ───────────┼─► one transaction ─► announced
                slots that are due ──► predictions ──────┘
```
"""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from configs.errors import YejiError
from configs.instant import ns_of
from configs.plant import EquipmentTypeId, Machine, MachineId
from ingest.part_life import PartLife
from ingest.ports import MachineProgress
from models.condition import Condition
from models.health import Health
from models.registry import create_keys
from service.actor import SYSTEM
from service.monitor.catch_up import assess_stretch, next_stretch, ready_to_learn
from service.monitor.codec import decode_state
from service.monitor.evidence import MachineEvidence
from service.monitor.fleet import Fleet, Standing, fleets_of
from service.monitor.forecasting import PartBook, due_slots, hours_span, predict, stale_slots
from service.monitor.learning import champion_digests, learn, with_champion
from service.monitor.ports import MonitorPorts
from service.monitor.round import Round
from service.monitor.schedule import Schedule
from service.monitor.vigilance import LiveView, NewestValues, judge_live, live_views, silence
from service.state import health, watermarks

log = structlog.get_logger(__name__)

STOP_WITHIN_S = 10.0
CAUGHT_UP_S = 600.0
KEPT_AT_ONCE = 200_000
"""Windows after which a long round keeps what it has concluded so far."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitorStatus:
    """How the monitor stands.

    `behind_s` is how far the machine that is furthest behind has still to be assessed, `windows` how many were
    assessed since the start, `trouble` what is wrong, one line per part of the work that fails, or "".
    """

    alive: bool
    caught_up: bool
    rounds: int
    windows: int
    behind_s: float
    last_round_at: datetime | None
    trouble: str


class Monitor:
    """Draws conclusions in a thread of its own from `start` to `stop`."""

    def __init__(self, ports: MonitorPorts) -> None:
        self._ports = ports
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._fleets: dict[EquipmentTypeId, Fleet] = {}
        self._machines: dict[MachineId, Machine] = {}
        self._standing = Standing()
        self._health: dict[MachineId, Health] = {}
        self._silent: dict[MachineId, Condition] = {}
        self._book = PartBook()
        self._schedule = Schedule(longest_s=ports.settings.prognosis_every_s)
        self._newest = NewestValues()
        self._offered: dict[EquipmentTypeId, str] = {}
        self._troubles: dict[str, str] = {}
        self._status = MonitorStatus(
            alive=False, caught_up=False, rounds=0, windows=0, behind_s=0.0, last_round_at=None, trouble=""
        )

    def start(self) -> None:
        """Load where every machine stands, and begin."""
        self.prepare()
        self._thread = threading.Thread(target=self._run, name="monitor", daemon=True)
        self._thread.start()

    def stop(self, within_s: float = STOP_WITHIN_S) -> None:
        """End after the stretch under way; safe to repeat. What was concluded and not kept is concluded again."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(within_s)

    def status(self) -> MonitorStatus:
        """Return how the monitor stands."""
        alive = self._thread is not None and self._thread.is_alive()
        return replace(self._status, alive=alive, trouble="; ".join(self._troubles.values()))

    def poll(self) -> None:
        """Do one round; what the thread does again and again."""
        progress = {each.machine: each for each in self._ports.telemetry.progress()}
        with self._guarded("rollups"):
            self._ports.telemetry.roll_up(ns_of(self._ports.clock()))
        with self._guarded("part lives"):
            self._refresh_parts()
        with self._guarded("models"):
            self._refresh_models()
        work = self._new_round()
        with self._guarded("newest values"):
            self._watch(progress, work)
        for kind in self._fleets:
            if self._is_far_behind(kind, progress):
                work = self._conclude(kind, work)
        for kind in self._fleets:
            with self._guarded(str(kind)):
                work = self._assess_fleet(kind, progress, work)
            with self._guarded(f"{kind} prognosis"):
                self._foresee(self._fleets[kind], work)
        with self._guarded("conclusions"):
            self._keep(work)
        self._note(progress)

    def _run(self) -> None:
        while not self._stopping.is_set():
            with self._guarded("monitor"):
                self.poll()
            self._stopping.wait(self._ports.settings.poll_s)

    def prepare(self) -> None:
        """Load where every machine stands."""
        create_keys(self._ports.keys)
        fleets = fleets_of(self._ports.plant)
        self._fleets = {fleet.equipment_type.id: with_champion(self._ports, fleet) for fleet in fleets}
        self._machines = {machine.id: machine for machine in self._ports.plant.machines}
        with self._ports.database.reading() as session:
            known = watermarks.load(session)
            self._health = {each.machine: each for each in health.latest(session, SYSTEM)}
        self._standing = Standing(
            upto_ns={
                name: each.window_end_ns
                for name, each in known.items()
                if name in self._machines and each.window_end_ns > 0
            },
            states={name: decode_state(each.detection_state) for name, each in known.items() if name in self._machines},
        )

    def _new_round(self) -> Round:
        return Round(ports=self._ports, machines=self._machines, standing=self._standing, silent=self._silent)

    def _is_far_behind(self, kind: EquipmentTypeId, progress: Mapping[MachineId, MachineProgress]) -> bool:
        stretch = next_stretch(self._fleets[kind], self._standing, progress)
        return stretch is not None and stretch.is_far

    def _conclude(self, kind: EquipmentTypeId, work: Round) -> Round:
        """Predict and keep at once what needs no windows, before a long stretch of history is assessed."""
        with self._guarded(f"{kind} prognosis"):
            self._foresee(self._fleets[kind], work)
            work.hold_back(machine for machine in self._fleets[kind].machines if machine not in self._standing.upto_ns)
        with self._guarded("conclusions"):
            self._keep(work)
        return self._new_round()

    def _assess_fleet(self, kind: EquipmentTypeId, progress: Mapping[MachineId, MachineProgress], work: Round) -> Round:
        """Assess all closed windows of a fleet, learning machines on the way; keep long work stretch by stretch."""
        parts = self._book.renewals
        pending = 0
        while not self._stopping.is_set():
            fleet, view = self._fleets[kind], work.view()
            stretch = next_stretch(fleet, view, progress)
            if stretch is None:
                ready = ready_to_learn(fleet, view)
                if not ready:
                    break
                self._keep(work)
                work = self._new_round()
                self._fleets[kind] = learn(self._ports, fleet, self._standing, ready)
                continue
            done = assess_stretch(self._ports.telemetry, fleet, stretch, view.states, parts)
            self._ports.condition.write_condition(done.assessed.hours)
            work.add_windows(done.assessed.machines, done.upto_ns)
            if stretch.is_far:
                self._schedule.hurry((m, slot.id) for m in stretch.machines for slot in self._machines[m].slots)
            self._status = replace(self._status, windows=self._status.windows + done.windows)
            pending += done.windows
            if pending >= KEPT_AT_ONCE:
                self._keep(work)
                work, pending = self._new_round(), 0
        return work

    def _watch(self, progress: Mapping[MachineId, MachineProgress], work: Round) -> None:
        """Judge limits on the newest values, and silence."""
        now_ns = ns_of(self._ports.clock())
        rules = {}
        for fleet in self._fleets.values():
            for machine in fleet.machines:
                rules[machine] = (self._machines[machine], fleet.equipment_type.operating_rule)
                if machine in progress:
                    self._listen(progress[machine], fleet.equipment_type.window_s, now_ns, work)
        news = self._newest.fresh(self._ports.telemetry.last_values())
        for view in live_views(rules, progress, news):
            self._judge_newest(view, work)

    def _listen(self, heard: MachineProgress, window_s: float, now_ns: int, work: Round) -> None:
        before, found = self._silent.get(heard.machine), silence(heard, window_s, now_ns)
        if (before is None) == (found is None):
            return
        if before is None and found is not None:
            self._silent[heard.machine] = found
            work.add_conditions(heard.machine, ())
        elif before is not None:
            del self._silent[heard.machine]
            over = replace(before, until_ns=max(heard.newest_received_time_ns, before.since_ns))
            work.add_conditions(heard.machine, (over,))
        if heard.machine in self._health:
            work.health.setdefault(heard.machine, self._health[heard.machine])

    def _judge_newest(self, view: LiveView, work: Round) -> None:
        """Judge the limits of one machine; what was raised or cleared is kept at once, the rest with its next window."""
        machine = view.machine.id
        state = work.state(machine)
        conditions, limits = judge_live(view, state.limits)
        turned = [each.raised_ns for each in limits] != [each.raised_ns for each in state.limits]
        if turned or any(each.until_ns is not None for each in conditions):
            work.add_conditions(machine, conditions)
            self._schedule.hurry((machine, slot.id) for slot in view.machine.slots)
        where = work.work if machine in work.judged else self._standing
        where.states[machine] = replace(state, limits=limits)

    def _foresee(self, fleet: Fleet, work: Round) -> None:
        """Predict the slots of a fleet that are due."""
        now = self._ports.clock()
        if not self._schedule.attends(str(fleet.equipment_type.id), now):
            return
        asked = due_slots(self._ports, fleet, self._schedule, now)
        if not asked:
            return
        lives: dict[MachineId, list[PartLife]] = {}
        for life in self._book.lives:
            if life.removed_at is None:
                lives.setdefault(life.machine, []).append(life)

        def known(machine: Machine) -> MachineEvidence:
            start_ns, end_ns = hours_span(now, lives.get(machine.id, ()))
            return MachineEvidence(
                state=work.state(machine.id),
                health=work.health.get(machine.id, self._health.get(machine.id)),
                holding=work.holding(machine.id),
                hours=self._ports.condition.read_condition(machine.id, start_ns, end_ns),
            )

        work.add_predictions(predict(self._ports, fleet, asked, self._book, known))

    def _keep(self, work: Round) -> None:
        if work.is_empty():
            return
        changes = work.keep()
        self._health.update(work.health)
        now, parts = self._ports.clock(), {part.id: part for part in self._ports.plant.part_types}
        for made in changes.predictions:
            self._schedule.done((made.machine, made.slot), parts[made.part_type], now)
        for recorded in changes.cases:
            machine = self._machines[recorded.case.machine]
            self._schedule.hurry((machine.id, slot.id) for slot in machine.slots)
        self._ports.announce(changes)

    def _refresh_parts(self) -> None:
        self._book.refresh(self._ports)
        if self._book.recognise(self._ports):
            self._book.refresh(self._ports)
        self._schedule.hurry(stale_slots(self._ports))

    def _refresh_models(self) -> None:
        """Take up models that were trained meanwhile, and predict anew by them."""
        newest = champion_digests(self._ports)
        for kind, fleet in self._fleets.items():
            digest = newest.get(kind, "")
            if digest in {fleet.digest, self._offered.get(kind, fleet.digest), ""}:
                continue
            self._offered[kind] = digest
            self._fleets[kind] = with_champion(self._ports, fleet)
            self._schedule.hurry((m, slot.id) for m in fleet.machines for slot in self._machines[m].slots)

    def _note(self, progress: Mapping[MachineId, MachineProgress]) -> None:
        behind = 0.0
        for fleet in self._fleets.values():
            for machine in fleet.machines:
                if machine in progress:
                    upto = self._standing.upto_ns.get(machine, progress[machine].first_event_time_ns)
                    span_s = (progress[machine].newest_event_time_ns - upto) / 1e9 - fleet.equipment_type.window_s
                    behind = max(behind, span_s)
        self._status = replace(
            self._status,
            rounds=self._status.rounds + 1,
            behind_s=behind,
            caught_up=self._status.caught_up or behind < CAUGHT_UP_S,
            last_round_at=self._ports.clock(),
        )

    @contextmanager
    def _guarded(self, part: str) -> Iterator[None]:
        """Keep one part of the work from stopping the others; a failure is logged once, and once when it is over."""
        try:
            yield
        except Exception as error:
            text = f"{part}: {error}" if isinstance(error, YejiError) else f"{part}: {type(error).__name__}: {error}"
            if self._troubles.get(part) != text:
                log.warning("monitor_trouble", part=part, reason=text, exc_info=not isinstance(error, YejiError))
            self._troubles[part] = text
        else:
            if self._troubles.pop(part, None) is not None:
                log.info("monitor_recovered", part=part)
