"""Whatever a device sends, it is stored or in the dead letters with its bytes and its reason, and stops nothing."""

import base64
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from configs.plant import MachineId
from ingest.dead_letter_box import MAX_PAYLOAD
from ingest.intake.examination import Examiner
from ingest.ports import Delivery
from ingest.reading import RejectionReason
from ingest.stores.duckdb_store import DuckDBOptions, DuckDBStore
from tests.fakes.intake import an_examiner, an_intake
from tests.fakes.readings import NOON_NS, SECOND_NS, TOPIC, a_payload
from tests.fakes.source import MemorySource
from tests.fakes.store import MemoryStore

CORPUS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "data" / "poison" / "corpus.json").read_text(encoding="utf-8")
)
AT_LEAST = 44


def bytes_of(item: dict[str, Any]) -> bytes:
    """Return the payload that an item of the corpus describes: its own, or a good one spoilt."""
    if "text" in item:
        return str(item["text"]).encode()
    if "base64" in item:
        return base64.b64decode(item["base64"])
    if "repeat" in item:
        return str(item["repeat"]).encode() * int(item["times"])
    return gzip.compress(bytes(int(item["gzip"]))) if "gzip" in item else spoilt(a_payload(), item)


def spoilt(good: bytes, item: dict[str, Any]) -> bytes:
    """Return a good payload as an item of the corpus spoils it."""
    if "encode" in item:
        return good.decode().encode(item["encode"])
    old, new = item.get("replace", ("", ""))
    text = good.decode().replace(old, "9" * 5000 if new == "9*5000" else new) if old else good.decode()
    whole = base64.b64decode(item.get("prepend_base64", "")) + text.encode() + str(item.get("append", "")).encode()
    return whole[: -item["cut"]] if "cut" in item else whole


def test_the_corpus_is_complete() -> None:
    assert len(CORPUS) >= AT_LEAST
    assert len({item["name"] for item in CORPUS}) == len(CORPUS)


@pytest.mark.parametrize("item", CORPUS, ids=lambda item: item["name"])
def test_poison_is_a_dead_letter_with_its_bytes_and_its_reason(item: dict[str, Any]) -> None:
    store, source = MemoryStore(), MemorySource()
    payload, topic = bytes_of(item), item.get("topic", TOPIC)
    source.publish(topic, payload, NOON_NS)
    source.publish(TOPIC, a_payload(seq=2), NOON_NS)
    intake = an_intake(source, store)
    while intake.take_in():
        pass
    (letter,) = store.dead_letters(9)
    assert (letter.topic, letter.payload, letter.reason) == (topic, payload, item["reason"])
    assert letter.detail.isprintable()
    assert 0 < len(letter.detail) < 500
    assert source.outstanding == 0
    assert store.read_series(MachineId("pump1"), 0, 2 * NOON_NS).values.size > 0


@pytest.mark.parametrize(
    "item", [item for item in CORPUS if item.get("topic", TOPIC) == TOPIC], ids=lambda i: i["name"]
)
def test_poison_whose_number_can_be_seen_leaves_no_gap(item: dict[str, Any]) -> None:
    """What cannot be told from its bytes stays a gap: nobody knows which message it was."""
    examiner, payload = an_examiner(MemoryStore()), bytes_of(item)
    payload = payload.replace(b'"seq": 1,', b'"seq": 2,')
    deliveries = [numbered(1), Delivery(TOPIC, payload, NOON_NS, (1, 2)), numbered(3)]
    (ledger,) = examiner.examine(deliveries).batch.ledgers
    shown = b'"seq": 2,' in payload.replace(b"\0", b"") and b'"boot": "b1"' in payload.replace(b"\0", b"")
    assert bool(ledger.gaps) is not shown


def test_good_messages_are_stored_among_poison_from_the_first_one_on(tmp_path: Path) -> None:
    """A thousand bad messages first, then every fifth."""
    store = DuckDBStore(tmp_path / "telemetry.duckdb", DuckDBOptions(dead_letters_per_device=5_000))
    bad = [bytes_of(item) for item in CORPUS if not item.keys() & {"topic", "times", "encode"}]
    examiner, at = an_examiner(store), 0
    for start in range(0, 3_000, 200):
        batch = []
        for number in range(start, start + 200):
            poison = number < 1_000 or number % 5 == 0
            payload = unlike(bad[number % len(bad)], number) if poison else good(at := at + 1)
            batch.append(Delivery(TOPIC, payload, NOON_NS + 4_000 * SECOND_NS, (1, number + 1)))
        store.commit(examiner.examine(batch).batch)
    letters = store.dead_letters(5_000)
    assert sum(letter.count for letter in letters) == 1_400
    assert store.progress()[0].changes == at == 1_600
    store.close()


def test_a_hundred_thousand_made_up_names_fill_nothing(tmp_path: Path) -> None:
    """Strangers share one account: known machines lose neither room for their letters nor readings."""
    store = DuckDBStore(tmp_path / "telemetry.duckdb", DuckDBOptions(dead_letters_per_device=50))
    examiner: Examiner = an_examiner(store)
    for start in range(0, 100_000, 5_000):
        made_up = [
            Delivery(f"yeji/v1/busan/a/m{number}/telemetry", a_payload(), NOON_NS, (1, number + 1))
            for number in range(start, start + 5_000)
        ]
        known = [numbered(start // 5_000 + 1), Delivery(TOPIC, b"bad%d" % start, NOON_NS, (1, 1))]
        store.commit(examiner.examine([*made_up, *known]).batch)
    letters = store.dead_letters(500)
    strangers = [letter for letter in letters if letter.reason == RejectionReason.UNKNOWN_MACHINE]
    assert len(strangers) == 51
    assert sum(letter.count for letter in strangers) == 100_000
    assert len([letter for letter in letters if letter.topic == TOPIC]) == 20
    assert store.progress()[0].changes == 20
    assert len(store.load().ledgers) == 1
    assert max(len(letter.payload) for letter in letters) <= MAX_PAYLOAD
    store.close()


def unlike(payload: bytes, number: int) -> bytes:
    """Return poison that differs from all other poison, and so does its number where it shows one."""
    own = payload.replace(b'"b1"', b'"b2"').replace(b'"seq": 1,', b'"seq": %d,' % number)
    return own + b" " * (number // 30)


def numbered(seq: int) -> Delivery:
    return Delivery(TOPIC, good(seq), NOON_NS + seq * SECOND_NS, (1, seq))


def good(seq: int) -> bytes:
    return a_payload(seq=seq, ts=NOON_NS // 1_000_000 + seq * 1000)
