"""Which machines need somebody first."""

from dataclasses import replace

from models.health import HealthStatus
from service.advisory.case import CaseState
from service.advisory.fleet import MachineStanding, Urgency, rank_machines
from service.advisory.shelving import OutOfService
from tests.fakes.conclusions import NOW, a_case, a_health, a_limit, a_prediction, an_anomaly
from tests.fakes.plants import a_machine


def standing(name: str = "pump1", **changes: object) -> MachineStanding:
    calm = MachineStanding(
        machine=a_machine(name), case=None, health=a_health(name), predictions=(), out_of_service=None
    )
    return replace(calm, **changes)


OUT = OutOfService(machine="pump1", since=NOW, until=NOW, reason="overhaul", said_by="Kim")


def test_urgency_of_a_machine() -> None:
    assert standing(case=a_case(a_limit())).urgency is Urgency.WARNING
    assert standing(case=a_case(), out_of_service=OUT).urgency is Urgency.OUT_OF_SERVICE
    assert standing(health=None).urgency is Urgency.NO_DATA
    assert standing(health=a_health(status=HealthStatus.NO_DATA)).urgency is Urgency.NO_DATA
    assert standing(health=a_health(status=HealthStatus.LEARNING)).urgency is Urgency.NORMAL


def test_the_soonest_part_is_the_one_with_the_earliest_lower_bound() -> None:
    first, second = a_prediction("seal", days=30.0), a_prediction("bearing", days=3.0)
    unknown = a_prediction("coupling", remaining=None)
    assert standing(predictions=(first, second, unknown)).soonest == second
    assert standing(predictions=(unknown,)).soonest is None


def test_machines_are_ranked_by_state_then_handling_then_lower_bound_then_name() -> None:
    warning = a_case(a_limit())
    order = (
        standing("m7", case=warning, predictions=(a_prediction(days=50.0),)),
        standing("m8", case=warning),
        standing("m1", case=replace(warning, state=CaseState.ACKNOWLEDGED)),
        standing("m2", case=a_case(an_anomaly())),
        standing("m3", health=None),
        standing("m9", predictions=(a_prediction(days=5.0),)),
        standing("m4", predictions=(a_prediction(days=9.0),)),
        standing("m5"),
        standing("m6"),
        standing("m0", out_of_service=OUT),
    )
    assert rank_machines(reversed(order)) == order
