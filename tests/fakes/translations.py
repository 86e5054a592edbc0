"""The translations as the build compiles them, for a checkout whose build is older than its words."""

import os
from functools import cache
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALES = Path(__file__).parents[2] / "service" / "web" / "locales"


@cache
def compile_translations() -> None:
    """Bring every compiled catalogue up to its source; several test processes may do so at once."""
    for source in LOCALES.glob("*/LC_MESSAGES/*.po"):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        fresh = target.with_suffix(f".{os.getpid()}")
        with source.open("rb") as text, fresh.open("wb") as compiled:
            write_mo(compiled, read_po(text))
        fresh.replace(target)
