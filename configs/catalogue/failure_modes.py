"""How failure modes are told apart: data that comes with Yeji."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from configs.plant import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureMode:
    """A failure mode by its ISO 14224 code: the measurands that it moves (ISO 17359), and a check that tells it apart."""

    code: str
    tells: tuple[str, ...]
    check: Text


@cache
def failure_modes() -> Mapping[str, FailureMode]:
    """Return the failure modes by code."""
    text = files("configs.catalogue").joinpath("modes", "failure_modes.toml").read_text(encoding="utf-8")
    rows = tomllib.loads(text)["mode"]
    return MappingProxyType({
        row["code"]: FailureMode(
            code=row["code"],
            tells=tuple(row["tells"]),
            check=Text(ko=row["check"]["ko"], en=row["check"]["en"]),
        )
        for row in rows
    })  # fmt: skip
