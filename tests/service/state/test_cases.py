"""Cases are kept whole, in order, and within the actor's sites; on both engines."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from configs.plant import MachineId, SiteId
from service.actor import SYSTEM, Actor, Role
from service.advisory import handling
from service.advisory.case import Case, CaseState, Severity, Verdict
from service.advisory.case_change import CaseChange, apply_changes
from service.advisory.case_event import CaseEventKind
from service.advisory.decide import DecisionContext, Settled, decide
from service.errors import InvalidRequestError, NotFoundError
from service.state import cases
from service.state.database import StateDatabase
from tests.fakes.conclusions import NOW, a_limit, a_prediction, ago, an_anomaly, an_assessment

BUSAN = SiteId("busan")
STRANGER = Actor(id="x", name="Stranger", role=Role.ADMINISTRATOR, sites=frozenset({SiteId("seoul")}))
NEIGHBOUR = Actor(id="y", name="Neighbour", role=Role.VIEWER, sites=frozenset({BUSAN}))


def raised(machine: str = "pump1", *conditions, at=NOW, **more) -> tuple[Case, tuple[CaseChange, ...]]:
    assessment = an_assessment(*(conditions or (an_anomaly(since=at),)), machine=machine, assessed_until=at, **more)
    changes = decide(assessment, None, DecisionContext(), at)
    case = apply_changes(None, changes)
    assert case is not None
    return case, changes


def keep(database: StateDatabase, case: Case, changes: tuple[CaseChange, ...]) -> Case:
    with database.transaction() as session:
        cases.save_case(session, case, BUSAN, changes)
    return case


def closed(case: Case, at=NOW, by: str = "Kim") -> tuple[Case, tuple[CaseChange, ...]]:
    verdicts = tuple(handling.FindingVerdict(finding=f.id, verdict=Verdict.PREVENTED, note="n") for f in case.findings)
    changes = handling.close(case, verdicts, by=by, now=at)
    after = apply_changes(case, changes)
    assert after is not None
    return after, changes


def test_a_case_comes_back_as_it_was_kept(database: StateDatabase) -> None:
    case = keep(database, *raised("pump1", an_anomaly(), a_limit(), predictions=(a_prediction(),)))
    with database.reading() as session:
        assert cases.get_case(session, SYSTEM, case.id) == case
        assert cases.open_case_of(session, SYSTEM, case.machine) == case
        assert cases.open_cases(session, SYSTEM) == (case,)
        assert cases.site_of(session, case.id) == BUSAN
        assert cases.exists(session, case.id)


def test_a_changed_case_replaces_itself_and_its_record_grows(database: StateDatabase) -> None:
    case = keep(database, *raised())
    after, changes = closed(case)
    keep(database, after, changes)
    with database.reading() as session:
        assert cases.get_case(session, SYSTEM, case.id) == after
        assert cases.open_case_of(session, SYSTEM, case.machine) is None
        record = cases.history_of(session, SYSTEM, case.id)
    assert [each.number for each in record] == list(range(1, after.version + 1))
    assert [each.kind for each in record] == [
        CaseEventKind.RAISED,
        CaseEventKind.FINDING_ADDED,
        CaseEventKind.FINDING_JUDGED,
        CaseEventKind.CLOSED,
    ]
    assert (record[0].severity, record[2].finding_key, record[2].note, record[3].by) == (
        Severity.WATCH,
        "anomaly",
        "n",
        "Kim",
    )


def test_a_second_open_case_of_a_machine_is_impossible(database: StateDatabase) -> None:
    keep(database, *raised(at=NOW))
    second = raised(at=NOW + timedelta(minutes=1))
    with pytest.raises(IntegrityError):
        keep(database, *second)
    with database.reading() as session:
        assert len(cases.list_cases(session, SYSTEM)) == 1


def test_a_closed_case_makes_room_for_the_next(database: StateDatabase) -> None:
    first = keep(database, *raised())
    keep(database, *closed(first))
    second = keep(database, *raised(at=NOW + timedelta(minutes=1)))
    with database.reading() as session:
        assert [each.id for each in cases.list_cases(session, SYSTEM)] == [second.id, first.id]
        assert cases.list_cases(session, SYSTEM, state=CaseState.CLOSED)[0].id == first.id
        assert cases.list_cases(session, SYSTEM, machine=MachineId("other")) == ()


def test_pages_follow_each_other_without_gap_or_repeat(database: StateDatabase) -> None:
    kept = [keep(database, *raised(f"m{i}", at=ago(minutes=i // 2))) for i in range(7)]
    seen: list[str] = []
    before = None
    with database.reading() as session:
        while page := cases.list_cases(session, SYSTEM, before=before, limit=3):
            seen += [each.id for each in page]
            before = seen[-1]
    assert sorted(seen) == sorted(each.id for each in kept)
    times = {each.id: each.raised_at for each in kept}
    assert [times[each] for each in seen] == sorted(times.values(), reverse=True)


def test_open_cases_come_most_severe_first(database: StateDatabase) -> None:
    watch = keep(database, *raised("a"))
    warning = keep(database, *raised("b", a_limit()))
    with database.reading() as session:
        assert [each.id for each in cases.open_cases(session, SYSTEM)] == [warning.id, watch.id]


def test_cases_of_other_sites_are_not_there(database: StateDatabase) -> None:
    case = keep(database, *raised())
    with database.reading() as session:
        assert cases.get_case(session, NEIGHBOUR, case.id) == case
        assert cases.list_cases(session, STRANGER) == ()
        assert cases.open_cases(session, STRANGER) == ()
        assert cases.open_case_of(session, STRANGER, case.machine) is None
        for query in (cases.get_case, cases.history_of):
            with pytest.raises(NotFoundError):
                query(session, STRANGER, case.id)
    with database.transaction() as session, pytest.raises(NotFoundError):
        cases.lock_case(session, STRANGER, case.id)


def test_the_last_judgement_of_each_kind_of_finding_is_remembered(database: StateDatabase) -> None:
    first = keep(database, *raised(at=ago(days=3)))
    keep(database, *closed(first, at=ago(days=2)))
    second = keep(database, *raised("pump1", an_anomaly(since=ago(hours=5), until=ago(hours=4)), a_limit(), at=NOW))
    keep(database, *closed(second))
    with database.reading() as session:
        found = cases.settled_findings(session, ago(days=30))
        assert cases.settled_findings(session, NOW + timedelta(seconds=1)) == {}
    assert {each.key: each for each in found[MachineId("pump1")]} == {
        "anomaly": Settled(
            key="anomaly", severity=Severity.WATCH, started_at=ago(hours=5), closed_at=NOW, until=ago(hours=4)
        ),
        "limit:vib:warning": Settled(
            key="limit:vib:warning",
            severity=Severity.WARNING,
            started_at=ago(minutes=5),
            closed_at=NOW,
            until=NOW,
        ),
    }


def test_an_identifier_that_cannot_be_kept_finds_nothing(database: StateDatabase) -> None:
    def look() -> None:
        with database.reading() as session:
            cases.get_case(session, SYSTEM, "a\x00b")

    with pytest.raises((NotFoundError, InvalidRequestError)):
        look()
