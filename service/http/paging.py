"""Lists in pages: `{"items": […], "next_cursor": …}`, with `limit` and `cursor` in the query."""

import base64
import binascii
from typing import Annotated, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel

from service.errors import InvalidRequestError

Item = TypeVar("Item")
Limit = Annotated[int, Query(ge=1, le=500, description="How many items at most.")]
Cursor = Annotated[str | None, Query(max_length=400, description="`next_cursor` of the page before.")]


class Page(BaseModel, Generic[Item]):
    """One page of a list; `next_cursor` is null on the last one."""

    items: tuple[Item, ...]
    next_cursor: str | None = None


def encode_cursor(position: str) -> str:
    """Return an opaque cursor for the key of a page's last item."""
    return base64.urlsafe_b64encode(position.encode()).decode().rstrip("=")


def decode_cursor(cursor: str | None) -> str | None:
    """Return the key in a cursor; InvalidRequestError where it is not one of ours."""
    if cursor is None:
        return None
    try:
        return base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise InvalidRequestError("cursor: not a cursor of this list; start again without one") from None


def page_of(items: list[tuple[str, Item]], *, limit: int, cursor: str | None) -> Page[Item]:
    """Return the page that follows `cursor` in a whole list of (key, item), sorted by key."""
    after = decode_cursor(cursor)
    rest = [pair for pair in items if after is None or pair[0] > after]
    shown = rest[:limit]
    more = len(rest) > limit
    return Page(items=tuple(item for _, item in shown), next_cursor=encode_cursor(shown[-1][0]) if more else None)
