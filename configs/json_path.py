"""Paths into JSON documents: the part of RFC 9535 that mappings need, with names for the members that are passed.

`$` is the whole document; `.name` and `['name']` a member, `[2]` an element, `[*]` every element, `.*` every member,
and `.{name}` every member too, remembered under a name: `$.{machine}[*].values.{sensor}`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

_STEP = re.compile(
    r"""\.\{(?P<part>[a-z][a-z0-9_]*)\} | \.(?P<any>\*) | \.(?P<name>[^\s.\[\]{}*'"]+)
    | \['(?P<quoted>[^']*)'\] | \[(?P<each>\*)\] | \[(?P<index>\d{1,6})\]""",
    re.VERBOSE,
)


class Every(Enum):
    """A step that goes on to all members of an object, or all elements of a list."""

    MEMBER = auto()
    ELEMENT = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a path: a member's name, an element's number, or every one; `part` is the name it is remembered by."""

    to: str | int | Every
    part: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One place in a document: its value, the keys that lead there, and the named ones among them."""

    value: object
    keys: tuple[str | int, ...]
    parts: dict[str, str]


Steps = tuple[Step, ...]


def parse_path(text: str) -> Steps:
    """Return the steps of a path; ValueError says where it cannot be read.

    Examples
    --------
    >>> [step.to for step in parse_path("$.ENERGY['Power'][0]")]
    ['ENERGY', 'Power', 0]
    """
    if not text.startswith("$"):
        raise ValueError("must begin with $, the whole document: $.values.temperature")
    steps: list[Step] = []
    at = 1
    while at < len(text):
        step = _STEP.match(text, at)
        if step is None:
            raise ValueError(f"cannot be read from {text[at:]!r} on; write .name, ['name'], [0], [*] or .{{name}}")
        steps.append(_step(step))
        at = step.end()
    names = [step.part for step in steps if step.part]
    if len(set(names)) != len(names):
        raise ValueError("names a member twice; rename one")
    return tuple(steps)


def parts_of_path(text: str) -> tuple[str, ...]:
    """Return the names that a path gives to what it passes."""
    return tuple(step.part for step in parse_path(text) if step.part)


def find(document: object, steps: Steps) -> Iterator[Found]:
    """Yield every place that a path leads to, in the order of the document.

    Examples
    --------
    >>> [(f.parts["s"], f.value) for f in find({"a": 1, "b": 2}, parse_path("$.{s}"))]
    [('a', 1), ('b', 2)]
    """
    places = [Found(value=document, keys=(), parts={})]
    for step in steps:
        places = [onward for place in places for onward in _onward(place, step)]
    yield from places


def beside(document: object, steps: Steps, place: Found, of: Steps) -> object:
    """Return what a second path leads to beside a place that the path `of` led to; None where nothing is there.

    Steps that the two paths have in common go the way to the place; a further step to every one has no answer.
    """
    value = document
    together = True
    for position, step in enumerate(steps):
        together = together and position < len(of) and of[position].to == step.to
        key = place.keys[position] if together else step.to
        if isinstance(key, Every):
            return None
        value = _taken(value, key)
    return value


def _step(found: re.Match[str]) -> Step:
    if found["part"]:
        return Step(to=Every.MEMBER, part=found["part"])
    if found["any"]:
        return Step(to=Every.MEMBER)
    if found["each"]:
        return Step(to=Every.ELEMENT)
    if found["index"]:
        return Step(to=int(found["index"]))
    return Step(to=found["name"] if found["name"] is not None else found["quoted"])


def _onward(place: Found, step: Step) -> Iterator[Found]:
    value = place.value
    if step.to is Every.MEMBER:
        for name, inner in value.items() if isinstance(value, dict) else ():
            parts = place.parts | {step.part: name} if step.part else place.parts
            yield Found(value=inner, keys=(*place.keys, name), parts=parts)
    elif step.to is Every.ELEMENT:
        for position, inner in enumerate(value if isinstance(value, list) else ()):
            yield Found(value=inner, keys=(*place.keys, position), parts=place.parts)
    elif (inner := _taken(value, step.to)) is not None:
        yield Found(value=inner, keys=(*place.keys, step.to), parts=place.parts)


def _taken(value: object, key: str | int) -> object:
    if isinstance(key, str):
        return value.get(key) if isinstance(value, dict) else None
    return value[key] if isinstance(value, list) and key < len(value) else None
