"""The reference of the settings as a page: `python -m configs.settings_reference > docs/settings.md`."""

import sys
import types
from enum import Enum
from pathlib import Path
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from configs.settings import Section, Settings, each_setting, variable_of

_HEAD = """# Settings

Made from `configs/settings.py`; renew it with `python -m configs.settings_reference > docs/settings.md`.

Every setting has a default, so that an empty file will do. Yeji reads `yeji.toml` in the working folder, or the file named by
`--settings`, and then the environment: `YEJI_PORT=8080` wins over `port = 8080`, and `YEJI_MQTT__BROKER=external` over

```toml
[mqtt]
broker = "external"
```

A key that is no setting, in the file or in a `YEJI_` variable, stops the start with one line that names it. Passwords and tokens are
read from files, so that they show up in no process list.
"""

_WORDS: dict[type, str] = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "true or false",
    Path: "path",
    SecretStr: "secret text",
}


def render_reference() -> str:
    """Return the Markdown page that lists every setting with its default, its variable and what it does."""
    tops = [field for _, field in _own_fields(Settings)]
    parts = [_HEAD, _table("Top level", "", [name for name, _ in _own_fields(Settings)], tops)]
    for name, field in Settings.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, Section):
            settings = list(each_setting(kind, f"{name}."))
            heading = f"`[{name}]`"
            told = (kind.__doc__ or "").strip()
            parts.append(_table(heading, told, [key for key, _ in settings], [inner for _, inner in settings]))
    return "\n".join(parts)


def _own_fields(section: type[BaseModel]) -> list[tuple[str, FieldInfo]]:
    return [(name, field) for name, field in each_setting(section) if "." not in name]


def _table(heading: str, told: str, names: list[str], fields: list[FieldInfo]) -> str:
    rows = [
        f"| `{name}` | {_kind(field.annotation)} | {_default(field.default)} | `{variable_of(name)}` | {field.description} |"
        for name, field in zip(names, fields, strict=True)
    ]
    lead = [told, ""] if told else []
    columns = ["| setting | value | default | variable | what it does |", "|---|---|---|---|---|"]
    return "\n".join([f"## {heading}", "", *lead, *columns, *rows, ""])


def _kind(annotation: Any) -> str:
    if get_origin(annotation) in {Union, types.UnionType}:
        return _kind(next(part for part in get_args(annotation) if part is not type(None)))
    if get_origin(annotation) is tuple:
        return "list of texts"
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return ", ".join(f"`{member.value}`" for member in annotation)
    return _WORDS[annotation]


def _default(value: object) -> str:
    if value is None or value == ():
        return "none"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, tuple):
        return f"`[{', '.join(repr(item) for item in value)}]`".replace("'", '"')
    return f"`{value.value if isinstance(value, Enum) else value}`"


if __name__ == "__main__":
    sys.stdout.write(render_reference())
