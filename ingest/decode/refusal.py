"""How decoding stops at a message that is not a reading set."""

from ingest.reading import RejectionReason


class Refused(Exception):  # noqa: N818 - never leaves the decoder, which returns it as a rejection
    """A message cannot be stored; `detail` says what is wrong, where, and how to mend it."""

    def __init__(self, reason: RejectionReason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


def refuse(reason: RejectionReason, detail: str) -> Refused:
    """Return the refusal for `reason`, with control characters in `detail` made visible."""
    return Refused(reason, detail if detail.isprintable() else repr(detail)[1:-1])


def shown(value: object) -> str:
    """Return how a refusal shows a value that a device sent: briefly, and never by walking into a nested one."""
    return repr(value)[:48] if isinstance(value, str | int | float) else f"a {type(value).__name__}"
