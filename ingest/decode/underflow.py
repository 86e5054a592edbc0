"""Numbers too small to keep: a parser turns 1e-999 into zero in silence."""

import json

from ingest.decode.refusal import refuse
from ingest.reading import RejectionReason


def check_underflow(payload: bytes) -> None:
    """Refuse a number that is not zero and would be stored as zero; `payload` is known to be JSON."""
    if b"e-" in payload or b"E-" in payload:
        json.loads(payload, parse_float=_kept)


def _kept(text: str) -> float:
    value = float(text)
    if value == 0.0 and text.lower().partition("e")[0].strip("-0."):
        detail = f"{text[:24]} is too small a number to keep; send 0, or leave the sensor out"
        raise refuse(RejectionReason.NOT_A_NUMBER, detail)
    return value
