"""Objects that name a member twice, which a JSON parser passes over in silence."""

import json
from typing import Any

from ingest.decode.refusal import refuse
from ingest.reading import RejectionReason


def check_repeated_members(document: dict[str, Any], payload: bytes) -> None:
    """Refuse an object that names a member twice; orjson would keep the last one in silence.

    Where nothing is escaped, every colon is either behind a member's name or inside a text that is known here:
    counting them is enough. Only what does not add up is parsed again, slowly.
    """
    expected = len(document)
    for member in document.values():
        if type(member) is str:
            expected += member.count(":")
        elif type(member) is dict:
            expected += len(member)
    if payload.count(b":") != expected or b"\\" in payload:
        json.loads(payload, object_pairs_hook=_refuse_repeated)


def _refuse_repeated(pairs: list[tuple[str, Any]]) -> None:
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        repeated = next(name for i, name in enumerate(names) if name in names[:i])
        raise refuse(RejectionReason.MALFORMED_JSON, f"member {repeated[:64]!r} is given twice; correct the encoder")
