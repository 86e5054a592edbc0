"""Cases, the findings that they hold, and what happened to them."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Float, ForeignKey, Index, Integer, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ingest.label import LabelKind
from service.advisory.case import CaseState, FindingKind
from service.advisory.case_event import CaseEventKind
from service.state.tables.base import ID, KIND, NAME, Base, UtcTime, one_of

_IS_OPEN = text("state <> 'closed'")


class CaseRow(Base):
    """A case; the partial unique index lets a machine have one open case."""

    __tablename__ = "cases"
    __table_args__ = (
        one_of("state", CaseState),
        CheckConstraint("severity BETWEEN 1 AND 3", name="severity_known"),
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed_has_time"),
        CheckConstraint("history = false OR state = 'closed'", name="history_is_closed"),
        Index("uq_cases_open_machine", "machine", unique=True, sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN),
        Index("ix_cases_raised_at_id", "raised_at", "id"),
        Index("ix_cases_machine_raised_at", "machine", "raised_at"),
        Index("ix_cases_closed_at", "closed_at"),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    machine: Mapped[str] = mapped_column(ID)
    site: Mapped[str] = mapped_column(ID)
    severity: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(KIND)
    history: Mapped[bool]
    raised_at: Mapped[datetime] = mapped_column(UtcTime)
    cleared_at: Mapped[datetime | None] = mapped_column(UtcTime)
    acknowledged_at: Mapped[datetime | None] = mapped_column(UtcTime)
    acknowledged_by: Mapped[str | None] = mapped_column(NAME)
    closed_at: Mapped[datetime | None] = mapped_column(UtcTime)
    closed_by: Mapped[str | None] = mapped_column(NAME)
    version: Mapped[int] = mapped_column(Integer)
    findings: Mapped[list["FindingRow"]] = relationship(
        lazy="selectin", order_by="FindingRow.position", cascade="all, delete-orphan"
    )


class FindingRow(Base):
    """A finding of a case; `sensors` is JSON, written and read by `service.state.codec`."""

    __tablename__ = "findings"
    __table_args__ = (
        one_of("kind", FindingKind),
        one_of("verdict", LabelKind),
        CheckConstraint("severity BETWEEN 1 AND 3", name="severity_known"),
        Index("uq_findings_case_id_key", "case_id", "key", unique=True),
    )

    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"), primary_key=True)
    id: Mapped[str] = mapped_column(ID, primary_key=True)
    position: Mapped[int] = mapped_column(Integer)
    key: Mapped[str] = mapped_column(NAME)
    kind: Mapped[str] = mapped_column(KIND)
    severity: Mapped[int] = mapped_column(Integer)
    slot: Mapped[str | None] = mapped_column(ID)
    sensors: Mapped[str] = mapped_column(Text)
    started_at: Mapped[datetime] = mapped_column(UtcTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcTime)
    score: Mapped[float] = mapped_column(Float)
    verdict: Mapped[str | None] = mapped_column(KIND)


class CaseEventRow(Base):
    """What happened to a case, in order; rows are added and never changed."""

    __tablename__ = "case_events"
    __table_args__ = (one_of("kind", CaseEventKind),)

    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcTime)
    kind: Mapped[str] = mapped_column(KIND)
    by: Mapped[str | None] = mapped_column(NAME)
    finding_key: Mapped[str | None] = mapped_column(NAME)
    severity: Mapped[int | None] = mapped_column(Integer)
    note: Mapped[str | None] = mapped_column(Text)
