"""Keeps a changed case together with its record, the trail and the notices that tell of it."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from configs.plant import SiteId
from service.actor import Actor
from service.advisory.case import Case
from service.advisory.case_change import CaseChange, apply_changes
from service.advisory.case_event import CaseEventKind
from service.state import audit, cases, outbox
from service.state.audit import AuditedAct
from service.state.outbox import Notice

_UNREMARKABLE = frozenset({CaseEventKind.FINDING_GREW})
_MOST_TELLING_FIRST = (
    CaseEventKind.CLOSED,
    CaseEventKind.RAISED,
    CaseEventKind.ACKNOWLEDGED,
    CaseEventKind.PART_REPLACED,
    CaseEventKind.SEVERITY_RAISED,
    CaseEventKind.RETURNED,
    CaseEventKind.CLEARED,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseUpdate:
    """A case as it was found, the changes to it, and the site that it belongs to."""

    before: Case | None
    changes: Sequence[CaseChange]
    site: SiteId


def save_update(session: Session, actor: Actor, update: CaseUpdate, *, now: datetime) -> Case:
    """Keep the case as the changes leave it; state, record, trail and notices stand or fall together."""
    after = apply_changes(update.before, update.changes)
    if after is None:
        raise ValueError("neither a case nor a change that makes one")
    if not update.changes:
        return after
    cases.save_case(session, after, update.site, update.changes)
    if any(change.kind not in _UNREMARKABLE for change in update.changes):
        audit.append(session, actor, _act(update, after), now=now)
    for change in update.changes:
        if change.notifies:
            outbox.queue(session, _notice(change, after, update.site), now=now)
    return after


def _act(update: CaseUpdate, after: Case) -> AuditedAct:
    kinds = [change.kind for change in update.changes]
    return AuditedAct(
        action=next((kind for kind in _MOST_TELLING_FIRST if kind in kinds), kinds[0]).value,
        object_kind="case",
        object_id=after.id,
        site=update.site,
        before=None if update.before is None else _summary(update.before, ()),
        after=_summary(after, kinds),
    )


def _summary(case: Case, kinds: Iterable[CaseEventKind]) -> str:
    facts: dict[str, object] = {"state": case.state.value, "severity": int(case.severity), "version": case.version}
    if changes := list(dict.fromkeys(kind.value for kind in kinds)):
        facts["changes"] = changes
    return json.dumps(facts)


def _notice(change: CaseChange, after: Case, site: SiteId) -> Notice:
    body = {
        "case": after.id,
        "machine": after.machine,
        "change": change.kind.value,
        "severity": int(after.severity),
        "at": change.at.isoformat(),
    }
    return Notice(
        key=f"case:{after.id}:{change.kind}:{after.version}",
        kind=f"case_{change.kind}",
        site=site,
        body=json.dumps(body),
    )
