"""Machines that nobody is to be alarmed about for a while."""

from fastapi import APIRouter

from service.actions import out_of_service as actions
from service.api.case_schemas import OutOfServiceRequest
from service.api.plant_schemas import OutOfServiceSchema
from service.http.policy import Technician
from service.http.scope import machine_for
from service.http.services import ServicesOf

router = APIRouter(tags=["machines"])


@router.put("/machines/{machine}/out-of-service")
def set_out_of_service(
    services: ServicesOf, actor: Technician, machine: str, wish: OutOfServiceRequest
) -> OutOfServiceSchema:
    """Take a machine out of watch until a time, with a reason."""
    found = machine_for(services.plant, actor, machine)
    absent = actions.set_out_of_service(
        services.database, actor, found, until=wish.until, reason=wish.reason, now=services.clock()
    )
    return OutOfServiceSchema(until=absent.until, reason=absent.reason)


@router.delete("/machines/{machine}/out-of-service", status_code=204)
def return_to_service(services: ServicesOf, actor: Technician, machine: str) -> None:
    """Watch the machine again."""
    found = machine_for(services.plant, actor, machine)
    actions.return_to_service(services.database, actor, found, now=services.clock())
