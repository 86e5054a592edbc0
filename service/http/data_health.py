"""The data of the machines that somebody may see, as pages and API ask for it."""

from sqlalchemy.orm import Session

from service.actor import Actor
from service.advisory.data_health import DataHealth, Observed, assess_data
from service.http.scope import may_see_topic, visible_machines
from service.http.services import Services
from service.state import out_of_service, sensor_doubts

MOST_LETTERS = 5000


def data_health(services: Services, actor: Actor, session: Session) -> DataHealth:
    """Return how the data of the actor's machines is now."""
    now = services.clock()
    seen = Observed(
        last_values=services.telemetry.last_values(),
        progress=services.telemetry.progress(),
        gaps=[gap for gap in services.records.gaps() if may_see_topic(actor, gap.stream)],
        letters=[
            letter for letter in services.records.dead_letters(MOST_LETTERS) if may_see_topic(actor, letter.topic)
        ],
        absent=frozenset(out_of_service.current(session, actor, now)),
        doubts=sensor_doubts.standing(session, actor),
    )
    return assess_data(visible_machines(services.plant, actor), seen, now)
