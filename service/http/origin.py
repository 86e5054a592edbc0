"""Where a request comes from: whether its host is one of ours, and whether our own page sent it."""

import ipaddress
from urllib.parse import urlsplit

from starlette.datastructures import Headers

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def host_name(host_header: str) -> str:
    """Return the name part of a Host header, without port and brackets.

    >>> host_name("[::1]:8000"), host_name("yeji.local:8000")
    ('::1', 'yeji.local')
    """
    return urlsplit(f"//{host_header}").hostname or ""


def is_known_host(host_header: str, names: frozenset[str]) -> bool:
    """Whether the Host header is an address, or one of the names that this computer goes by.

    A foreign name that resolves to this computer (DNS rebinding) is refused; an address cannot be rebound.
    """
    try:
        name = host_name(host_header)
    except ValueError:
        return False
    if name in names:
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def is_cross_site(method: str, headers: Headers, *, has_session: bool) -> bool:
    """Whether a changing request was sent by another site's page, or hides where it comes from.

    Browsers add Sec-Fetch-Site on secure connections and Origin on every changing request. A program that
    sends neither is let through only when no session came with it; a Bearer key cannot be borrowed.
    """
    if method in SAFE_METHODS or headers.get("authorization", "").lower().startswith("bearer "):
        return False
    fetch_site = headers.get("sec-fetch-site")
    if fetch_site is not None:
        return fetch_site not in {"same-origin", "none"}
    origin = headers.get("origin")
    if origin is not None:
        return urlsplit(origin).netloc != headers.get("host", "")
    return has_session
