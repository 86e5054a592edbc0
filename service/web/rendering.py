"""A page as HTML: its view, in the frame that all pages share."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import orjson
from fastapi import Request
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse

from service.actor import Actor
from service.http.language import LANGUAGES, Language
from service.security.rights import Right, may
from service.web.assets import asset
from service.web.words import Words, key

__all__ = ["Frame", "NavItem", "frame_of", "render", "render_text"]

LANGUAGE_NAMES: dict[Language, str] = {"ko": key("language.ko"), "en": key("language.en")}
CLIENT_WORDS = (
    key("client.day"),
    key("client.short_day"),
    key("client.live"),
    key("client.late"),
    key("client.lost"),
    key("client.not_sent"),
    key("client.refused"),
    key("client.failure_limit"),
    key("client.replace_by"),
    key("client.today"),
    key("client.missing"),
    key("client.stopped"),
    key("client.not_loaded"),
    key("client.no_readings"),
    key("client.time"),
    key("client.low"),
    key("client.mean"),
    key("client.high"),
    key("client.left"),
    key("client.used_up"),
    key("client.news"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NavItem:
    """One entry of the navigation, with how much waits there (None: not counted)."""

    href: str
    words: str
    is_current: bool
    number: int | None = None
    refresh: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientData:
    """What the scripts need to know."""

    zone: str
    language: Language
    now_ms: int
    is_signed_in: bool
    words: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What surrounds the content of a page. `here` is the page's own path with its query."""

    language: Language
    other_language: Language
    other_language_name: str
    user: str
    may_acknowledge: bool
    may_close: bool
    may_shelve: bool
    may_record_part: bool
    may_change_stock: bool
    nav: tuple[NavItem, ...]
    here: str
    as_of: str
    simulated: bool
    notice: str
    client: ClientData


def frame_of(
    request: Request,
    words: Words,
    actor: Actor | None,
    *,
    simulated: bool,
    nav: tuple[NavItem, ...] = (),
    notice: str = "",
) -> Frame:
    """Return the frame of a page for whoever looks at it."""
    other = next(each for each in LANGUAGES if each != words.language)
    query = f"?{request.url.query}" if request.url.query else ""
    return Frame(
        language=words.language,
        other_language=other,
        other_language_name=words.say(LANGUAGE_NAMES[other]),
        user=actor.name if actor is not None else "",
        may_acknowledge=_may(actor, Right.ACKNOWLEDGE_CASE),
        may_close=_may(actor, Right.CLOSE_CASE),
        may_shelve=_may(actor, Right.SET_OUT_OF_SERVICE),
        may_record_part=_may(actor, Right.RECORD_PART),
        may_change_stock=_may(actor, Right.CHANGE_STOCK),
        nav=nav,
        here=f"{request.url.path}{query}" if request.method == "GET" else "/",
        as_of=words.moment(words.now),
        simulated=simulated,
        notice=notice,
        client=ClientData(
            zone=words.zone.key,
            language=words.language,
            now_ms=round(words.now.timestamp() * 1000),
            is_signed_in=actor is not None,
            words={name: words.raw(name) for name in CLIENT_WORDS},
        ),
    )


def render(template: str, words: Words, frame: Frame, *, status: int = 200, **context: object) -> HTMLResponse:
    """Return the page as an answer, in the reader's language."""
    return HTMLResponse(render_text(template, words, page=frame, **context), status_code=status)


def render_text(template: str, words: Words, **context: object) -> str:
    """Return a template filled in."""
    return _environment().get_template(template).render(say=words.say, count=words.count, **context)


def _may(actor: Actor | None, right: Right) -> bool:
    return actor is not None and may(actor, right)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("service.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["asset"] = asset
    environment.filters["json"] = _json
    environment.filters["script_json"] = _script_json
    return environment


def _json(value: Any) -> str:
    """Return a value, dataclasses too, as JSON text; in an attribute the template escapes it."""
    return orjson.dumps(value).decode()


def _script_json(value: Any) -> Markup:
    """Return a value as JSON that can stand in a script element."""
    return Markup(_json(value).replace("<", "\\u003c"))  # noqa: S704
