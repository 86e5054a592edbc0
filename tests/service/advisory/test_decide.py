"""What evidence does to a case."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from configs.instant import ns_of
from configs.plant import LimitLevel, SlotId
from models.prediction import PredictionStatus
from service.advisory import handling
from service.advisory.assessment import Renewed
from service.advisory.case import Case, CaseState, FindingKind, Severity
from service.advisory.case_change import CaseChange, apply_change, apply_changes
from service.advisory.case_event import CaseEventKind as Kind
from service.advisory.decide import (
    Assessment,
    DecisionContext,
    LeadTime,
    Settled,
    decide,
)
from service.advisory.findings import condition_key
from service.advisory.shelving import OutOfService
from tests.fakes.conclusions import (
    NOW,
    a_case,
    a_limit,
    a_prediction,
    a_silence,
    ago,
    an_anomaly,
    an_assessment,
)

NOTHING = DecisionContext()


def kinds(changes: tuple[CaseChange, ...]) -> list[Kind]:
    return [change.kind for change in changes]


def after(case: Case | None, assessment: Assessment, now: datetime = NOW, context: DecisionContext = NOTHING) -> Case:
    changed = apply_changes(case, decide(assessment, case, context, now))
    assert changed is not None
    return changed


def test_an_anomaly_raises_a_case_that_names_the_sensors_and_the_slot() -> None:
    case = after(None, an_assessment(an_anomaly()))
    finding = case.findings[0]
    assert (case.state, case.severity, case.history, case.raised_at) == (CaseState.RAISED, Severity.WATCH, False, NOW)
    assert (finding.key, finding.kind, finding.slot) == ("anomaly", FindingKind.ANOMALY, "seal")
    assert [(each.sensor, each.value, each.expected) for each in finding.sensors] == [
        ("vib", 4.0, 2.0),
        ("temp", 50.0, 45.0),
    ]


def test_once_the_critical_part_has_been_replaced_what_remains_says_how_urgent_the_case_is() -> None:
    urgent = a_prediction(raises_case=True, soon=0.9)
    case = after(None, an_assessment(an_anomaly(), a_limit(level=LimitLevel.CRITICAL), predictions=(urgent,)))
    assert case.severity is Severity.CRITICAL
    later = NOW + timedelta(hours=2)
    context = DecisionContext(renewed=(Renewed(slot=urgent.slot, at=NOW + timedelta(hours=1)),))
    calm = a_prediction(raises_case=False, made_at=later)
    ended = replace(a_limit(level=LimitLevel.CRITICAL), until_ns=ns_of(later))
    left = after(case, an_assessment(an_anomaly(), ended, predictions=(calm,), assessed_until=later), later, context)
    assert [each.key for each in left.findings if each.ended_at is None] == ["anomaly"]
    assert left.severity is Severity.WATCH
    same_part = after(case, an_assessment(an_anomaly(), ended, predictions=(calm,), assessed_until=later), later)
    assert same_part.severity is Severity.CRITICAL


def test_a_limit_finding_names_its_sensor_and_level() -> None:
    case = after(None, an_assessment(a_limit(level=LimitLevel.CRITICAL)))
    assert [each.key for each in case.findings] == ["limit:vib:critical"]
    assert case.severity is Severity.CRITICAL
    assert [(each.sensor, each.value, each.expected) for each in case.findings[0].sensors] == [("vib", 6.0, 5.0)]


def test_the_first_case_is_told_and_news_of_the_same_evidence_is_not() -> None:
    first = decide(an_assessment(an_anomaly()), None, NOTHING, NOW)
    assert [change.notifies for change in first] == [True, False]
    case = apply_changes(None, first)
    assert decide(an_assessment(an_anomaly()), case, NOTHING, NOW + timedelta(minutes=1)) == ()


def test_new_evidence_joins_the_open_case() -> None:
    case = a_case()
    changes = decide(an_assessment(an_anomaly(), a_limit()), case, NOTHING, NOW)
    assert kinds(changes) == [Kind.FINDING_ADDED, Kind.SEVERITY_RAISED]
    assert {change.case_id for change in changes} == {case.id}


def test_a_rise_of_severity_takes_the_acknowledgement_back_and_is_told() -> None:
    case = a_case()
    known = apply_changes(case, handling.acknowledge(case, by="Kim", expected_version=None, now=NOW))
    changes = decide(an_assessment(an_anomaly(), a_limit()), known, NOTHING, NOW)
    assert changes[-1].notifies
    risen = apply_changes(known, changes)
    assert risen is not None
    assert (risen.state, risen.severity, risen.acknowledged_by) == (CaseState.RAISED, Severity.WARNING, None)


def test_evidence_of_equal_severity_leaves_the_acknowledgement() -> None:
    case = a_case(a_limit())
    known = apply_changes(case, handling.acknowledge(case, by="Kim", expected_version=None, now=NOW))
    grown = after(known, an_assessment(a_limit(), a_limit("temp")))
    assert (grown.state, grown.acknowledged_by, len(grown.findings)) == (CaseState.ACKNOWLEDGED, "Kim", 2)


def test_severity_stays_when_evidence_weakens() -> None:
    case = a_case(an_anomaly(level=LimitLevel.CRITICAL))
    assert after(case, an_assessment(an_anomaly())).severity is Severity.WARNING


def test_a_finding_is_rewritten_only_when_it_has_grown_by_half() -> None:
    case = a_case(an_anomaly(score=1.0))
    assert decide(an_assessment(an_anomaly(score=1.4)), case, NOTHING, NOW) == ()
    assert kinds(decide(an_assessment(an_anomaly(score=1.5)), case, NOTHING, NOW)) == [Kind.FINDING_GREW]


def test_a_finding_that_becomes_more_severe_at_a_lower_score_keeps_its_strongest_evidence() -> None:
    case = a_case(an_anomaly(score=4.0))
    grown = after(case, an_assessment(an_anomaly(score=2.0, level=LimitLevel.CRITICAL)))
    assert (grown.findings[0].score, grown.findings[0].severity) == (4.0, Severity.WARNING)


def test_a_condition_that_ends_ends_its_finding_and_clears_the_case() -> None:
    case = a_case(an_anomaly(since=ago(minutes=30)))
    changes = decide(an_assessment(an_anomaly(since=ago(minutes=30), until=ago(minutes=2))), case, NOTHING, NOW)
    assert kinds(changes) == [Kind.FINDING_ENDED, Kind.CLEARED]
    cleared = apply_changes(case, changes)
    assert cleared is not None
    assert (cleared.state, cleared.cleared_at, cleared.findings[0].ended_at) == (CaseState.RAISED, NOW, ago(minutes=2))


def test_a_condition_that_is_no_longer_told_has_ended_with_the_newest_window() -> None:
    case = a_case(an_anomaly(since=ago(minutes=30)))
    cleared = after(case, an_assessment(assessed_until=ago(minutes=1)))
    assert cleared.findings[0].ended_at == ago(minutes=1)
    assert after(case, an_assessment(assessed_until=None)).findings[0].ended_at == NOW


def test_nothing_ends_while_conditions_are_not_judged() -> None:
    assert decide(an_assessment(conditions=None), a_case(), NOTHING, NOW) == ()


def test_silence_ends_nothing_and_joins_the_case() -> None:
    case = after(a_case(), an_assessment(a_silence()))
    assert [(each.key, each.ended_at) for each in case.findings] == [("anomaly", None), ("no_data", None)]
    assert case.cleared_at is None


def test_silence_is_news_however_old_the_last_reading_is() -> None:
    assessment = an_assessment(a_silence(since=ago(days=3)), assessed_until=ago(days=3))
    assert after(None, assessment).findings[0].kind is FindingKind.NO_DATA


def test_a_finding_that_comes_back_reopens_and_the_case_is_no_longer_cleared() -> None:
    case = a_case(an_anomaly(since=ago(minutes=30)))
    later = NOW + timedelta(minutes=1)
    cleared = after(case, an_assessment(), now=later)
    changes = decide(an_assessment(an_anomaly(since=later)), cleared, NOTHING, later)
    assert kinds(changes) == [Kind.FINDING_RETURNED, Kind.RETURNED]
    returned = apply_changes(cleared, changes)
    assert returned is not None
    assert (returned.cleared_at, returned.findings[0].ended_at, len(returned.findings)) == (None, None, 1)
    assert not any(change.notifies for change in changes)


def test_what_came_and_went_since_the_last_round_is_recorded_and_calls_nobody() -> None:
    changes = decide(an_assessment(an_anomaly(since=ago(hours=2), until=ago(hours=1))), None, NOTHING, NOW)
    assert kinds(changes) == [Kind.RAISED, Kind.FINDING_ADDED, Kind.CLEARED]
    assert not any(change.notifies or change.history for change in changes)


def test_what_nobody_was_told_of_is_told_when_it_comes_back() -> None:
    unseen = after(None, an_assessment(an_anomaly(since=ago(hours=2), until=ago(hours=1))))
    later = NOW + timedelta(minutes=1)
    changes = decide(an_assessment(an_anomaly(since=later)), unseen, NOTHING, later)
    assert [(change.kind, change.notifies) for change in changes] == [
        (Kind.FINDING_RETURNED, False),
        (Kind.RETURNED, True),
    ]


@pytest.mark.parametrize(("minutes", "told"), [(59, False), (60, True)])
def test_evidence_that_comes_back_late_is_told_again_and_takes_the_acknowledgement_back(
    minutes: int, told: bool
) -> None:
    case = a_case(an_anomaly(since=ago(minutes=30)), at=ago(minutes=20))
    known = apply_changes(case, handling.acknowledge(case, by="Kim", expected_version=None, now=NOW))
    cleared = after(known, an_assessment())
    later = NOW + timedelta(minutes=minutes)
    changes = decide(an_assessment(an_anomaly(since=later), assessed_until=later), cleared, NOTHING, later)
    assert changes[-1].notifies is told
    returned = apply_changes(cleared, changes)
    assert returned is not None
    assert (returned.state, returned.acknowledged_by) == (
        (CaseState.RAISED, None) if told else (CaseState.ACKNOWLEDGED, "Kim")
    )


def test_what_came_and_went_and_came_again_is_one_finding() -> None:
    changes = decide(
        an_assessment(an_anomaly(since=ago(hours=2), until=ago(hours=1)), an_anomaly(since=ago(minutes=5))),
        None,
        NOTHING,
        NOW,
    )
    assert kinds(changes) == [Kind.RAISED, Kind.FINDING_ADDED, Kind.FINDING_RETURNED]
    assert changes[0].notifies


def test_an_episode_that_is_in_the_case_already_is_not_written_twice() -> None:
    old = an_anomaly(since=ago(hours=2), until=ago(hours=1))
    case = after(None, an_assessment(old))
    assert decide(an_assessment(old), case, NOTHING, NOW) == ()


def test_old_evidence_makes_a_closed_case_of_history_and_calls_nobody() -> None:
    old = an_anomaly(since=ago(days=40), until=ago(days=39))
    changes = decide(an_assessment(old, assessed_until=ago(days=38)), None, NOTHING, NOW)
    case = apply_changes(None, changes)
    assert case is not None
    assert (case.history, case.state, case.closed_by, case.cleared_at) == (True, CaseState.CLOSED, None, NOW)
    assert not any(change.notifies for change in changes)


def test_history_leaves_the_open_case_alone() -> None:
    case = a_case(a_limit())
    old = an_anomaly(since=ago(days=40), until=ago(days=39))
    changes = decide(an_assessment(old, a_limit()), case, NOTHING, NOW)
    assert case.id not in {change.case_id for change in changes}


def test_the_same_old_episode_has_the_same_case_whenever_it_is_seen() -> None:
    old = an_anomaly(since=ago(days=40), until=ago(days=39))
    first = decide(an_assessment(old), None, NOTHING, NOW)
    second = decide(an_assessment(old), None, NOTHING, NOW + timedelta(hours=3))
    assert {change.case_id for change in first} == {change.case_id for change in second}


def test_a_long_finding_of_the_open_case_that_ended_yesterday_is_no_history() -> None:
    case = a_case(an_anomaly(since=ago(days=5)), at=ago(days=4))
    changes = decide(an_assessment(an_anomaly(since=ago(days=5), until=ago(days=2))), case, NOTHING, NOW)
    assert kinds(changes) == [Kind.FINDING_ENDED, Kind.CLEARED]
    ended = apply_changes(case, changes)
    assert ended is not None
    assert ended.findings[0].ended_at == ago(days=2)


def test_readings_of_long_ago_raise_nothing_while_they_last() -> None:
    assessment = an_assessment(an_anomaly(since=ago(days=40)), assessed_until=ago(days=39))
    assert decide(assessment, None, NOTHING, NOW) == ()
    assert decide(replace(assessment, assessed_until=None), None, NOTHING, NOW) == ()


def test_an_old_reading_that_still_holds_does_not_end_the_finding() -> None:
    case = a_case(an_anomaly(since=ago(days=40)))
    assessment = an_assessment(an_anomaly(since=ago(days=40)), assessed_until=ago(days=2))
    assert decide(assessment, case, NOTHING, NOW) == ()


def test_a_replacement_that_is_due_raises_a_case_about_the_slot() -> None:
    case = after(None, an_assessment(predictions=(a_prediction(),)))
    finding = case.findings[0]
    assert (finding.key, finding.slot, finding.kind, finding.score) == (
        "replace:seal",
        "seal",
        FindingKind.REPLACE,
        0.4,
    )
    assert [each.sensor for each in finding.sensors] == ["vib"]


@pytest.mark.parametrize(
    ("changes", "context"),
    [
        ({"raises_case": False}, NOTHING),
        ({"status": PredictionStatus.LEARNING}, NOTHING),
        ({}, DecisionContext(countdown_slots=frozenset({SlotId("seal")}))),
    ],
    ids=["not due", "no ground for a number", "counts down"],
)
def test_a_prediction_that_asks_for_nothing_raises_nothing(
    changes: dict[str, object], context: DecisionContext
) -> None:
    assert decide(an_assessment(predictions=(a_prediction(**changes),)), None, context, NOW) == ()


def test_lead_time_makes_a_replacement_urgent() -> None:
    prediction = a_prediction(days=30.0, order_by=None)
    context = DecisionContext(lead_times=(LeadTime(slot=SlotId("seal"), days=45.0),))
    assert after(None, an_assessment(predictions=(prediction,)), context=context).severity is Severity.WARNING
    assert after(None, an_assessment(predictions=(prediction,))).severity is Severity.WATCH


def test_a_replacement_is_no_longer_asked_for_when_the_prediction_says_so() -> None:
    case = a_case(predictions=(a_prediction(),))
    later = a_prediction(raises_case=False, made_at=NOW + timedelta(hours=1))
    other = a_prediction("bearing", raises_case=False)
    assert kinds(decide(an_assessment(predictions=(other, later)), case, NOTHING, NOW)) == [
        Kind.FINDING_ENDED,
        Kind.CLEARED,
    ]


def test_a_replacement_is_still_asked_for_when_there_is_no_ground_for_a_number() -> None:
    case = a_case(predictions=(a_prediction(),))
    unsure = a_prediction(status=PredictionStatus.NO_DATA, raises_case=False)
    assert decide(an_assessment(predictions=(unsure,)), case, NOTHING, NOW) == ()
    assert decide(an_assessment(), case, NOTHING, NOW) == ()


OUT = DecisionContext(
    out_of_service=OutOfService(
        machine="pump1", since=ago(hours=1), until=NOW + timedelta(hours=1), reason="overhaul", said_by="Kim"
    )
)


def test_out_of_service_suppresses_new_evidence_and_still_sees_the_end_of_old() -> None:
    assert decide(an_assessment(a_limit()), None, OUT, NOW) == ()
    old = an_anomaly(since=ago(days=40), until=ago(days=39))
    assert decide(an_assessment(old), None, OUT, NOW) == ()
    case = a_case()
    assert kinds(decide(an_assessment(a_limit()), case, OUT, NOW)) == [Kind.FINDING_ENDED, Kind.CLEARED]


def test_evidence_speaks_again_when_the_time_out_of_service_is_over() -> None:
    assert decide(an_assessment(a_limit()), None, OUT, NOW + timedelta(hours=1)) != ()


def test_what_a_person_has_judged_is_not_raised_again_while_it_lasts() -> None:
    judged = Settled(key="anomaly", severity=Severity.WATCH, started_at=ago(hours=1), closed_at=NOW, until=NOW)
    context = DecisionContext(settled=(judged,))
    later = NOW + timedelta(minutes=1)
    assert decide(an_assessment(an_anomaly()), None, context, later) == ()
    assert decide(an_assessment(an_anomaly(level=LimitLevel.CRITICAL)), None, context, later) != ()
    assert decide(an_assessment(an_anomaly(since=later)), None, context, later) != ()
    assert decide(an_assessment(a_limit()), None, context, later) != ()


def test_a_judged_replacement_is_asked_for_again_after_a_week_or_when_it_is_more_urgent() -> None:
    judged = Settled(
        key="replace:seal", severity=Severity.WATCH, started_at=ago(days=7), closed_at=ago(days=6), until=ago(days=6)
    )
    context = DecisionContext(settled=(judged,))
    assert decide(an_assessment(predictions=(a_prediction(),)), None, context, NOW) == ()
    assert decide(an_assessment(predictions=(a_prediction(),)), None, context, NOW + timedelta(days=1)) != ()
    assert decide(an_assessment(predictions=(a_prediction(soon=0.6),)), None, context, NOW) != ()


def test_settled_evidence_that_is_in_the_open_case_is_followed_on() -> None:
    judged = Settled(key="anomaly", severity=Severity.WARNING, started_at=NOW, closed_at=NOW, until=NOW)
    case = a_case()
    assert decide(an_assessment(an_anomaly()), case, DecisionContext(settled=(judged,)), NOW) == ()


def test_a_change_that_makes_no_case_is_refused() -> None:
    change = CaseChange(kind=Kind.ACKNOWLEDGED, case_id="c", machine="pump1", at=NOW)
    with pytest.raises(ValueError, match="cannot make a case"):
        apply_change(None, change)
    with pytest.raises(ValueError, match="names no finding"):
        apply_change(a_case(), replace(change, kind=Kind.FINDING_ENDED))


SENSORS = st.sampled_from(["vib", "temp"])
LEVELS = st.sampled_from(list(LimitLevel))
MINUTES = st.integers(0, 3000)


@st.composite
def conditions(draw: st.DrawFn, at: datetime):
    since = at - timedelta(minutes=draw(MINUTES))
    until = draw(st.none() | st.integers(0, 3000).map(lambda m: min(since + timedelta(minutes=m), at)))
    shape = draw(st.sampled_from(["limit", "anomaly", "silence"]))
    if shape == "limit":
        return a_limit(draw(SENSORS), since=since, until=until, level=draw(LEVELS))
    made = an_anomaly if shape == "anomaly" else a_silence
    return made(since=since, until=until, level=draw(LEVELS), score=draw(st.floats(1.0, 9.0)))


@st.composite
def rounds(draw: st.DrawFn):
    """Rounds of a monitor and deeds of people in any order."""
    now, steps = NOW, []
    for _ in range(draw(st.integers(1, 8))):
        now += timedelta(minutes=draw(st.integers(1, 2000)))
        deed = draw(st.sampled_from(["assess", "assess", "assess", "acknowledge", "close", "replace"]))
        found = tuple(draw(st.lists(conditions(now), max_size=3))) if deed == "assess" else None
        predicted = tuple(
            a_prediction(soon=draw(st.floats(0, 1)), raises_case=draw(st.booleans()), made_at=now)
            for _ in range(draw(st.integers(0, 1)))
        )
        out = draw(st.booleans()) and draw(st.booleans())
        steps.append((now, deed, found, predicted, out))
    return steps


def deed_of(deed: str, case: Case, now: datetime) -> tuple[CaseChange, ...]:
    if deed == "acknowledge":
        return handling.acknowledge(case, by="Kim", expected_version=None, now=now)
    if deed == "close":
        verdicts = tuple(
            handling.FindingVerdict(finding=each.id, verdict=handling.Verdict.NOTHING_FOUND) for each in case.findings
        )
        return handling.close(case, verdicts, by="Kim", now=now)
    return handling.part_replaced(case, SlotId("seal"), by="Kim", now=now)


def check_case(case: Case) -> None:
    assert (case.state is CaseState.CLOSED) == (case.closed_at is not None)
    assert not case.history or case.state is CaseState.CLOSED
    assert len({each.key for each in case.findings}) == len(case.findings)
    assert case.findings
    standing = [each.severity for each in case.findings if each.ended_at is None]
    assert not standing or case.severity >= max(standing)
    assert (case.state is CaseState.ACKNOWLEDGED) == (case.acknowledged_at is not None) or case.closed_at
    if case.state is not CaseState.CLOSED:
        assert (case.cleared_at is not None) == all(each.ended_at for each in case.findings)
    assert all(each.ended_at is None or each.ended_at >= each.started_at for each in case.findings)


@given(rounds())
def test_whatever_happens_a_machine_has_at_most_one_open_case_and_cases_stay_whole(steps) -> None:
    cases: dict[str, Case] = {}
    for now, deed, found, predicted, out in steps:
        open_case = next((each for each in cases.values() if each.state is not CaseState.CLOSED), None)
        if deed == "assess":
            assessment = an_assessment(*found, predictions=predicted, assessed_until=now)
            context = (
                replace(OUT, out_of_service=replace(OUT.out_of_service, until=now + timedelta(1))) if out else NOTHING
            )
            changes = decide(assessment, open_case, context, now)
        else:
            changes = deed_of(deed, open_case, now) if open_case else ()
        for change in changes:
            before = cases.get(change.case_id)
            known = before if before is None or change.kind is not Kind.RAISED else None
            after_it = apply_change(known, change)
            moves = change.kind is Kind.SEVERITY_RAISED or change.eased_to is not None
            assert moves or before is None or after_it.severity == before.severity
            cases[change.case_id] = after_it
        assert sum(each.state is not CaseState.CLOSED for each in cases.values()) <= 1
        for case in cases.values():
            check_case(case)


@given(st.lists(conditions(NOW), max_size=4, unique_by=condition_key), st.floats(0, 1))
def test_the_same_evidence_twice_changes_nothing_the_second_time(found, soon: float) -> None:
    assessment = an_assessment(*found, predictions=(a_prediction(soon=soon),))
    first = [change for change in decide(assessment, None, NOTHING, NOW) if not change.history]
    again = decide(assessment, apply_changes(None, first), NOTHING, NOW)
    assert [change for change in again if not change.history] == []
