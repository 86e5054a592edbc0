"""The whole factory wearing out, a slow tick at a time: shifts, jobs, damage, shocks, failures and repairs.

What sensors see of it is made elsewhere (`signals`) from the trace that this leaves behind.
"""

import numpy as np
from numpy.typing import NDArray

from simulators.calendar import HOUR_S, shift_hours
from simulators.climate import Climate
from simulators.degradation import NOISE_MEAN, left_behind
from simulators.draws import keyed_uniforms, lognormal, normal
from simulators.fleet_state import FleetState
from simulators.layout import Layout
from simulators.life_columns import LifeColumns
from simulators.magazine import Magazine, Stretch
from simulators.removal import Reason, TrueLife
from simulators.trace import Recorder, Trace

Array = NDArray[np.float64]

SHOCKS_PER_H = 1.0 / 2000.0
_OVERDUE_S = 16 * HOUR_S
_SLOT_DRAWS = 16
_HOUR_DRAWS = 24


class Fleet:
    """Machines of one scenario, with their state; the same steps make a back-filled year and a live minute."""

    def __init__(self, layout: Layout, climates: dict[str, Climate], state: FleetState) -> None:
        self.layout = layout
        self.climates = climates
        self.state = state
        self._root = layout.scenario.seed
        self.magazines = tuple(Magazine(self._root, place) for place in layout.renewed)
        self._life = LifeColumns(layout)
        for k, number in enumerate(state.install_no):
            self._life.load(k, int(number))
        self.worn_out = np.zeros(len(layout.worn))
        self._day = -1
        self._day_draws = np.zeros(0)

    def advance(self, edges_s: Array) -> Trace:
        """Run from the present to the last edge, a tick between two edges; ticks do not cross an hour."""
        layout = self.layout
        recorder = Recorder(edges_s, len(layout.machines), len(layout.worn), len(layout.renewed))
        recorder.start_clock(self.state.clock)
        hours = self._calendar(edges_s)
        for tick in range(len(edges_s) - 1):
            self._tick(tick, recorder, hours)
        return recorder.trace()

    def open_lives(self) -> list[TrueLife]:
        """Describe the parts that are in the machines now."""
        worn = [self._life_of(k, removed_s=None, reason=None) for k in range(len(self.layout.worn))]
        tools = [
            magazine.life(self._opened(r), removed=None, damage=magazine.damage_at(self.state.clock[r]))
            for r, magazine in enumerate(self.magazines)
        ]
        return worn + tools

    def signs(self) -> tuple[Array, Array]:
        """Give severity and progress of every worn slot, shape (K,) each; a sudden failure has no severity."""
        level = self._life.progress(self.state.damage)
        return self._life.severity(level), level

    def hasten(self, k: int, run_hours: float) -> None:
        """Let the part in slot `k` use up what is left of it in about that many operating hours."""
        self.state.haste[k] = max(self.remaining_use()[k] / run_hours / self.layout.scenario.damage_speed, 1.0)

    def order_exchange(self, machine: str, slot: str) -> None:
        """Let a part be exchanged at once, whatever its state."""
        for k, place in enumerate(self.layout.worn):
            if (place.machine.id, place.slot.id) == (machine, slot):
                self.state.due_s[k] = self.state.at_s - _OVERDUE_S

    def remaining_use(self) -> Array:
        """Give the use at reference stress that each worn slot has left before its threshold, shape (K,)."""
        return np.maximum(self._life.threshold - self.state.damage, 0.0) * self._life.life

    def progress_share(self) -> Array:
        """Give progress from onset to failure for lives that will show it, NaN for sudden ones, shape (K,)."""
        return np.where(self._life.sudden, np.nan, self.signs()[1])

    def _tick(self, tick: int, recorder: Recorder, hours: tuple[NDArray[np.bool_], NDArray[np.bool_]]) -> None:
        state, layout = self.state, self.layout
        start_s, end_s = recorder.edges_s[tick], recorder.edges_s[tick + 1]
        self._new_day(start_s)
        available = state.down_until_s <= start_s
        powered, working = hours[0][tick] & available, hours[1][tick] & available
        if start_s % HOUR_S == 0:
            self._choose_jobs(start_s, working)
        self._switch_on(start_s, powered)
        recorder.record_operation(tick, powered, working, state.job)
        recorder.record_start(tick, state.on_from_s)
        recorder.record_wear(tick, 0, *self.signs())
        everyone = np.arange(len(layout.machines))
        run_h = working * layout.run_share[everyone, state.job] * (end_s - start_s) / HOUR_S
        starts = (powered & ~state.was_on) + run_h * layout.starts_per_h[everyone, state.job]
        self._wear(run_h, starts, start_s, end_s)
        self._turn_tools(run_h, start_s, end_s, recorder)
        state.run_hours += run_h
        state.was_on = powered.copy()
        recorder.record_wear(tick, 1, *self.signs())
        recorder.record_damage(tick, state.damage / self._life.threshold, self.remaining_use(), state.clock)
        state.at_s = float(end_s)
        self._attend(tick, recorder, working)

    def _wear(self, run_h: Array, starts: Array, start_s: float, end_s: float) -> None:
        state, layout = self.state, self.layout
        of = layout.machine_of_worn
        job = state.job[of]
        rows = np.arange(len(of))
        use = np.where(layout.calendar_unit, (end_s - start_s) / 86_400.0, run_h[of])
        stress = layout.stress[rows, job] * self._thermal(start_s, job)
        shown, _ = self.signs()
        if len(layout.cause):
            np.multiply.at(stress, layout.effect, 1.0 + layout.factor * np.minimum(shown[layout.cause], 1.5))
        noisy = np.maximum(0.0, 1.0 + 0.8 * self._day_noise) / NOISE_MEAN
        pace = np.where(layout.calendar_unit, 1.0, stress * noisy)
        wear = use * np.where(state.haste > 1.0, state.haste, pace) + starts[of] * layout.start_units
        wear = wear * layout.scenario.damage_speed + self._shocks(run_h[of], start_s) * self._life.life
        state.damage = state.damage + wear / self._life.life
        self.worn_out += wear
        state.use += use
        level = self._life.progress(state.damage)
        state.onset_s = np.where(np.isnan(state.onset_s) & (level > self._life.shows_from), end_s, state.onset_s)

    def _thermal(self, start_s: float, job: NDArray[np.int64]) -> Array:
        layout = self.layout
        halving = layout.halving_k
        ambient = self._ambient(start_s)[layout.machine_of_worn]
        hot = ambient + layout.rise_k * layout.load[layout.machine_of_worn, job]
        doublings = np.divide(hot - layout.reference_c, halving, out=np.zeros_like(halving), where=halving > 0)
        return np.asarray(2.0 ** np.clip(doublings, -1.0, 2.5))

    def _ambient(self, at_s: float) -> Array:
        by_site = {site: float(climate.ambient_c(np.array([at_s]))[0]) for site, climate in self.climates.items()}
        return np.array([by_site[machine.site] for machine in self.layout.machines])

    def _shocks(self, run_h: Array, start_s: float) -> Array:
        if start_s % HOUR_S:
            return np.zeros_like(run_h)
        strikes = (run_h > 0) & (self._shock_hour == (int(start_s) // HOUR_S) % 24)
        return np.where(strikes, self._shock_size, 0.0)

    def _turn_tools(self, run_h: Array, start_s: float, end_s: float, recorder: Recorder) -> None:
        state, layout = self.state, self.layout
        for r, magazine in enumerate(self.magazines):
            machine = layout.machine_of_renewed[r]
            minutes = run_h[machine] * 60.0
            if minutes <= 0:
                continue
            worn = minutes * layout.renewal_stress[r, state.job[machine]]
            meter = state.run_hours[machine] * 60.0
            stretch = Stretch(
                from_s=start_s, to_s=end_s, wear_from=state.clock[r], wear_to=state.clock[r] + worn,
                meter_from=meter, meter_to=meter + minutes,
            )  # fmt: skip
            lives, opened = magazine.changes(stretch, self._opened(r))
            state.tool[r], state.tool_installed_s[r], state.tool_meter[r] = opened
            state.clock[r] += worn
            recorder.removals.extend(lives)

    def _attend(self, tick: int, recorder: Recorder, working: NDArray[np.bool_]) -> None:
        state = self.state
        failed = state.damage > self._life.threshold
        level = self._life.progress(state.damage)
        wanted = (level >= self._life.notice) & ~self._life.sudden | (state.use >= self._life.planned)
        for k in np.flatnonzero(wanted & np.isinf(state.due_s)):
            state.due_s[k] = state.at_s + HOUR_S * (4.0 + 130.0 * self._life.chance[k, 0] ** 1.5)
        due = (state.due_s <= state.at_s) & ~failed
        if not (failed.any() or due.any()):
            return
        idle_now = ~working[self.layout.machine_of_worn]
        overdue = state.due_s + _OVERDUE_S <= state.at_s
        for k in np.flatnonzero(failed):
            self._fail(int(k), tick, recorder)
        for k in np.flatnonzero(due & (idle_now | overdue)):
            if np.isfinite(state.due_s[k]):
                self._replace(int(k), self._planned_reason(int(k)), 0.3, recorder)

    def _fail(self, k: int, tick: int, recorder: Recorder) -> None:
        state, layout = self.state, self.layout
        machine = int(layout.machine_of_worn[k])
        share = 0.1 + 0.85 * self._life.chance[k, 1]
        failed_s = recorder.edges_s[tick] + share * (recorder.edges_s[tick + 1] - recorder.edges_s[tick])
        recorder.stop(tick, machine, failed_s)
        recorder.removals.append(self._life_of(k, removed_s=failed_s, reason=Reason.FAILED))
        back_s = failed_s + self._life.repair_h[k] * HOUR_S
        state.down_until_s[machine] = max(state.down_until_s[machine], np.ceil(back_s / 60.0) * 60.0)
        self._install(k, state.down_until_s[machine])
        for other in np.flatnonzero(layout.machine_of_worn == machine):
            near = state.use[other] >= 0.85 * self._life.planned[other]
            if other != k and (near or np.isfinite(state.due_s[other])):
                self._replace(int(other), Reason.OPPORTUNISTIC, 0.0, recorder)

    def _replace(self, k: int, reason: Reason, down_share: float, recorder: Recorder) -> None:
        state = self.state
        machine = int(self.layout.machine_of_worn[k])
        recorder.removals.append(self._life_of(k, removed_s=state.at_s, reason=reason))
        back_s = state.at_s + down_share * self._life.repair_h[k] * HOUR_S
        state.down_until_s[machine] = max(state.down_until_s[machine], np.ceil(back_s / 60.0) * 60.0)
        self._install(k, max(back_s, state.at_s))

    def _planned_reason(self, k: int) -> Reason:
        by_calendar = self.state.use[k] >= self._life.planned[k]
        return Reason.PLANNED if by_calendar or self._life.chance[k, 2] < 0.6 else Reason.INSPECTION

    def _install(self, k: int, at_s: float) -> None:
        state = self.state
        repair = self.layout.worn[k].law.upkeep.repair
        worn = float(state.damage[k] / self._life.threshold[k])
        left = left_behind(repair, worn, self._life.chance[k, 3:5])
        state.install_no[k] += 1
        state.use[k] = 0.0
        state.installed_s[k] = at_s
        state.meter_at_install[k] = self.meter(k)
        state.onset_s[k] = np.nan
        state.due_s[k] = np.inf
        state.haste[k] = 1.0
        self._life.load(k, int(state.install_no[k]))
        state.restored[k] = left
        state.damage[k] = left * self._life.threshold[k]

    def meter(self, k: int) -> float:
        """Give the meter that a worn slot's life is counted on, in the part's life unit."""
        if self.layout.calendar_unit[k]:
            return self.state.at_s / 86_400.0
        return float(self.state.run_hours[self.layout.machine_of_worn[k]])

    def _life_of(self, k: int, *, removed_s: float | None, reason: Reason | None) -> TrueLife:
        state, life = self.state, self._life
        place = self.layout.worn[k]
        onset_s = float(state.onset_s[k])
        return TrueLife(
            machine=place.machine.id, slot=place.slot.id, install_no=int(state.install_no[k]),
            installed_s=float(state.installed_s[k]), meter_at_install=float(state.meter_at_install[k]),
            removed_s=None if removed_s is None else float(removed_s),
            meter_at_removal=None if removed_s is None else float(state.meter_at_install[k] + state.use[k]),
            reason=reason, true_life=float(life.life[k] * life.threshold[k]),
            damage=float(state.damage[k] / life.threshold[k]),
            onset_s=None if np.isnan(onset_s) or life.sudden[k] else onset_s,
            sudden=bool(life.sudden[k]), restored=float(state.restored[k]), chance=tuple(life.chance[k].tolist()),
        )  # fmt: skip

    def _opened(self, r: int) -> tuple[int, float, float]:
        state = self.state
        return int(state.tool[r]), float(state.tool_installed_s[r]), float(state.tool_meter[r])

    def _new_day(self, at_s: float) -> None:
        day = int(at_s) // 86_400
        if day == self._day:
            return
        self._day = day
        width = 3 * _HOUR_DRAWS + 3 * _SLOT_DRAWS
        self._day_draws = np.array(
            [keyed_uniforms(self._root, machine.id, "day", day, count=width) for machine in self.layout.machines]
        )
        of, position = self.layout.machine_of_worn, _positions(self.layout.machine_of_worn)
        columns = self._day_draws[of, 3 * _HOUR_DRAWS :].reshape(len(of), _SLOT_DRAWS, 3)[np.arange(len(of)), position]
        self._day_noise = normal(columns[:, 0], mean=0.0, sd=1.0)
        self._shock_hour = np.floor(columns[:, 1] / SHOCKS_PER_H).astype(np.int64)
        self._shock_size = lognormal(columns[:, 2], median=np.exp(-3.5), ln_sd=0.7)

    def _choose_jobs(self, at_s: float, working: NDArray[np.bool_]) -> None:
        hour = (int(at_s) // HOUR_S) % 24
        leave, pick = self._day_draws[:, hour], self._day_draws[:, _HOUR_DRAWS + hour]
        everyone = np.arange(len(working))
        over = working & (leave < 1.0 / self.layout.mean_hours[everyone, self.state.job])
        for n in np.flatnonzero(over):
            weights = np.cumsum([job.weight for job in self.layout.jobs[n]])
            self.state.job[n] = int(np.searchsorted(weights, pick[n] * weights[-1]))

    def _switch_on(self, at_s: float, powered: NDArray[np.bool_]) -> None:
        """Let a shift begin some minutes late; a machine that comes back within the hour is on at once."""
        starting = powered & ~self.state.was_on
        hour = (int(at_s) // HOUR_S) % 24
        late_s = np.floor(self._day_draws[:, 2 * _HOUR_DRAWS + hour] * 10.0) * 60.0 if at_s % HOUR_S == 0 else 0.0
        self.state.on_from_s = np.where(starting, at_s + late_s, self.state.on_from_s)

    def _calendar(self, edges_s: Array) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        layout = self.layout
        first = int(edges_s[0] // HOUR_S)
        tick_hour = (edges_s[:-1] // HOUR_S).astype(np.int64) - first
        tables: dict[tuple[str, int], tuple[NDArray[np.bool_], NDArray[np.bool_]]] = {}
        columns = []
        for machine, offset in zip(layout.machines, layout.offsets_s, strict=True):
            shifts = layout.scenario.shifts_of(machine.id)
            key = (shifts.name, int(offset))
            if key not in tables:
                hours = shift_hours(shifts, first, int(tick_hour[-1]) + 1, int(offset))
                tables[key] = (hours.powered[tick_hour], hours.working[tick_hour])
            columns.append(tables[key])
        return np.stack([c[0] for c in columns], axis=1), np.stack([c[1] for c in columns], axis=1)


def _positions(of: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give each worn slot's place among the slots of its machine; slots of a machine lie together."""
    first = np.searchsorted(of, of, side="left")
    return np.asarray(np.arange(len(of)) - first)
