"""Tables that people keep, as they came in: imports, and what was said of tables of one shape."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from service.state.tables.base import ID, KIND, NAME, Base, UtcTime, one_of


class ImportState(StrEnum):
    """How far an import is."""

    PREVIEWED = "previewed"
    WORKING = "working"
    IMPORTED = "imported"
    FAILED = "failed"
    UNDONE = "undone"


class TableImportRow(Base):
    """One file that was handed in; `summary` and `sites` are JSON."""

    __tablename__ = "table_imports"
    __table_args__ = (one_of("state", ImportState), Index("ix_table_imports_at", "at"))

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    file_name: Mapped[str] = mapped_column(NAME)
    digest: Mapped[str] = mapped_column(ID)
    at: Mapped[datetime] = mapped_column(UtcTime)
    by: Mapped[str] = mapped_column(NAME)
    state: Mapped[str] = mapped_column(KIND)
    total: Mapped[int] = mapped_column(Integer)
    done: Mapped[int] = mapped_column(Integer)
    known: Mapped[int] = mapped_column(Integer)
    rejected: Mapped[int] = mapped_column(Integer)
    trouble: Mapped[str | None] = mapped_column(Text)
    summary: Mapped[str] = mapped_column(Text)
    sites: Mapped[str] = mapped_column(Text, server_default="[]")
    undone_at: Mapped[datetime | None] = mapped_column(UtcTime)
    undone_by: Mapped[str | None] = mapped_column(NAME)


class TableAnswersRow(Base):
    """What was said last of tables of one shape, as JSON."""

    __tablename__ = "table_answers"

    shape: Mapped[str] = mapped_column(ID, primary_key=True)
    answers: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcTime)
    by: Mapped[str] = mapped_column(NAME)
