"""Patterns of MQTT topics with named levels: `factory/+/{machine}/{sensor}`, and templates that put names together."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_PART = re.compile(r"\{([a-z][a-z0-9_]*)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicPattern:
    """A pattern that topics are matched with; `filter` is what a broker is asked for."""

    filter: str
    expression: re.Pattern[str]

    def match(self, topic: str) -> dict[str, str] | None:
        """Return the named levels of a topic; None where it is not of this pattern."""
        found = self.expression.fullmatch(topic)
        return None if found is None else found.groupdict()


def compile_topic(pattern: str) -> TopicPattern:
    """Return the pattern of a checked text.

    Examples
    --------
    >>> compile_topic("tele/{machine}/SENSOR").match("tele/plug1/SENSOR")
    {'machine': 'plug1'}
    >>> compile_topic("a/+/#").filter
    'a/+/#'
    """
    levels = pattern.split("/")
    expression = "/".join(_expression(level) for level in levels).replace("/.*", "(?:/.*)?")
    asked = "/".join("+" if _PART.fullmatch(level) else level for level in levels)
    return TopicPattern(filter=asked, expression=re.compile(expression, re.DOTALL))


def check_topic(pattern: str) -> str:
    """Return a pattern that can be compiled; ValueError says what is wrong with it.

    A pattern that would take in every topic of a broker is refused: it would take in our own messages too.
    """
    levels = pattern.split("/")
    names = parts_of_topic(pattern)
    if len(set(names)) != len(names):
        raise ValueError("names a level twice; rename one")
    for position, level in enumerate(levels):
        if level == "#" and position == len(levels) - 1 and position > 0:
            continue
        if not level or (level != "+" and not _PART.fullmatch(level) and set(level) & set("+#{}")):
            raise ValueError(
                f"level {position + 1} ({level!r}) must be a word, +, or a name in braces such as {{machine}}; "
                "# may only be the last level, behind others"
            )
    if all(level in {"+", "#"} or _PART.fullmatch(level) for level in levels):
        raise ValueError("matches every topic of its length; write at least one level as a word")
    if levels[0].startswith("$") or levels[0] in {"yeji", "spBv1.0"}:
        raise ValueError(f"{levels[0]}/… is read in its own format already; map another topic")
    return pattern


def parts_of_topic(pattern: str) -> tuple[str, ...]:
    """Return the names of a pattern's levels, in order."""
    return tuple(found[1] for level in pattern.split("/") if (found := _PART.fullmatch(level)))


def template_parts(template: str) -> tuple[str, ...]:
    """Return the names that a template needs, in order."""
    return tuple(_PART.findall(template))


def filled(template: str, parts: Mapping[str, str]) -> str:
    """Return a template with its parts put in; KeyError where one lacks.

    Examples
    --------
    >>> filled("{chip}_{reading}", {"chip": "ENERGY", "reading": "Power"})
    'ENERGY_Power'
    """
    return _PART.sub(lambda found: parts[found[1]], template)


def _expression(level: str) -> str:
    if level == "#":
        return ".*"
    if level == "+":
        return "[^/]+"
    part = _PART.fullmatch(level)
    return f"(?P<{part[1]}>[^/]+)" if part else re.escape(level)
