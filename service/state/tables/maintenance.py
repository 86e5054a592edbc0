"""What people did to machines and what they found: part lives, events, labels, meters, out of service."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Float, Index, Integer, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from configs.plant import LifeUnit
from ingest.label import LabelKind
from ingest.maintenance_event import MaintenanceKind
from ingest.part_life import RemovalReason
from service.state.tables.base import ID, KIND, NAME, Base, UtcTime, one_of

_IS_OPEN = text("removed_at IS NULL")


class PartLifeRow(Base):
    """One part in one slot; the partial unique index lets a slot have one open life."""

    __tablename__ = "part_lives"
    __table_args__ = (
        one_of("life_unit", LifeUnit),
        one_of("removal_reason", RemovalReason),
        CheckConstraint(
            "(removed_at IS NULL) = (removal_reason IS NULL) AND (removed_at IS NOT NULL OR meter_at_removal IS NULL)",
            name="removal_is_whole",
        ),
        CheckConstraint("removed_at IS NULL OR removed_at >= installed_at", name="removed_after_installed"),
        CheckConstraint("meter_at_removal IS NULL OR meter_at_removal >= meter_at_install", name="meter_never_back"),
        CheckConstraint("age_at_install IS NULL OR age_at_install >= 0", name="age_not_negative"),
        Index(
            "uq_part_lives_open_slot", "machine", "slot", unique=True, sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN
        ),
        Index("ix_part_lives_machine_slot_installed_at", "machine", "slot", "installed_at"),
        Index("ix_part_lives_installed_at_id", "installed_at", "id"),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    machine: Mapped[str] = mapped_column(ID)
    slot: Mapped[str] = mapped_column(ID)
    site: Mapped[str] = mapped_column(ID)
    part_type: Mapped[str] = mapped_column(NAME)
    life_unit: Mapped[str] = mapped_column(KIND)
    installed_at: Mapped[datetime] = mapped_column(UtcTime)
    meter_at_install: Mapped[float] = mapped_column(Float)
    age_at_install: Mapped[float | None] = mapped_column(Float)
    removed_at: Mapped[datetime | None] = mapped_column(UtcTime)
    meter_at_removal: Mapped[float | None] = mapped_column(Float)
    removal_reason: Mapped[str | None] = mapped_column(KIND)
    failure_mode: Mapped[str | None] = mapped_column(NAME)
    note: Mapped[str | None] = mapped_column(Text)


class MaintenanceEventRow(Base):
    """Work that was done on a machine."""

    __tablename__ = "maintenance_events"
    __table_args__ = (
        one_of("kind", MaintenanceKind),
        Index("ix_maintenance_events_machine_at", "machine", "at"),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    machine: Mapped[str] = mapped_column(ID)
    site: Mapped[str] = mapped_column(ID)
    slot: Mapped[str | None] = mapped_column(ID)
    at: Mapped[datetime] = mapped_column(UtcTime)
    kind: Mapped[str] = mapped_column(KIND)
    note: Mapped[str | None] = mapped_column(Text)


class LabelRow(Base):
    """A fact for training; `case_id` and `finding_id` name the verdict that it was made from."""

    __tablename__ = "labels"
    __table_args__ = (
        one_of("kind", LabelKind),
        CheckConstraint("ends_at >= starts_at", name="ends_after_start"),
        Index("ix_labels_machine_starts_at", "machine", "starts_at"),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    machine: Mapped[str] = mapped_column(ID)
    site: Mapped[str] = mapped_column(ID)
    slot: Mapped[str | None] = mapped_column(ID)
    starts_at: Mapped[datetime] = mapped_column(UtcTime)
    ends_at: Mapped[datetime] = mapped_column(UtcTime)
    kind: Mapped[str] = mapped_column(KIND)
    said_by: Mapped[str] = mapped_column(NAME)
    said_at: Mapped[datetime] = mapped_column(UtcTime)
    case_id: Mapped[str | None] = mapped_column(ID)
    finding_id: Mapped[str | None] = mapped_column(ID)


class MeterEntryRow(Base):
    """A meter value that a person typed in; rows are added and never changed."""

    __tablename__ = "meter_entries"
    __table_args__ = (one_of("unit", LifeUnit), Index("ix_meter_entries_machine_number", "machine", "number"))

    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    machine: Mapped[str] = mapped_column(ID)
    site: Mapped[str] = mapped_column(ID)
    unit: Mapped[str] = mapped_column(KIND)
    value: Mapped[float] = mapped_column(Float)
    at: Mapped[datetime] = mapped_column(UtcTime)
    said_by: Mapped[str] = mapped_column(NAME)
    said_at: Mapped[datetime] = mapped_column(UtcTime)


class OutOfServiceRow(Base):
    """A machine that is out of service until a time, with the reason."""

    __tablename__ = "out_of_service"
    __table_args__ = (CheckConstraint("ends_at > since", name="ends_after_start"),)

    machine: Mapped[str] = mapped_column(ID, primary_key=True)
    site: Mapped[str] = mapped_column(ID)
    since: Mapped[datetime] = mapped_column(UtcTime)
    ends_at: Mapped[datetime] = mapped_column(UtcTime)
    reason: Mapped[str] = mapped_column(Text)
    said_by: Mapped[str] = mapped_column(NAME)


class PlantRevisionRow(Base):
    """A change of the plant that a person made on the pages; the plant file itself is never rewritten."""

    __tablename__ = "plant_revisions"

    revision: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UtcTime)
    by: Mapped[str] = mapped_column(NAME)
    object_kind: Mapped[str] = mapped_column(KIND)
    object_id: Mapped[str] = mapped_column(NAME)
    before: Mapped[str | None] = mapped_column(Text)
    after: Mapped[str | None] = mapped_column(Text)
