"""Words that are kept whole, as JSON text: strict both ways, and a number that is missing stays missing."""

import json
from collections.abc import Hashable, Iterable
from functools import cache
from types import GenericAlias
from typing import Any, TypeVar, cast

from pydantic import ConfigDict, TypeAdapter

from configs.plant import SiteId

_CONFIG = ConfigDict(extra="forbid", strict=True, ser_json_inf_nan="constants")
_Word = TypeVar("_Word")


def encode(kind: type[_Word], word: _Word) -> str:
    """Return a word as JSON text; ValueError where a field does not hold what its type says."""
    return _adapter(cast("Hashable", kind)).dump_json((word,), warnings="error").decode()[1:-1]


def decode(kind: type[_Word], text: str) -> _Word:
    """Return the word that the JSON text stands for; ValueError where it is not exactly such a word."""
    word: _Word = _adapter(cast("Hashable", kind)).validate_json(f"[{text}]")[0]
    return word


def encode_sites(sites: Iterable[SiteId] | None) -> str | None:
    """Return sites as a JSON list, None for every site."""
    return None if sites is None else json.dumps(sorted(sites))


def decode_sites(text: str | None) -> frozenset[SiteId] | None:
    """Return the sites of a JSON list, None for every site."""
    return None if text is None else frozenset(SiteId(site) for site in json.loads(text))


@cache
def _adapter(kind: Hashable) -> TypeAdapter[tuple[Any]]:
    # pydantic takes settings for a tuple but not for a plain dataclass, so a word travels as a tuple of one.
    return TypeAdapter(cast("Any", GenericAlias(tuple, (kind,))), config=_CONFIG)
