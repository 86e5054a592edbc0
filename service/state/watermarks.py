"""How far the monitor has assessed each machine, and what its detectors remember."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from configs.plant import MachineId
from service.state.tables import WatermarkRow
from service.state.upsert import upsert


@dataclass(frozen=True, slots=True, kw_only=True)
class Watermark:
    """A machine is assessed up to the window that ends at `window_end_ns`; `detection_state` is the monitor's JSON."""

    machine: MachineId
    window_end_ns: int
    detection_state: str


def load(session: Session) -> dict[MachineId, Watermark]:
    """Return the watermark of every machine that was ever assessed."""
    rows = session.execute(select(WatermarkRow.machine, WatermarkRow.window_end_ns, WatermarkRow.detection_state))
    return {
        MachineId(machine): Watermark(machine=MachineId(machine), window_end_ns=end_ns, detection_state=state)
        for machine, end_ns, state in rows
    }


def save(session: Session, watermarks: Sequence[Watermark]) -> None:
    """Keep how far the monitor is."""
    rows = [
        {"machine": each.machine, "window_end_ns": each.window_end_ns, "detection_state": each.detection_state}
        for each in watermarks
    ]
    upsert(session, WatermarkRow, rows)
