"""Whatever the monitor and people do, in any order, the state database stays whole."""

import shutil
import tempfile
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import func, select

from configs.plant import LifeUnit, LimitLevel, MachineId
from ingest.meter import MeterState
from ingest.part_life import RemovalReason
from service.actions import cases as case_actions
from service.actions.cases import FindingVerdict
from service.actions.conclusions import Conclusions, record
from service.actions.out_of_service import return_to_service, set_out_of_service
from service.actions.part_lives import Installation, Removal, record_installation, record_removal
from service.actor import SYSTEM, Actor, Role
from service.advisory.case import Case, CaseState, Verdict
from service.errors import ConflictError
from service.state import audit, cases, labels, part_lives
from service.state.database import StateDatabase, sqlite_url
from service.state.tables import OutboxRow
from tests.fakes.conclusions import NOW, a_limit, a_prediction, a_silence, an_anomaly, an_assessment, ns
from tests.fakes.meters import MemoryMeters
from tests.fakes.plants import a_plant

PLANT = a_plant()
PUMP = PLANT.machines[0]
PEOPLE = tuple(Actor(id=n, name=n, role=Role.TECHNICIAN, sites=None) for n in ("Kim", "Lee"))
METERS = MemoryMeters(MeterState(machine=PUMP.id, unit=LifeUnit.OPERATING_HOURS, value=9e6, at_ns=ns(NOW)))


class CaseLife(RuleBasedStateMachine):
    """The monitor and two people at work on one machine."""

    template: Path

    @initialize()
    def start(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="yeji-life-"))
        shutil.copy(self.template, self.folder / "state.sqlite")
        self.database = StateDatabase(sqlite_url(self.folder / "state.sqlite"))
        self.now = NOW
        self.judged = 0
        wish = Installation(machine=PUMP.id, slot=PUMP.slots[0].id, meter=0.0)
        self.life = record_installation(self.database, PEOPLE[0], wish, plant=PLANT, meters=METERS, now=self.now)

    @rule(minutes=st.integers(1, 3000))
    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(
        shapes=st.sets(st.sampled_from(["limit", "critical", "anomaly", "silence"])),
        soon=st.floats(0, 1),
        asks=st.booleans(),
        age=st.integers(0, 4000),
    )
    def assess(self, shapes: set[str], soon: float, asks: bool, age: int) -> None:
        since = self.now - timedelta(minutes=age)
        made = {
            "limit": a_limit(since=since),
            "critical": a_limit("temp", since=since, level=LimitLevel.CRITICAL),
            "anomaly": an_anomaly(since=since, until=self.now - timedelta(minutes=age // 2)),
            "silence": a_silence(since=since),
        }
        prediction = replace(a_prediction(soon=soon), made_at=self.now, raises_case=asks)
        assessment = an_assessment(
            *(made[shape] for shape in sorted(shapes)), predictions=(prediction,), assessed_until=self.now
        )
        conclusions = Conclusions(plant=PLANT, assessments=(assessment,), health=(), watermarks=())
        record(self.database, conclusions, now=self.now)

    @rule(who=st.sampled_from(PEOPLE))
    def acknowledge(self, who: Actor) -> None:
        if (case := self.open_case()) is not None:
            case_actions.acknowledge(self.database, who, case.id, expected_version=case.version, now=self.now)

    @rule(who=st.sampled_from(PEOPLE), verdict=st.sampled_from(list(Verdict)))
    def close(self, who: Actor, verdict: Verdict) -> None:
        if (case := self.open_case()) is not None:
            verdicts = tuple(FindingVerdict(finding=each.id, verdict=verdict) for each in case.findings)
            case_actions.close(
                self.database, who, case.id, verdicts=verdicts, expected_version=case.version, now=self.now
            )
            self.judged += len(verdicts)

    @rule(who=st.sampled_from(PEOPLE), reason=st.sampled_from(list(RemovalReason)))
    def replace_part(self, who: Actor, reason: RemovalReason) -> None:
        self.now += timedelta(minutes=1)
        removal = Removal(life_id=self.life.id, reason=reason)
        _, self.life = record_removal(self.database, who, removal, plant=a_plant(), meters=METERS, now=self.now)

    @rule()
    def take_out(self) -> None:
        until = self.now + timedelta(hours=5)
        set_out_of_service(self.database, PEOPLE[0], PUMP, until=until, reason="overhaul", now=self.now)

    @rule()
    def put_back(self) -> None:
        with suppress(ConflictError):
            return_to_service(self.database, PEOPLE[0], PUMP, now=self.now)

    @invariant()
    def everything_is_whole(self) -> None:
        with self.database.reading() as session:
            found = cases.list_cases(session, SYSTEM, limit=1000)
            for case in found:
                record_ = cases.history_of(session, SYSTEM, case.id)
                assert [each.number for each in record_] == list(range(1, case.version + 1))
                assert case.findings
            assert sum(each.state is not CaseState.CLOSED for each in found) <= 1
            assert len(part_lives.open_lives(session, SYSTEM)) == 1
            assert len(labels.all_labels(session)) <= self.judged
            assert audit.first_broken_link(session) is None
            notices = select(func.count()).select_from(OutboxRow).where(OutboxRow.kind == "case_raised")
            assert (session.scalar(notices) or 0) <= sum(not each.history for each in found)

    def open_case(self) -> Case | None:
        with self.database.reading() as session:
            return cases.open_case_of(session, SYSTEM, MachineId(PUMP.id))

    def teardown(self) -> None:
        self.database.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def test_no_order_of_events_breaks_the_state(migrated_sqlite: Path) -> None:
    class OnTemplate(CaseLife):
        template = migrated_sqlite

    quick = settings(max_examples=8, stateful_step_count=25, deadline=None)
    thorough = settings.get_current_profile_name() == "nightly"
    run_state_machine_as_test(OnTemplate, settings=settings() if thorough else quick)
