"""How the program is, in detail."""

from fastapi import APIRouter

from configs.instant import utc_of_ns
from service.api.record_schemas import PartStatusSchema, StatusSchema
from service.http.policy import Viewer
from service.http.scope import visible_machines
from service.http.services import ServicesOf

router = APIRouter(tags=["status"])


@router.get("/status")
def read_status(services: ServicesOf, actor: Viewer) -> StatusSchema:
    """Return what works and what does not, and how much is coming in."""
    readiness = services.readiness()
    machines = visible_machines(services.plant, actor)
    seen = {machine.id for machine in machines}
    progress = [each for each in services.telemetry.progress() if each.machine in seen]
    newest = max((each.newest_received_time_ns for each in progress), default=0)
    return StatusSchema(
        version=services.version,
        simulated=services.simulated,
        ready=readiness.ready,
        at=services.clock(),
        parts=tuple(PartStatusSchema(name=p.name, ready=p.ready, detail=p.detail) for p in readiness.parts),
        machines=len(machines),
        machines_reporting=len(progress),
        newest_received_at=utc_of_ns(newest) if newest else None,
        open_pages=services.live.listener_count,
        open_gaps=len(services.records.gaps()),
    )
