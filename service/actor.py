"""Who asks: a person or a program, with a role and the sites it may see."""

from dataclasses import dataclass
from enum import IntEnum

from configs.plant import SiteId


class Role(IntEnum):
    """What an actor may do; each role may do all that the lower ones may."""

    VIEWER = 1
    OPERATOR = 2
    TECHNICIAN = 3
    ENGINEER = 4
    ADMINISTRATOR = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """A person or an API key. `sites` is None where every site is open to it."""

    id: str
    name: str
    role: Role
    sites: frozenset[SiteId] | None

    def may_see(self, site: SiteId) -> bool:
        """Whether the actor's sites include this one."""
        return self.sites is None or site in self.sites


SYSTEM = Actor(id="system", name="Yeji", role=Role.ADMINISTRATOR, sites=None)
"""What the program itself acts as: the monitor, imports and the command line."""
