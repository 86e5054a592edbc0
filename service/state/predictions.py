"""Predictions: the newest of each slot, one a day, and each that changed a case."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, case, null, select, tuple_, update
from sqlalchemy.orm import Session

from configs.plant import MachineId, SiteId, SlotId
from models.prediction import ForecastPoint, Prediction
from service.actor import Actor
from service.state.codec import decode, encode
from service.state.scope import visible
from service.state.tables import KeptPredictionRow, LatestPredictionRow
from service.state.tables.conclusions import KeptReason, ModelRole
from service.state.upsert import incoming, insert_new, upsert

__all__ = [
    "ModelRole",
    "keep_for_case",
    "kept",
    "latest",
    "latest_of",
    "mark_stale",
    "outdated",
    "save",
    "stale",
    "stamp",
]

_FORECAST = tuple[ForecastPoint, ...]
_CHAMPION: ColumnElement[bool] = LatestPredictionRow.role == ModelRole.CHAMPION.value


def latest(
    session: Session, actor: Actor, *, machine: MachineId | None = None, with_forecast: bool = True
) -> tuple[Prediction, ...]:
    """Return the newest prediction of every slot, by machine and slot; of a whole fleet better without the forecast."""
    wanted: list[ColumnElement[bool]] = [visible(LatestPredictionRow.site, actor), _CHAMPION]
    if machine is not None:
        wanted.append(LatestPredictionRow.machine == machine)
    order = (LatestPredictionRow.machine, LatestPredictionRow.slot)
    if not with_forecast:
        bodies = session.scalars(select(LatestPredictionRow.body).where(*wanted).order_by(*order))
        return tuple(decode(Prediction, body) for body in bodies)
    rows = session.execute(
        select(LatestPredictionRow.body, LatestPredictionRow.forecast).where(*wanted).order_by(*order)
    )
    return tuple(_whole(body, forecast) for body, forecast in rows)


def latest_of(session: Session, actor: Actor, machine: MachineId, slot: SlotId) -> Prediction | None:
    """Return the newest prediction of one slot, or None."""
    row = session.execute(
        select(LatestPredictionRow.body, LatestPredictionRow.forecast).where(
            visible(LatestPredictionRow.site, actor),
            _CHAMPION,
            LatestPredictionRow.machine == machine,
            LatestPredictionRow.slot == slot,
        )
    ).one_or_none()
    return None if row is None else _whole(row.body, row.forecast)


def kept(
    session: Session, actor: Actor, machine: MachineId, slot: SlotId, *, since: datetime
) -> tuple[Prediction, ...]:
    """Return the predictions of one slot that were kept since then, oldest first.

    The daily ones come without the course of their forecast.
    """
    bodies = session.scalars(
        select(KeptPredictionRow.body)
        .where(
            visible(KeptPredictionRow.site, actor),
            KeptPredictionRow.role == ModelRole.CHAMPION.value,
            KeptPredictionRow.machine == machine,
            KeptPredictionRow.slot == slot,
            KeptPredictionRow.made_at >= since,
        )
        .order_by(KeptPredictionRow.made_at)
    )
    return tuple(decode(Prediction, body) for body in bodies)


def save(
    session: Session,
    predictions: Sequence[Prediction],
    sites: Mapping[MachineId, SiteId],
    *,
    role: ModelRole = ModelRole.CHAMPION,
) -> None:
    """Keep predictions as the newest of their slots, and the first of each day for good."""
    rows = [_row(each, sites[each.machine], role) for each in predictions]
    made_at = incoming(session, LatestPredictionRow, "made_at")
    still_stale = case((LatestPredictionRow.stale_since > made_at, LatestPredictionRow.stale_since), else_=null())
    upsert(session, LatestPredictionRow, rows, computed={"stale_since": still_stale})
    daily = [_kept_row(each, sites[each.machine], role, KeptReason.DAILY, None) for each in predictions]
    insert_new(session, KeptPredictionRow, daily)


def keep_for_case(session: Session, prediction: Prediction, site: SiteId, case_id: str) -> None:
    """Keep a prediction for good because it changed a case."""
    row = _kept_row(prediction, site, ModelRole.CHAMPION, KeptReason.CASE, case_id)
    upsert(session, KeptPredictionRow, [row])


def stale(session: Session) -> frozenset[tuple[MachineId, SlotId]]:
    """Return the slots whose newest prediction rests on what has changed since."""
    rows = session.execute(
        select(LatestPredictionRow.machine, LatestPredictionRow.slot).where(
            _CHAMPION, LatestPredictionRow.stale_since.is_not(None)
        )
    )
    return frozenset((MachineId(machine), SlotId(slot)) for machine, slot in rows)


def outdated(session: Session, predictions: Iterable[Prediction]) -> frozenset[tuple[MachineId, SlotId]]:
    """Return the slots of those predictions that were made before their part was changed."""
    made = {(each.machine, each.slot): each.made_at for each in predictions}
    rows = session.execute(
        select(LatestPredictionRow.machine, LatestPredictionRow.slot, LatestPredictionRow.stale_since).where(_CHAMPION)
    )
    changed = {(MachineId(machine), SlotId(slot)): since for machine, slot, since in rows if since is not None}
    return frozenset(key for key, at in made.items() if key in changed and changed[key] > at)


def stamp(session: Session, actor: Actor) -> int:
    """Return a number that is another as soon as any newest prediction is, or rests on what has changed since."""
    rows = session.execute(
        select(
            LatestPredictionRow.machine,
            LatestPredictionRow.slot,
            LatestPredictionRow.made_at,
            LatestPredictionRow.stale_since,
        )
        .where(visible(LatestPredictionRow.site, actor), _CHAMPION)
        .order_by(LatestPredictionRow.machine, LatestPredictionRow.slot)
    )
    return hash(tuple(map(tuple, rows)))


def mark_stale(session: Session, machine: MachineId, slots: Iterable[SlotId] | None, *, now: datetime) -> None:
    """Say that the predictions of some slots of a machine, or of all, rest on what has changed now."""
    wanted: ColumnElement[bool] = LatestPredictionRow.machine == machine
    if slots is not None:
        names = [(str(machine), str(slot)) for slot in slots]
        wanted = tuple_(LatestPredictionRow.machine, LatestPredictionRow.slot).in_(names)
    session.execute(update(LatestPredictionRow).where(wanted).values(stale_since=now))


def _whole(body: str, forecast: str) -> Prediction:
    return replace(decode(Prediction, body), forecast=decode(_FORECAST, forecast))


def _row(prediction: Prediction, site: SiteId, role: ModelRole) -> dict[str, Any]:
    return {
        "machine": prediction.machine,
        "slot": prediction.slot,
        "role": role.value,
        "site": site,
        "made_at": prediction.made_at,
        "status": prediction.status.value,
        "replace_by": prediction.replace_by,
        "body": encode(Prediction, replace(prediction, forecast=())),
        "forecast": encode(_FORECAST, prediction.forecast),
        "stale_since": None,
    }


def _kept_row(
    prediction: Prediction, site: SiteId, role: ModelRole, reason: KeptReason, case_id: str | None
) -> dict[str, Any]:
    return {
        "machine": prediction.machine,
        "slot": prediction.slot,
        "made_at": prediction.made_at,
        "model_digest": prediction.model_digest,
        "role": role.value,
        "site": site,
        "day": prediction.made_at.astimezone(UTC).date(),
        "reason": reason.value,
        "case_id": case_id,
        "body": encode(Prediction, prediction if reason is KeptReason.CASE else replace(prediction, forecast=())),
    }
