"""Which language the person reads."""

from typing import Literal

from starlette.requests import HTTPConnection

Language = Literal["ko", "en"]
LANGUAGES: tuple[Language, ...] = ("ko", "en")
LANGUAGE_COOKIE = "yeji_language"


def language_of(connection: HTTPConnection) -> Language:
    """Return the language chosen by cookie, else the best of Accept-Language, else Korean."""
    chosen = connection.cookies.get(LANGUAGE_COOKIE)
    if chosen in LANGUAGES:
        return chosen
    return negotiate(connection.headers.get("accept-language", ""))


def negotiate(accept_language: str) -> Language:
    """Return the language that an Accept-Language header likes best.

    >>> negotiate("en-GB,en;q=0.9,ko;q=0.5")
    'en'
    >>> negotiate("de")
    'ko'
    """
    wishes = [wish for wish in map(_wish, accept_language.split(",")) if wish is not None]
    return max(wishes, key=lambda wish: wish[1])[0] if wishes else "ko"


def _wish(item: str) -> tuple[Language, float] | None:
    tag, _, parameter = item.strip().partition(";")
    name = tag.strip().lower().split("-")[0]
    if name not in LANGUAGES:
        return None
    weight = parameter.strip().removeprefix("q=")
    try:
        return name, float(weight) if weight else 1.0
    except ValueError:
        return None
