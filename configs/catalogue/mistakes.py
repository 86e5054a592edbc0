"""Mistakes in a table of TOML as lines for the person who wrote it: where, what, and how to mend it."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError

_PLAIN = {
    "missing": "is missing; add it",
    "string_type": "must be a text in quotes",
    "float_type": "must be a number",
    "int_type": "must be a whole number",
    "bool_type": "must be true or false",
    "model_type": "must be a table",
    "tuple_type": "must be a list",
    "list_type": "must be a list",
    "finite_number": "must be a finite number",
}


def mistakes_of(error: ValidationError, form: type[BaseModel], place: str = "") -> tuple[str, ...]:
    """Return one line for each mistake that `form` found, its place under `place`."""
    return tuple(_line(detail, form, place) for detail in error.errors(include_url=False))


def suggestion(name: str, known: Iterable[str]) -> str:
    """Return the near match of a name as the end of a line, or nothing."""
    near = get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"; did you mean {near[0]}?" if near else ""


def _line(detail: Mapping[str, Any], form: type[BaseModel], place: str) -> str:
    where = " ".join(part for part in (place, _dotted(detail["loc"])) if part)
    head = f"{where.removesuffix(':')}: " if where else ""
    if detail["type"] == "extra_forbidden":
        known = _keys_at(form, detail["loc"][:-1])
        near = suggestion(str(detail["loc"][-1]), known) or f"; known are {', '.join(known)}"
        return f"{head}is not a key of this table{near}"
    if plain := _PLAIN.get(detail["type"]):
        return head + plain
    message: str = detail["msg"].removeprefix("Value error, ")
    message = message[0].lower() + message[1:]
    if isinstance(detail["input"], dict) or not where:
        return head + message
    return f"{where} = {_short(detail['input'])}: {message}"


def _dotted(loc: tuple[int | str, ...]) -> str:
    text = ""
    for part in loc:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".")


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


def _keys_at(form: type[BaseModel], loc: tuple[int | str, ...]) -> list[str]:
    """Return the keys that the table at `loc` may have."""
    for part in loc:
        field = form.model_fields.get(str(part))
        inner = _form_in(field.annotation) if field else None
        form = inner or form
    return list(form.model_fields)


def _form_in(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in getattr(annotation, "__args__", ()):
        if found := _form_in(inner):
            return found
    return None
