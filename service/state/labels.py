"""Facts for training, made from verdicts and imports."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from configs.plant import MachineId, SiteId, SlotId
from ingest.label import Label, LabelKind
from service.state.digests import digest_of
from service.state.tables import LabelRow
from service.state.upsert import insert_new


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelOrigin:
    """The verdict that a label was made from."""

    case_id: str
    finding_id: str


def add_new(session: Session, labels: Sequence[tuple[Label, SiteId, LabelOrigin | None]]) -> int:
    """Keep those labels that are not known yet; return how many there were."""
    return insert_new(session, LabelRow, [_columns(label, site, origin) for label, site, origin in labels])


def all_labels(session: Session) -> tuple[Label, ...]:
    """Return every label, oldest span first."""
    rows = session.scalars(select(LabelRow).order_by(LabelRow.starts_at, LabelRow.id))
    return tuple(
        Label(
            machine=MachineId(row.machine),
            slot=None if row.slot is None else SlotId(row.slot),
            start=row.starts_at,
            end=row.ends_at,
            kind=LabelKind(row.kind),
            said_by=row.said_by,
            said_at=row.said_at,
        )
        for row in rows
    )


def _columns(label: Label, site: SiteId, origin: LabelOrigin | None) -> dict[str, object]:
    return {
        "id": digest_of(label.machine, label.slot, label.start, label.end, label.kind, label.said_by, label.said_at),
        "machine": label.machine,
        "site": site,
        "slot": label.slot,
        "starts_at": label.start,
        "ends_at": label.end,
        "kind": label.kind.value,
        "said_by": label.said_by,
        "said_at": label.said_at,
        "case_id": origin.case_id if origin else None,
        "finding_id": origin.finding_id if origin else None,
    }
