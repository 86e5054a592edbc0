"""Who may do what: one table, exact, and nothing outside of it."""

import pytest

from configs.plant import SiteId
from service.actor import SYSTEM, Actor, Role
from service.errors import NotAllowedError, NotFoundError
from service.security.rights import Right, may, require

LEAST = {
    Right.READ: Role.VIEWER,
    Right.ACKNOWLEDGE_CASE: Role.OPERATOR,
    Right.TYPE_METER: Role.OPERATOR,
    Right.TYPE_READING: Role.OPERATOR,
    Right.CLOSE_CASE: Role.TECHNICIAN,
    Right.SET_OUT_OF_SERVICE: Role.TECHNICIAN,
    Right.RECORD_PART: Role.TECHNICIAN,
    Right.IMPORT_TABLE: Role.TECHNICIAN,
    Right.SETTLE_DEAD_LETTER: Role.ENGINEER,
    Right.JUDGE_READINGS: Role.ENGINEER,
    Right.CHANGE_STOCK: Role.TECHNICIAN,
    Right.CHANGE_MODEL: Role.ENGINEER,
    Right.CHANGE_PLANT: Role.ENGINEER,
    Right.MANAGE_PEOPLE: Role.ADMINISTRATOR,
    Right.READ_AUDIT: Role.ADMINISTRATOR,
}


def someone(role: Role) -> Actor:
    return Actor(id="a", name="Kim", role=role, sites=frozenset({SiteId("busan")}))


@pytest.mark.parametrize("right", list(Right))
@pytest.mark.parametrize("role", list(Role))
def test_each_role_may_exactly_what_the_table_says(role: Role, right: Right) -> None:
    assert may(someone(role), right) == (role >= LEAST[right])


def test_a_refusal_says_which_role_is_needed() -> None:
    with pytest.raises(NotAllowedError, match="Kim may not close case; that needs the role technician"):
        require(someone(Role.OPERATOR), Right.CLOSE_CASE)


def test_a_foreign_site_is_not_there() -> None:
    require(someone(Role.VIEWER), Right.READ, SiteId("busan"))
    require(SYSTEM, Right.MANAGE_PEOPLE, SiteId("seoul"))
    with pytest.raises(NotFoundError):
        require(someone(Role.ADMINISTRATOR), Right.READ, SiteId("seoul"))
