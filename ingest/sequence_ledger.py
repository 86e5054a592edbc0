"""Which sequence numbers of a stream have arrived: tells duplicates from news, and makes silent loss visible.

The ledger is a set of numbers, kept as the span from the first to the highest and the gaps in between, so that
any order and any repetition of the same messages leads to the same ledger.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

MAX_GAPS = 1000
"""How many open gaps one ledger remembers; the oldest numbers are written off beyond that."""

BOOTS_KEPT = 16
"""How many boots of one stream are remembered: a device that starts anew every day has half a month."""

Missing = tuple[int, int, int]
"""A gap: first and last missing number, and when it was noticed (nanoseconds UTC)."""

Span = tuple[int, int]
"""A range of numbers, first and last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamLedger:
    """One (stream, boot): the first and highest `seq` seen, and the ranges in between that are missing.

    `gaps` holds (first, last, since_ns), in order, not touching. `written_off` counts the numbers of gaps that
    were given up because there were too many; the span then begins behind them, and a number in front of the
    span is taken as new.
    """

    stream: str
    boot: str
    first: int
    highest: int
    gaps: tuple[Missing, ...]
    written_off: int = 0


def open_ledger(stream: str, boot: str, seq: int) -> StreamLedger:
    """Return the ledger of a stream whose first message to arrive is `seq`."""
    return StreamLedger(stream=stream, boot=boot, first=seq, highest=seq, gaps=())


def has_seen(ledger: StreamLedger, seq: int) -> bool:
    """Whether message `seq` has arrived before."""
    if not ledger.first <= seq <= ledger.highest:
        return False
    return _gap_around(ledger, seq) is None


def observe(ledger: StreamLedger, seq: int, at_ns: int) -> StreamLedger:
    """Return the ledger after message `seq` arrived at `at_ns`; the same ledger if it has been seen.

    Examples
    --------
    >>> ledger = observe(open_ledger("pump", "b1", 1), 5, 0)
    >>> ledger.gaps
    ((2, 4, 0),)
    >>> observe(ledger, 3, 9).gaps
    ((2, 2, 0), (4, 4, 0))
    """
    if seq == ledger.highest + 1:
        return StreamLedger(
            stream=ledger.stream,
            boot=ledger.boot,
            first=ledger.first,
            highest=seq,
            gaps=ledger.gaps,
            written_off=ledger.written_off,
        )
    if seq > ledger.highest:
        gap = (ledger.highest + 1, seq - 1, at_ns)
        return _bounded(replace(ledger, highest=seq, gaps=(*ledger.gaps, gap)))
    if seq < ledger.first:
        return _extended_down(ledger, seq, at_ns)
    return _filled(ledger, seq)


def missing_count(ledger: StreamLedger) -> int:
    """Return how many numbers of the span are missing, those written off included."""
    return ledger.written_off + sum(last - first + 1 for first, last, _ in ledger.gaps)


def recovered(kept: StreamLedger | None, known: StreamLedger, at_ns: int) -> tuple[StreamLedger, int]:
    """Return the ledger of a stream whose store was lost or set back, and how many of its numbers went with it.

    Parameters
    ----------
    kept
        What the store still holds of the stream; None where nothing.
    known
        What has once been durable. Its numbers that the store lacks become gaps: they are missing, and whoever sends
        them again is welcome.

    Examples
    --------
    >>> ledger, lost = recovered(open_ledger("pump", "b1", 1), observe(open_ledger("pump", "b1", 1), 2, 0), 9)
    >>> ledger.gaps, ledger.highest, lost
    (((2, 2, 9),), 2, 1)
    """
    have = _arrived(kept) if kept is not None else []
    once = _arrived(known)
    lost = sum(high - low + 1 for low, high in once) - _overlap(once, have)
    if not lost:
        return kept or known, 0
    first = min([known.first, *(low for low, _ in have)])
    highest = max([known.highest, *(high for _, high in have)])
    edges = [first - 1, *(edge for span in have for edge in span), highest + 1]
    since = {gap[:2]: gap[2] for gap in (*known.gaps, *(kept.gaps if kept else ()))}
    gaps = [(low + 1, high - 1) for low, high in zip(edges[::2], edges[1::2], strict=True) if low + 1 < high]
    written_off = max(known.written_off, kept.written_off if kept else 0)
    found = tuple((*gap, since.get(gap, at_ns)) for gap in gaps)
    return _bounded(replace(known, first=first, highest=highest, gaps=found, written_off=written_off)), lost


class LedgerBook:
    """The ledgers of many streams: of each the boots that were heard last, at most `BOOTS_KEPT`."""

    def __init__(self, ledgers: Iterable[StreamLedger] = ()) -> None:
        self._streams: dict[str, dict[str, StreamLedger]] = {}
        for ledger in ledgers:
            self.put(ledger)

    def __iter__(self) -> Iterator[StreamLedger]:
        return (ledger for boots in self._streams.values() for ledger in boots.values())

    def get(self, stream: str, boot: str) -> StreamLedger | None:
        """Return the ledger of a stream's boot, or None where it was never heard or is forgotten."""
        boots = self._streams.get(stream)
        return None if boots is None else boots.get(boot)

    def put(self, ledger: StreamLedger) -> None:
        """Take in how a ledger stands now."""
        boots = self._streams.setdefault(ledger.stream, {})
        boots.pop(ledger.boot, None)
        boots[ledger.boot] = ledger
        if len(boots) > BOOTS_KEPT:
            del boots[next(iter(boots))]


def _gap_around(ledger: StreamLedger, seq: int) -> int | None:
    position = bisect_right(ledger.gaps, seq, key=lambda gap: gap[0]) - 1
    if position < 0 or ledger.gaps[position][1] < seq:
        return None
    return position


def _extended_down(ledger: StreamLedger, seq: int, at_ns: int) -> StreamLedger:
    if seq == ledger.first - 1:
        return replace(ledger, first=seq)
    return _bounded(replace(ledger, first=seq, gaps=((seq + 1, ledger.first - 1, at_ns), *ledger.gaps)))


def _filled(ledger: StreamLedger, seq: int) -> StreamLedger:
    position = _gap_around(ledger, seq)
    if position is None:
        return ledger
    first, last, since = ledger.gaps[position]
    rest = tuple(part for part in ((first, seq - 1, since), (seq + 1, last, since)) if part[0] <= part[1])
    return _bounded(replace(ledger, gaps=(*ledger.gaps[:position], *rest, *ledger.gaps[position + 1 :])))


def _bounded(ledger: StreamLedger) -> StreamLedger:
    """Give up the lowest gaps beyond `MAX_GAPS` and begin the span behind them."""
    excess = len(ledger.gaps) - MAX_GAPS
    if excess <= 0:
        return ledger
    lost = ledger.gaps[:excess]
    return replace(
        ledger,
        first=lost[-1][1] + 1,
        gaps=ledger.gaps[excess:],
        written_off=ledger.written_off + sum(last - first + 1 for first, last, _ in lost),
    )


def _arrived(ledger: StreamLedger) -> list[Span]:
    """Return the ranges that have arrived, in order."""
    edges = [ledger.first, *(edge for low, high, _ in ledger.gaps for edge in (low - 1, high + 1)), ledger.highest]
    return [span for span in zip(edges[::2], edges[1::2], strict=True) if span[0] <= span[1]]


def _overlap(ones: Iterable[Span], others: Sequence[Span]) -> int:
    """Return how many numbers are in both."""
    return sum(max(0, min(high, top) - max(low, bottom) + 1) for low, high in ones for bottom, top in others)
