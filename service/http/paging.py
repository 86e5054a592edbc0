"""Lists in pages: `{"items": […], "next_cursor": …}`, with `limit` and `cursor` in the query."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Generic, TypeVar

from fastapi import Depends, Query
from pydantic import BaseModel

from service.errors import InvalidRequestError

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class PageWish:
    """Which page of a list is asked for."""

    limit: int
    cursor: str | None


def page_wish(
    limit: Annotated[int, Query(ge=1, le=1000, description="How many items at most.")] = 500,
    cursor: Annotated[str | None, Query(max_length=400, description="`next_cursor` of the page before.")] = None,
) -> PageWish:
    """Return the page that the query asks for."""
    return PageWish(limit, cursor)


Paging = Annotated[PageWish, Depends(page_wish)]


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
    except ValueError:
        raise InvalidRequestError("cursor: not a cursor of this list; start again without one") from None


def page_of(items: Sequence[tuple[str, Item]], wish: PageWish) -> Page[Item]:
    """Return the page that follows the cursor in a whole list of (key, item), in any order; keys are unique."""
    after = decode_cursor(wish.cursor)
    rest = sorted((pair for pair in items if after is None or pair[0] > after), key=lambda pair: pair[0])
    return page_after([item for _, item in rest[: wish.limit + 1]], [key for key, _ in rest], wish)


def page_after(items: Sequence[Item], keys: Sequence[str], wish: PageWish) -> Page[Item]:
    """Return a page of what a query found for `wish.limit + 1` items; one too many says that there are more."""
    more = len(items) > wish.limit
    return Page(items=tuple(items[: wish.limit]), next_cursor=encode_cursor(keys[wish.limit - 1]) if more else None)
