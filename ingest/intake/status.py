"""How intake stands, and why it makes no progress: connected is not enough, what comes must be stored."""

from dataclasses import dataclass

from ingest.ports import SourceStatus

STALLED_AFTER_S = 10.0
UNANSWERED_AFTER_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeStatus:
    """How intake stands; counts are since the start.

    `seconds_since_progress` is the time since a batch was last finished, 0 while nothing waits. `broken` means that
    only a restart of the process can help: the store is useless, or one of the two threads has ended.
    """

    source: SourceStatus
    alive: bool
    broken: bool
    trouble: str | None
    seconds_since_progress: float
    last_commit_s: float
    commits: int
    failed_commits: int
    messages: int
    readings: int
    duplicates: int
    acknowledged: int
    rejected: tuple[tuple[str, int], ...]


def unready_because(status: IntakeStatus) -> str | None:
    """Return in one line why intake makes no progress, or None when it does."""
    if not status.alive:
        return status.trouble or "the intake writer has ended; restart the service"
    if status.trouble is not None:
        return status.trouble
    return _deaf_because(status.source) or _stalled_because(status)


def _deaf_because(source: SourceStatus) -> str | None:
    if not source.alive:
        return "the connection's thread has ended; restart the service"
    if not source.subscribed:
        return source.trouble or "not subscribed at the broker yet"
    return None


def _stalled_because(status: IntakeStatus) -> str | None:
    if status.seconds_since_progress > STALLED_AFTER_S:
        return f"messages have been waiting for {status.seconds_since_progress:.0f} s and none was stored"
    unanswered_s = status.source.unanswered_s
    if unanswered_s > UNANSWERED_AFTER_S:
        return (
            f"connected, but nothing has come round for {unanswered_s:.0f} s: the broker does not let us read what is "
            "published, or not publish to yeji/v1/canary/; look at its access rules with `yeji doctor`"
        )
    return None
