import asyncio
import json
import threading

import pytest

from configs.plant import MachineId, SensorId, SiteId
from ingest.ports import LastValue
from service.live import LiveFeed, changed_since, encode_event, value_rows
from tests.fakes.event_loops import run_async

ANSAN, BUSAN = SiteId("ansan"), SiteId("busan")


def value(sensor: str, number: float, at_ns: int = 0) -> LastValue:
    return LastValue(
        machine=MachineId("mc-1"),
        sensor=SensorId(sensor),
        event_time_ns=at_ns,
        received_time_ns=at_ns,
        value=number,
        quality=0,
    )


def test_an_event_is_encoded_as_a_server_sent_event() -> None:
    chunk = encode_event("tick", {"값": 1}, 7).decode()
    assert chunk == 'event: tick\nid: 7\ndata: {"값":1}\n\n'


def test_an_event_from_another_thread_reaches_the_listeners_of_its_site() -> None:
    async def test() -> None:
        feed = LiveFeed()
        feed.open(asyncio.get_running_loop())
        here = feed.subscribe(lambda site: site == ANSAN)
        elsewhere = feed.subscribe(lambda site: site == BUSAN)
        thread = threading.Thread(target=feed.publish, args=("case", ANSAN, {"id": "1"}))
        thread.start()
        await here.wait(5)
        thread.join()
        chunk, is_behind = here.take()
        assert b"event: case" in chunk
        assert not is_behind
        assert elsewhere.take() == (b"", False)

    run_async(test)


def test_a_slow_listener_loses_the_queue_and_is_told_to_take_a_snapshot() -> None:
    async def test() -> None:
        feed = LiveFeed()
        feed.open(asyncio.get_running_loop())
        slow = feed.subscribe(lambda _: True)
        for number in range(3):
            slow.offer(b"%d" % number)
        assert slow.take() == (b"", True)
        slow.offer(b"4")
        assert slow.take() == (b"4", False)

    run_async(test)


def test_waiting_ends_with_the_time_or_with_the_feed() -> None:
    async def test() -> None:
        feed = LiveFeed()
        feed.open(asyncio.get_running_loop())
        listener = feed.subscribe(lambda _: True)
        await listener.wait(0.01)
        assert not listener.is_closed
        feed.close()
        await listener.wait(5)
        assert listener.is_closed
        feed.unsubscribe(listener)
        assert feed.listener_count == 0

    run_async(test)


def test_nothing_is_encoded_while_nobody_listens() -> None:
    not_encodable = object()
    LiveFeed().publish("tick", ANSAN, not_encodable)

    async def test() -> None:
        feed = LiveFeed()
        feed.open(asyncio.get_running_loop())
        feed.subscribe(lambda _: True)
        with pytest.raises(TypeError):
            feed.publish("tick", ANSAN, not_encodable)

    run_async(test)


def test_only_what_changed_is_told() -> None:
    before = {(v.machine, v.sensor): v for v in (value("a", 1.0), value("b", 1.0))}
    now = [value("a", 1.0), value("b", 1.0, at_ns=5), value("c", 2.0)]
    assert [v.sensor for v in changed_since(before, now)] == ["b", "c"]


def test_rows_carry_rfc_3339_times() -> None:
    chunk = encode_event("tick", {"values": value_rows([value("a", 1.5, at_ns=1_000_000_000)])}, 1)
    (line,) = [line for line in chunk.decode().splitlines() if line.startswith("data: ")]
    assert json.loads(line[6:])["values"] == [
        {"machine": "mc-1", "sensor": "a", "value": 1.5, "at": "1970-01-01T00:00:01+00:00", "quality": 0}
    ]
