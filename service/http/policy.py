"""Who may use a route. Deny by default: the wiring refuses to start with a route that has no policy."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts
from starlette.requests import Request
from starlette.routing import BaseRoute, Mount

from service.actor import Actor, Role
from service.errors import NotAllowedError, NotSignedInError
from service.http.actor import actor_of


@dataclass(frozen=True, slots=True)
class RolePolicy:
    """Lets in whoever is signed in with that role or a higher one, and tells the route who it is."""

    role: Role

    def __call__(self, request: Request) -> Actor:
        """Return who asks; NotSignedInError or NotAllowedError where the route is not for them."""
        actor = actor_of(request)
        if actor is None:
            raise NotSignedInError("sign in, or send an API key as `Authorization: Bearer …`")
        if actor.role < self.role:
            raise NotAllowedError(
                f"{actor.name} is a {actor.role.name.lower()}; this needs the role {self.role.name.lower()}"
            )
        return actor


def open_to_all() -> None:
    """Let anybody in: for health, sign-in and static files alone."""


Viewer = Annotated[Actor, Depends(RolePolicy(Role.VIEWER))]
Operator = Annotated[Actor, Depends(RolePolicy(Role.OPERATOR))]
Technician = Annotated[Actor, Depends(RolePolicy(Role.TECHNICIAN))]
Engineer = Annotated[Actor, Depends(RolePolicy(Role.ENGINEER))]
Administrator = Annotated[Actor, Depends(RolePolicy(Role.ADMINISTRATOR))]
OpenToAll = Depends(open_to_all)
ForViewers = Depends(RolePolicy(Role.VIEWER))


def routes_without_policy(routes: Iterable[BaseRoute]) -> tuple[str, ...]:
    """Return the paths of the routes that say neither who may use them nor that they are open; static mounts are open."""
    bare = []
    for context in iter_route_contexts(list(routes)):
        if isinstance(context.original_route, Mount) and (context.path or "").startswith("/static"):
            continue
        dependant = getattr(context, "dependant", None)
        if not isinstance(dependant, Dependant) or not _has_policy(dependant):
            bare.append(context.path or "?")
    return tuple(bare)


def _has_policy(dependant: Dependant) -> bool:
    own = dependant.call
    return isinstance(own, RolePolicy) or own is open_to_all or any(map(_has_policy, dependant.dependencies))
