"""Who asks: the person of a session cookie, or the program of a Bearer key."""

from starlette.requests import HTTPConnection

from service.actor import Actor
from service.http.cookies import session_token
from service.http.services import services_of
from service.security import api_keys, sessions


def actor_of(connection: HTTPConnection) -> Actor | None:
    """Return who sent the request, or None; a key that comes with it counts before a session."""
    services = services_of(connection)
    key = _bearer_key(connection)
    if key is not None:
        return api_keys.actor_of_key(services.database, key, now=services.clock())
    token = session_token(connection, secure=services.security.secure_cookies)
    if token is None:
        return None
    return sessions.actor_of_session(services.database, token, limits=services.session_limits, now=services.clock())


def lets_in_still(connection: HTTPConnection) -> bool:
    """Whether the key or the session that opened a connection which stays open is still good; looking is no use of it."""
    services = services_of(connection)
    key = _bearer_key(connection)
    if key is not None:
        return api_keys.actor_of_key(services.database, key, now=services.clock()) is not None
    token = session_token(connection, secure=services.security.secure_cookies)
    return token is not None and sessions.is_signed_in(
        services.database, token, limits=services.session_limits, now=services.clock()
    )


def _bearer_key(connection: HTTPConnection) -> str | None:
    scheme, _, credentials = connection.headers.get("authorization", "").partition(" ")
    return credentials.strip() if scheme.lower() == "bearer" else None
