"""Acknowledging and closing cases: one transaction, one winner; on both engines."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest

from configs.plant import SiteId
from ingest.label import LabelKind
from service.actions import cases as actions
from service.actions.cases import FindingVerdict
from service.actions.conclusions import Conclusions, record
from service.actor import SYSTEM, Actor, Role
from service.advisory.case import Case, CaseState
from service.errors import ConflictError, InvalidRequestError, NotAllowedError, NotFoundError, PreconditionError
from service.state import audit, cases, labels, outbox, predictions
from service.state.database import StateDatabase
from tests.fakes.conclusions import NOW, a_limit, a_prediction, an_anomaly, an_assessment
from tests.fakes.plants import a_plant

SOON = NOW + timedelta(minutes=5)
KIM = Actor(id="k", name="Kim", role=Role.OPERATOR, sites=None)
LEE = Actor(id="l", name="Lee", role=Role.TECHNICIAN, sites=frozenset({SiteId("busan")}))
VIEWER = Actor(id="v", name="Viewer", role=Role.VIEWER, sites=None)
STRANGER = Actor(id="s", name="Stranger", role=Role.ADMINISTRATOR, sites=frozenset({SiteId("seoul")}))


def raised(database: StateDatabase, *conditions, predicted=()) -> Case:
    assessment = an_assessment(*(conditions or (an_anomaly(),)), predictions=predicted)
    conclusions = Conclusions(plant=a_plant(), assessments=(assessment,), health=(), watermarks=())
    return record(database, conclusions, now=NOW).cases[0].case


def verdicts(case: Case, verdict: LabelKind = LabelKind.REAL_FAILURE) -> tuple[FindingVerdict, ...]:
    return tuple(FindingVerdict(finding=each.id, verdict=verdict) for each in case.findings)


def stored(database: StateDatabase, case: Case) -> Case:
    with database.reading() as session:
        return cases.get_case(session, SYSTEM, case.id)


def trail(database: StateDatabase) -> list[tuple[str, str]]:
    with database.reading() as session:
        return [(each.actor_name, each.act.action) for each in audit.list_entries(session, SYSTEM)]


def test_acknowledging_is_kept_with_its_trail(database: StateDatabase) -> None:
    case = raised(database)
    known = actions.acknowledge(database, KIM, case.id, expected_version=case.version, now=SOON)
    assert (known.state, known.acknowledged_by, known.version) == (CaseState.ACKNOWLEDGED, "Kim", case.version + 1)
    assert stored(database, case) == known
    assert trail(database)[0] == ("Kim", "acknowledged")


def test_acknowledging_again_changes_nothing(database: StateDatabase) -> None:
    case = raised(database)
    first = actions.acknowledge(database, KIM, case.id, expected_version=case.version, now=SOON)
    again = actions.acknowledge(database, KIM, case.id, expected_version=case.version, now=SOON)
    assert again == first
    assert len(trail(database)) == 2


def test_of_two_who_acknowledge_at_once_one_wins_and_the_other_learns_who(database: StateDatabase) -> None:
    case = raised(database)
    outcomes = at_once(
        lambda: actions.acknowledge(database, KIM, case.id, expected_version=case.version, now=SOON).acknowledged_by,
        lambda: actions.acknowledge(database, LEE, case.id, expected_version=case.version, now=SOON).acknowledged_by,
    )
    winners = [each for each in outcomes if isinstance(each, str)]
    losers = [each for each in outcomes if isinstance(each, ConflictError)]
    assert (len(winners), len(losers)) == (1, 1)
    assert f"{winners[0]} acknowledged case" in str(losers[0])


def test_of_two_who_close_at_once_one_wins(database: StateDatabase) -> None:
    case = raised(database)
    lee, max_ = LEE, Actor(id="m", name="Max", role=Role.ENGINEER, sites=None)
    outcomes = at_once(
        *(
            lambda who=who: (
                actions.close(
                    database, who, case.id, verdicts=verdicts(case), expected_version=None, now=SOON
                ).closed_by
            )
            for who in (lee, max_)
        )
    )
    assert sorted(type(each).__name__ for each in outcomes) == ["ConflictError", "str"]
    with database.reading() as session:
        assert len(labels.all_labels(session)) == 1


def test_closing_makes_a_label_of_every_verdict_and_asks_for_fresh_predictions(database: StateDatabase) -> None:
    case = raised(database, an_anomaly(), a_limit(), predicted=(a_prediction(),))
    closed = actions.close(database, LEE, case.id, verdicts=verdicts(case), expected_version=case.version, now=SOON)
    assert (closed.state, closed.closed_by) == (CaseState.CLOSED, "Lee")
    assert stored(database, case) == closed
    with database.reading() as session:
        found = labels.all_labels(session)
        assert predictions.stale(session) == {("pump1", "seal")}
    assert [(each.kind, each.said_by, each.end) for each in found] == [(LabelKind.REAL_FAILURE, "Lee", SOON)] * 3


def test_a_case_that_is_not_judged_whole_stays_open(database: StateDatabase) -> None:
    case = raised(database, an_anomaly(), a_limit())
    with pytest.raises(InvalidRequestError, match="every finding needs one"):
        actions.close(database, LEE, case.id, verdicts=verdicts(case)[1:], expected_version=None, now=SOON)
    assert stored(database, case) == case
    with database.reading() as session:
        assert labels.all_labels(session) == ()


def test_a_case_that_changed_meanwhile_is_not_closed(database: StateDatabase) -> None:
    case = raised(database)
    actions.acknowledge(database, KIM, case.id, expected_version=None, now=SOON)
    with pytest.raises(PreconditionError):
        actions.close(database, LEE, case.id, verdicts=verdicts(case), expected_version=case.version, now=SOON)


def test_a_closed_case_says_who_closed_it(database: StateDatabase) -> None:
    case = raised(database)
    actions.close(database, LEE, case.id, verdicts=verdicts(case), expected_version=None, now=SOON)
    with pytest.raises(ConflictError, match="Lee has closed case"):
        actions.acknowledge(database, KIM, case.id, expected_version=case.version, now=SOON)
    with pytest.raises(ConflictError, match="Lee has closed case"):
        actions.close(database, LEE, case.id, verdicts=verdicts(case), expected_version=case.version, now=SOON)


def test_only_those_who_may_can(database: StateDatabase) -> None:
    case = raised(database)
    with pytest.raises(NotAllowedError):
        actions.acknowledge(database, VIEWER, case.id, expected_version=None, now=SOON)
    with pytest.raises(NotAllowedError):
        actions.close(database, KIM, case.id, verdicts=verdicts(case), expected_version=None, now=SOON)
    for deed in (
        lambda: actions.acknowledge(database, STRANGER, case.id, expected_version=None, now=SOON),
        lambda: actions.close(database, STRANGER, case.id, verdicts=(), expected_version=None, now=SOON),
        lambda: actions.acknowledge(database, KIM, "no-such-case", expected_version=None, now=SOON),
    ):
        with pytest.raises(NotFoundError):
            deed()
    assert stored(database, case) == case


def test_a_case_that_is_raised_is_told_once(database: StateDatabase) -> None:
    case = raised(database)
    with database.reading() as session:
        waiting = outbox.pending(session, NOW)
    assert [(each.notice.kind, each.notice.key) for each in waiting] == [
        ("case_raised", f"case:{case.id}:raised:{case.version}")
    ]


def at_once(*deeds: Callable[[], object]) -> list[object]:
    """Do all the deeds at the same moment, each in a thread of its own; return what each gave or raised."""
    barrier, outcomes = threading.Barrier(len(deeds)), []

    def run(deed: Callable[[], object]) -> None:
        barrier.wait(10)
        try:
            outcomes.append(deed())
        except Exception as error:  # noqa: BLE001
            outcomes.append(error)

    threads = [threading.Thread(target=run, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return outcomes
