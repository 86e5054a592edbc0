"""A case is kept only together with a change that made or changed it."""

from dataclasses import replace

import pytest

from configs.plant import SiteId
from service.actions.case_record import CaseUpdate, save_update
from service.actor import SYSTEM
from service.advisory.case_change import CaseChange
from service.advisory.case_event import CaseEventKind
from service.state import audit
from service.state.database import StateDatabase
from tests.fakes.conclusions import NOW, a_case

BUSAN = SiteId("busan")


def test_nothing_makes_no_case(sqlite_database: StateDatabase) -> None:
    with sqlite_database.transaction() as session, pytest.raises(ValueError, match="neither a case nor a change"):
        save_update(session, SYSTEM, CaseUpdate(before=None, changes=(), site=BUSAN), now=NOW)


def test_growing_evidence_leaves_no_trail_but_an_entry_in_the_record(sqlite_database: StateDatabase) -> None:
    case = a_case()
    finding = case.findings[0]
    grew = CaseChange(kind=CaseEventKind.FINDING_GREW, case_id=case.id, machine=case.machine, at=NOW, finding=finding)
    with sqlite_database.transaction() as session:
        after = save_update(session, SYSTEM, CaseUpdate(before=case, changes=(grew,), site=BUSAN), now=NOW)
        assert audit.list_entries(session, SYSTEM) == ()
    assert after.version == case.version + 1


def test_the_trail_names_the_most_telling_change_and_lists_all(sqlite_database: StateDatabase) -> None:
    case = a_case()
    ended = CaseChange(
        kind=CaseEventKind.FINDING_ENDED, case_id=case.id, machine=case.machine, at=NOW, finding=case.findings[0]
    )
    cleared = replace(ended, kind=CaseEventKind.CLEARED, finding=None)
    with sqlite_database.transaction() as session:
        after = save_update(session, SYSTEM, CaseUpdate(before=case, changes=(ended, cleared), site=BUSAN), now=NOW)
        alone = replace(ended, kind=CaseEventKind.FINDING_RETURNED)
        save_update(session, SYSTEM, CaseUpdate(before=after, changes=(alone,), site=BUSAN), now=NOW)
        second, first = audit.list_entries(session, SYSTEM)
    assert first.act.action == "cleared"
    assert '"changes": ["finding_ended", "cleared"]' in (first.act.after or "")
    assert second.act.action == "finding_returned"
