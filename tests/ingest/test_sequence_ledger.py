"""The ledger: any order and any repetition of the same numbers gives the same ledger."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from ingest.sequence_ledger import (
    BOOTS_KEPT,
    MAX_GAPS,
    LedgerBook,
    StreamLedger,
    has_seen,
    missing_count,
    observe,
    open_ledger,
    recovered,
)


def fed(*seqs: int) -> StreamLedger:
    ledger = open_ledger("pump", "b1", seqs[0])
    for at, seq in enumerate(seqs[1:], start=1):
        ledger = observe(ledger, seq, at)
    return ledger


def ageless(ledger: StreamLedger) -> StreamLedger:
    return replace(ledger, gaps=tuple((first, last, 0) for first, last, _ in ledger.gaps))


def test_numbers_in_order_leave_no_gap() -> None:
    assert fed(5, 6, 7) == StreamLedger(stream="pump", boot="b1", first=5, highest=7, gaps=())


def test_a_jump_opens_a_gap_that_late_numbers_split_and_close() -> None:
    assert fed(1, 5).gaps == ((2, 4, 1),)
    assert fed(1, 5, 3).gaps == ((2, 2, 1), (4, 4, 1))
    assert fed(1, 5, 3, 2, 4).gaps == ()


def test_a_number_from_before_the_first_reaches_back() -> None:
    assert fed(5, 4).first == 4
    assert fed(5, 2).gaps == ((3, 4, 1),)


def test_a_repeated_number_changes_nothing() -> None:
    ledger = fed(1, 2, 5)
    assert all(observe(ledger, seq, 9) is ledger for seq in (1, 2, 5))
    assert [has_seen(ledger, seq) for seq in range(7)] == [False, True, True, False, False, True, False]


def test_numbers_may_jump_by_the_whole_range() -> None:
    ledger = fed(0, 2**63 - 1)
    assert missing_count(ledger) == 2**63 - 2


def test_too_many_gaps_are_written_off_from_below() -> None:
    ledger = fed(*range(0, 2 * (MAX_GAPS + 3), 2))
    assert len(ledger.gaps) == MAX_GAPS
    assert (ledger.first, ledger.written_off) == (4, 2)
    assert missing_count(ledger) == MAX_GAPS + 2
    assert not has_seen(ledger, 1)


def test_a_split_gap_counts_towards_the_bound() -> None:
    full = fed(*range(0, 4 * (MAX_GAPS + 1), 4))
    assert len(observe(full, 4 * MAX_GAPS - 2, 9).gaps) == MAX_GAPS


@given(st.lists(st.integers(0, 60), min_size=1, max_size=40), st.randoms(use_true_random=False))
def test_any_order_and_any_repetition_gives_the_same_ledger(seqs: list[int], random) -> None:
    shuffled = seqs * 2
    random.shuffle(shuffled)
    ledger = ageless(fed(*shuffled))
    assert ledger == ageless(fed(*sorted(set(seqs))))
    missing = set(range(min(seqs), max(seqs))) - set(seqs)
    assert missing_count(ledger) == len(missing)
    assert {seq for seq in range(62) if has_seen(ledger, seq)} == set(seqs)
    assert all(a[1] + 1 < b[0] for a, b in zip(ledger.gaps, ledger.gaps[1:], strict=False))


def test_a_book_keeps_the_boots_of_a_stream_that_were_heard_last() -> None:
    book = LedgerBook([open_ledger("pump", "first", 1), open_ledger("mill", "only", 1)])
    for number in range(BOOTS_KEPT - 1):
        book.put(open_ledger("pump", f"b{number}", 1))
    heard_again = fed(1, 2)
    book.put(replace(heard_again, boot="first"))
    book.put(open_ledger("pump", "one too many", 1))
    assert book.get("pump", "b0") is None
    assert book.get("pump", "first") == replace(heard_again, boot="first")
    assert book.get("mill", "only") is not None
    assert book.get("press", "any") is None
    assert len(list(book)) == BOOTS_KEPT + 1


@given(st.sets(st.integers(0, 40)), st.sets(st.integers(0, 40), min_size=1))
def test_what_a_store_has_lost_are_the_numbers_that_it_once_had(kept: set[int], known: set[int]) -> None:
    stored = fed(*sorted(kept)) if kept else None
    ledger, lost = recovered(stored, fed(*sorted(known)), 9)
    assert lost == len(known - kept)
    if lost:
        assert {seq for seq in range(42) if has_seen(ledger, seq)} == kept
        assert all(not has_seen(ledger, seq) and ledger.first <= seq <= ledger.highest for seq in known - kept)
    else:
        assert ledger == (stored or fed(*sorted(known)))


def test_a_gap_that_was_known_keeps_its_age() -> None:
    ledger, lost = recovered(fed(1, 4), fed(1, 4, 9), 77)
    assert (lost, [gap[:2] for gap in ledger.gaps], ledger.gaps[-1][2]) == (1, [(2, 3), (5, 9)], 77)
    assert ledger.gaps[0][2] == fed(1, 4).gaps[0][2]
