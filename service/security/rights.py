"""Who may do what. What is not listed here nobody may do."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from configs.plant import SiteId
from service.actor import Actor, Role
from service.errors import NotAllowedError, NotFoundError


class Right(StrEnum):
    """Something that an actor may or may not do."""

    READ = "read"
    ACKNOWLEDGE_CASE = "acknowledge_case"
    CLOSE_CASE = "close_case"
    TYPE_METER = "type_meter"
    TYPE_READING = "type_reading"
    SET_OUT_OF_SERVICE = "set_out_of_service"
    RECORD_PART = "record_part"
    CHANGE_STOCK = "change_stock"
    SETTLE_DEAD_LETTER = "settle_dead_letter"
    JUDGE_READINGS = "judge_readings"
    CHANGE_MODEL = "change_model"
    CHANGE_PLANT = "change_plant"
    IMPORT_TABLE = "import_table"
    MANAGE_PEOPLE = "manage_people"
    READ_AUDIT = "read_audit"


_LEAST_ROLE: Mapping[Right, Role] = MappingProxyType(
    {
        Right.READ: Role.VIEWER,
        Right.ACKNOWLEDGE_CASE: Role.OPERATOR,
        Right.TYPE_METER: Role.OPERATOR,
        Right.TYPE_READING: Role.OPERATOR,
        Right.CLOSE_CASE: Role.TECHNICIAN,
        Right.SET_OUT_OF_SERVICE: Role.TECHNICIAN,
        Right.RECORD_PART: Role.TECHNICIAN,
        Right.CHANGE_STOCK: Role.TECHNICIAN,
        Right.SETTLE_DEAD_LETTER: Role.ENGINEER,
        Right.JUDGE_READINGS: Role.ENGINEER,
        Right.CHANGE_MODEL: Role.ENGINEER,
        Right.CHANGE_PLANT: Role.ENGINEER,
        Right.IMPORT_TABLE: Role.TECHNICIAN,
        Right.MANAGE_PEOPLE: Role.ADMINISTRATOR,
        Right.READ_AUDIT: Role.ADMINISTRATOR,
    }
)


def may(actor: Actor, right: Right) -> bool:
    """Whether the actor's role has the right."""
    return actor.role >= _LEAST_ROLE[right]


def require(actor: Actor, right: Right, site: SiteId | None = None) -> None:
    """Let the actor pass, or raise.

    Raises
    ------
    NotAllowedError
        The actor's role has not that right.
    NotFoundError
        The site is not one of the actor's, so that for it nothing is there.
    """
    if not may(actor, right):
        needed = _LEAST_ROLE[right].name.lower()
        raise NotAllowedError(f"{actor.name} may not {right.replace('_', ' ')}; that needs the role {needed}")
    if site is not None and not actor.may_see(site):
        raise NotFoundError("there is no such machine")


def require_reach(actor: Actor, right: Right, sites: frozenset[SiteId] | None) -> None:
    """Let the actor deal with whoever has those sites, None for every site, or raise NotAllowedError.

    An administrator of some sites neither gives away more than these nor touches accounts that reach further.
    """
    require(actor, right)
    if actor.sites is not None and (sites is None or not sites <= actor.sites):
        own = ", ".join(sorted(actor.sites))
        raise NotAllowedError(f"{actor.name} may {right.replace('_', ' ')} only within {own}")
