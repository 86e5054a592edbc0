"""What intake counts for whoever watches it."""

from ingest.sequence_ledger import observe, open_ledger
from service.app.intake import record_metrics
from tests.fakes.readings import NOON_NS, a_rejection, an_intake_batch
from tests.fakes.store import MemoryStore


def test_missing_and_refused_messages_are_counted() -> None:
    store = MemoryStore()
    ledger = observe(observe(open_ledger("yeji/v1/busan/a/pump1", "b1", 1), 5, NOON_NS), 9, NOON_NS)
    store.commit(an_intake_batch(ledgers=(ledger,), rejections=(a_rejection(), a_rejection(b"other"))))
    assert record_metrics(store) == {"missing_messages": 6.0, "missing_ranges": 2.0, "open_dead_letters": 2.0}
