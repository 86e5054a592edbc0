"""What the models concluded: predictions, health, how far the monitor is, and which models it uses."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import BigInteger, Date, Float, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from models.health import HealthStatus
from models.prediction import PredictionStatus
from service.state.tables.base import ID, KIND, NAME, Base, UtcTime, one_of


class ModelRole(StrEnum):
    """What a model is used for: one champion per equipment type predicts, shadows are only compared with it."""

    CHAMPION = "champion"
    SHADOW = "shadow"
    RETIRED = "retired"


class KeptReason(StrEnum):
    """Why a prediction is kept: the first of its day, or it changed a case."""

    DAILY = "daily"
    CASE = "case"


_IS_CHAMPION = text("role = 'champion'")
_IS_DAILY = text("reason = 'daily'")


class LatestPredictionRow(Base):
    """The newest prediction of a slot; `stale_since` says that what it rests on has changed since.

    The course of the forecast, which only charts need, stands apart from the `body`: a fleet is read without it.
    """

    __tablename__ = "latest_predictions"
    __table_args__ = (
        one_of("role", ModelRole),
        one_of("status", PredictionStatus),
        Index("ix_latest_predictions_stale_since", "stale_since"),
    )

    machine: Mapped[str] = mapped_column(ID, primary_key=True)
    slot: Mapped[str] = mapped_column(ID, primary_key=True)
    role: Mapped[str] = mapped_column(KIND, primary_key=True)
    site: Mapped[str] = mapped_column(ID)
    made_at: Mapped[datetime] = mapped_column(UtcTime)
    status: Mapped[str] = mapped_column(KIND)
    replace_by: Mapped[datetime | None] = mapped_column(UtcTime)
    body: Mapped[str] = mapped_column(Text)
    forecast: Mapped[str] = mapped_column(Text)
    stale_since: Mapped[datetime | None] = mapped_column(UtcTime)


class KeptPredictionRow(Base):
    """Predictions that are kept: one a day, without the course of the forecast, and each that changed a case."""

    __tablename__ = "kept_predictions"
    __table_args__ = (
        one_of("role", ModelRole),
        one_of("reason", KeptReason),
        Index(
            "uq_kept_predictions_daily",
            "machine",
            "slot",
            "role",
            "day",
            unique=True,
            sqlite_where=_IS_DAILY,
            postgresql_where=_IS_DAILY,
        ),
    )

    machine: Mapped[str] = mapped_column(ID, primary_key=True)
    slot: Mapped[str] = mapped_column(ID, primary_key=True)
    made_at: Mapped[datetime] = mapped_column(UtcTime, primary_key=True)
    model_digest: Mapped[str] = mapped_column(ID, primary_key=True)
    role: Mapped[str] = mapped_column(KIND, primary_key=True)
    site: Mapped[str] = mapped_column(ID)
    day: Mapped[date] = mapped_column(Date)
    reason: Mapped[str] = mapped_column(KIND)
    case_id: Mapped[str | None] = mapped_column(ID)
    body: Mapped[str] = mapped_column(Text)


class HealthRow(Base):
    """The newest health of a machine."""

    __tablename__ = "machine_health"
    __table_args__ = (one_of("status", HealthStatus),)

    machine: Mapped[str] = mapped_column(ID, primary_key=True)
    site: Mapped[str] = mapped_column(ID)
    at_ns: Mapped[int] = mapped_column(BigInteger)
    status: Mapped[str] = mapped_column(KIND)
    health: Mapped[float | None] = mapped_column(Float)
    body: Mapped[str] = mapped_column(Text)


class WatermarkRow(Base):
    """How far the monitor has assessed a machine, and what its detectors remember."""

    __tablename__ = "watermarks"

    machine: Mapped[str] = mapped_column(ID, primary_key=True)
    window_end_ns: Mapped[int] = mapped_column(BigInteger)
    detection_state: Mapped[str] = mapped_column(Text)


class ModelRow(Base):
    """A fitted model in the registry, by the sha256 of its artefact."""

    __tablename__ = "models"
    __table_args__ = (
        one_of("role", ModelRole),
        Index(
            "uq_models_champion",
            "equipment_type",
            unique=True,
            sqlite_where=_IS_CHAMPION,
            postgresql_where=_IS_CHAMPION,
        ),
    )

    digest: Mapped[str] = mapped_column(ID, primary_key=True)
    equipment_type: Mapped[str] = mapped_column(NAME)
    trained_at: Mapped[datetime] = mapped_column(UtcTime)
    manifest: Mapped[str] = mapped_column(Text)
    role: Mapped[str] = mapped_column(KIND)
    role_since: Mapped[datetime] = mapped_column(UtcTime)
