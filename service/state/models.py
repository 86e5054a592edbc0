"""Which fitted models there are, and which one predicts for each equipment type."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from configs.plant import EquipmentTypeId
from service.errors import NotFoundError
from service.state.tables import ModelRow
from service.state.tables.conclusions import ModelRole

__all__ = ["ModelRole", "ModelVersion", "add", "champion", "champions", "list_models", "promote"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelVersion:
    """A fitted model, by the sha256 of its artefact; `manifest` is the signed JSON beside it."""

    digest: str
    equipment_type: EquipmentTypeId
    trained_at: datetime
    manifest: str
    role: ModelRole


def champion(session: Session, equipment_type: EquipmentTypeId) -> ModelVersion | None:
    """Return the model that predicts for an equipment type, or None while there is none."""
    return champions(session).get(equipment_type)


def champions(session: Session) -> dict[EquipmentTypeId, ModelVersion]:
    """Return the model that predicts, per equipment type that has one."""
    rows = session.scalars(select(ModelRow).where(ModelRow.role == ModelRole.CHAMPION.value))
    return {EquipmentTypeId(row.equipment_type): _version(row) for row in rows}


def list_models(session: Session) -> tuple[ModelVersion, ...]:
    """Return every model, newest first."""
    rows = session.scalars(select(ModelRow).order_by(ModelRow.trained_at.desc(), ModelRow.digest))
    return tuple(_version(row) for row in rows)


def add(session: Session, version: ModelVersion, *, now: datetime) -> None:
    """Take in a model; one that comes as champion retires the champion before it. Known digests are left alone."""
    if session.get(ModelRow, version.digest) is None:
        session.add(
            ModelRow(
                digest=version.digest,
                equipment_type=version.equipment_type,
                trained_at=version.trained_at,
                manifest=version.manifest,
                role=ModelRole.SHADOW.value,
                role_since=now,
            )
        )
        session.flush()
    if version.role is ModelRole.CHAMPION:
        promote(session, version.digest, now=now)


def promote(session: Session, digest: str, *, now: datetime) -> None:
    """Let a model predict; the champion before it retires. NotFoundError where there is no such model."""
    row = session.get(ModelRow, digest)
    if row is None:
        raise NotFoundError(f"there is no model {digest[:12]}; `yeji train` makes one")
    if row.role == ModelRole.CHAMPION.value:
        return
    session.execute(
        update(ModelRow)
        .where(ModelRow.equipment_type == row.equipment_type, ModelRow.role == ModelRole.CHAMPION.value)
        .values(role=ModelRole.RETIRED.value, role_since=now)
    )
    row.role, row.role_since = ModelRole.CHAMPION.value, now
    session.flush()


def _version(row: ModelRow) -> ModelVersion:
    return ModelVersion(
        digest=row.digest,
        equipment_type=EquipmentTypeId(row.equipment_type),
        trained_at=row.trained_at,
        manifest=row.manifest,
        role=ModelRole(row.role),
    )
