"""Which rows an actor may see: those of its sites."""

from sqlalchemy import ColumnElement, true
from sqlalchemy.orm import InstrumentedAttribute

from service.actor import Actor


def visible(site: InstrumentedAttribute[str] | InstrumentedAttribute[str | None], actor: Actor) -> ColumnElement[bool]:
    """Return the condition that a row, by the column that names its site, belongs to one of the actor's sites."""
    if actor.sites is None:
        return true()
    return site.in_(sorted(actor.sites))
