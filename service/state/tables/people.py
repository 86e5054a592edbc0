"""Who may come in: people, sessions, one-time links, API keys, and who tried too often."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from service.state.tables.base import ID, KIND, NAME, Base, UtcTime


class PersonRow(Base):
    """A person; `name` is what is typed at sign-in, in lower case. `sites` is a JSON list, null for every site."""

    __tablename__ = "people"
    __table_args__ = (
        CheckConstraint("role BETWEEN 1 AND 5", name="role_known"),
        Index("uq_people_name", "name", unique=True),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    name: Mapped[str] = mapped_column(NAME)
    display_name: Mapped[str] = mapped_column(NAME)
    role: Mapped[int] = mapped_column(Integer)
    sites: Mapped[str | None] = mapped_column(Text)
    password_hash: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    disabled_at: Mapped[datetime | None] = mapped_column(UtcTime)
    version: Mapped[int] = mapped_column(Integer)


class SessionRow(Base):
    """A signed-in browser, by the sha256 of its token."""

    __tablename__ = "sessions"
    __table_args__ = (Index("ix_sessions_person_id", "person_id"), Index("ix_sessions_ends_at", "ends_at"))

    digest: Mapped[str] = mapped_column(ID, primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    started_at: Mapped[datetime] = mapped_column(UtcTime)
    seen_at: Mapped[datetime] = mapped_column(UtcTime)
    ends_at: Mapped[datetime] = mapped_column(UtcTime)


class SignInLinkRow(Base):
    """A one-time sign-in link, by the sha256 of its token."""

    __tablename__ = "sign_in_links"
    __table_args__ = (Index("ix_sign_in_links_ends_at", "ends_at"),)

    digest: Mapped[str] = mapped_column(ID, primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    made_at: Mapped[datetime] = mapped_column(UtcTime)
    ends_at: Mapped[datetime] = mapped_column(UtcTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcTime)


class ApiKeyRow(Base):
    """A key for a program, by the sha256 of its secret."""

    __tablename__ = "api_keys"
    __table_args__ = (CheckConstraint("role BETWEEN 1 AND 5", name="role_known"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    name: Mapped[str] = mapped_column(NAME)
    digest: Mapped[str] = mapped_column(ID)
    role: Mapped[int] = mapped_column(Integer)
    sites: Mapped[str | None] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(UtcTime)
    made_by: Mapped[str] = mapped_column(NAME)
    expires_at: Mapped[datetime | None] = mapped_column(UtcTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcTime)


class SignInAttemptsRow(Base):
    """Failed sign-ins of one account or from one address since the last good one."""

    __tablename__ = "sign_in_attempts"

    kind: Mapped[str] = mapped_column(KIND, primary_key=True)
    subject: Mapped[str] = mapped_column(NAME, primary_key=True)
    failures: Mapped[int] = mapped_column(Integer)
    last_at: Mapped[datetime] = mapped_column(UtcTime)
