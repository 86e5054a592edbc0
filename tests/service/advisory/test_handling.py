"""What people do with a case."""

from dataclasses import replace
from datetime import timedelta

import pytest

from configs.plant import SlotId
from ingest.label import Label
from service.advisory.case import Case, CaseState, Verdict
from service.advisory.case_change import CaseChange, apply_changes, event_of
from service.advisory.case_event import CaseEvent, CaseEventKind
from service.advisory.handling import (
    FindingVerdict,
    acknowledge,
    check_version,
    close,
    labels_of,
    part_replaced,
)
from service.errors import ConflictError, InvalidRequestError, PreconditionError
from tests.fakes.conclusions import NOW, a_case, a_limit, a_prediction, ago, an_anomaly

SOON = NOW + timedelta(minutes=10)


def applied(case: Case, changes: tuple[CaseChange, ...]) -> Case:
    changed = apply_changes(case, changes)
    assert changed is not None
    return changed


def verdicts_of(case: Case, verdict: Verdict = Verdict.NOTHING_FOUND) -> tuple[FindingVerdict, ...]:
    return tuple(FindingVerdict(finding=each.id, verdict=verdict, note=" looked at it ") for each in case.findings)


def acknowledged_by(name: str, case: Case) -> Case:
    return applied(case, acknowledge(case, by=name, expected_version=case.version, now=SOON))


def test_acknowledging_says_who_and_when() -> None:
    known = acknowledged_by("Kim", a_case())
    assert (known.state, known.acknowledged_by, known.acknowledged_at) == (CaseState.ACKNOWLEDGED, "Kim", SOON)


def test_acknowledging_twice_changes_nothing() -> None:
    case = a_case()
    known = acknowledged_by("Kim", case)
    assert acknowledge(known, by="Kim", expected_version=case.version, now=SOON) == ()
    assert acknowledge(known, by="Lee", expected_version=None, now=SOON) == ()
    assert acknowledge(known, by="Lee", expected_version=known.version, now=SOON) == ()


def test_whoever_comes_second_learns_who_was_first() -> None:
    case = a_case()
    with pytest.raises(ConflictError, match="Kim acknowledged case"):
        acknowledge(acknowledged_by("Kim", case), by="Lee", expected_version=case.version, now=SOON)


def test_evidence_that_has_changed_must_be_looked_at_again() -> None:
    case = a_case()
    with pytest.raises(PreconditionError, match="look at it again"):
        acknowledge(case, by="Kim", expected_version=case.version - 1, now=SOON)
    check_version(case, case.version)
    check_version(case, None)


def test_a_case_in_progress_counts_as_acknowledged() -> None:
    working = replace(a_case(), state=CaseState.IN_PROGRESS, acknowledged_by="Kim")
    assert acknowledge(working, by="Kim", expected_version=None, now=SOON) == ()


def test_closing_needs_a_verdict_for_every_finding() -> None:
    case = a_case(an_anomaly(), a_limit())
    with pytest.raises(InvalidRequestError, match="say what was found about limit:vib:warning"):
        close(case, verdicts_of(case)[:1], by="Kim", now=SOON)


def test_a_verdict_must_name_a_finding_of_the_case_once() -> None:
    case = a_case()
    stray = FindingVerdict(finding="other", verdict=Verdict.PREVENTED)
    with pytest.raises(InvalidRequestError, match="no finding other"):
        close(case, (*verdicts_of(case), stray), by="Kim", now=SOON)
    with pytest.raises(InvalidRequestError, match="no finding twice"):
        close(case, verdicts_of(case) * 2, by="Kim", now=SOON)


def test_a_note_must_not_be_endless() -> None:
    case = a_case()
    endless = replace(verdicts_of(case)[0], note="x" * 2001)
    with pytest.raises(InvalidRequestError, match="at most 2000"):
        close(case, (endless,), by="Kim", now=SOON)


def test_closing_judges_every_finding_and_says_who() -> None:
    case = a_case(an_anomaly(), a_limit())
    closed = applied(case, close(case, verdicts_of(case), by="Kim", now=SOON))
    assert (closed.state, closed.closed_by, closed.closed_at) == (CaseState.CLOSED, "Kim", SOON)
    assert {each.verdict for each in closed.findings} == {Verdict.NOTHING_FOUND}


def test_a_closed_case_cannot_be_changed() -> None:
    case = a_case()
    closed = applied(case, close(case, verdicts_of(case), by="Kim", now=SOON))
    for deed in (
        lambda: acknowledge(closed, by="Lee", expected_version=None, now=SOON),
        lambda: close(closed, verdicts_of(closed), by="Lee", now=SOON),
    ):
        with pytest.raises(ConflictError, match="Kim has closed case"):
            deed()
    with pytest.raises(ConflictError, match="Yeji has closed case"):
        acknowledge(replace(closed, closed_by=None), by="Lee", expected_version=None, now=SOON)


def test_verdicts_become_labels_over_the_span_of_their_findings() -> None:
    case = a_case(an_anomaly(since=ago(minutes=30)))
    closed = applied(case, close(case, verdicts_of(case, Verdict.REAL_FAILURE), by="Kim", now=SOON))
    assert labels_of(closed) == (
        Label(
            machine=case.machine,
            slot=SlotId("seal"),
            start=ago(minutes=30),
            end=SOON,
            kind=Verdict.REAL_FAILURE,
            said_by="Kim",
            said_at=SOON,
        ),
    )
    assert labels_of(case) == ()
    assert labels_of(replace(closed, findings=case.findings)) == ()


def test_replacing_the_part_ends_the_finding_that_asked_for_it_and_clears_the_case() -> None:
    case = a_case(predictions=(a_prediction(),))
    changes = part_replaced(case, SlotId("seal"), by="Kim", now=SOON)
    assert [change.kind.value for change in changes] == ["part_replaced", "finding_ended", "cleared"]
    replaced = applied(case, changes)
    assert (replaced.cleared_at, replaced.findings[0].ended_at, replaced.state) == (SOON, SOON, CaseState.RAISED)


def test_replacing_the_part_leaves_other_evidence_standing() -> None:
    case = a_case(a_limit(), predictions=(a_prediction(),))
    kinds = [change.kind.value for change in part_replaced(case, SlotId("seal"), by="Kim", now=SOON)]
    assert kinds == ["part_replaced", "finding_ended"]


def test_replacing_a_part_that_nobody_asked_for_is_only_noted() -> None:
    case = a_case(an_anomaly())
    kinds = [change.kind.value for change in part_replaced(case, SlotId("seal"), by="Kim", now=SOON)]
    assert kinds == ["part_replaced"]
    assert part_replaced(case, SlotId("bearing"), by="Kim", now=SOON) == ()


def test_a_change_becomes_an_entry_of_the_record() -> None:
    case = a_case()
    change = acknowledge(case, by="Kim", expected_version=None, now=SOON)[0]
    assert event_of(change, 7) == CaseEvent(
        case_id=case.id,
        number=7,
        at=SOON,
        kind=CaseEventKind.ACKNOWLEDGED,
        by="Kim",
        finding_key=None,
        severity=None,
        note=None,
    )
