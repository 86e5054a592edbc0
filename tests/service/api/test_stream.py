import asyncio
import json
from collections.abc import AsyncIterator

from starlette.requests import Request

from configs.plant import SiteId
from service.actor import SYSTEM, Actor, Role
from service.api.stream import ASK_AGAIN, read_stream
from service.http.cookies import PLAIN_NAME
from service.security import links, people
from service.security.api_keys import NewKey, issue_key, revoke_key
from service.security.people import NewPerson
from tests.fakes.event_loops import run_async
from tests.fakes.houses import House
from tests.fakes.readings import NOON_NS, a_batch, an_intake_batch

BUSAN = SiteId("busan")
VIEWER = Actor(id="v", name="v", role=Role.VIEWER, sites=None)
STRANGER = Actor(id="s", name="s", role=Role.VIEWER, sites=frozenset({SiteId("seoul")}))


async def chunks_of(house: House, actor: Actor, **headers: str) -> AsyncIterator[bytes]:
    house.services.live.open(asyncio.get_running_loop())
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    request = Request({"type": "http", "headers": raw, "app": house.app})
    answer = await read_stream(request, house.services, actor)
    assert answer.media_type == "text/event-stream"
    assert answer.headers["cache-control"] == "no-store"
    return answer.body_iterator  # type: ignore[return-value]


async def take(chunks: AsyncIterator[bytes]) -> bytes:
    return await asyncio.wait_for(anext(chunks), 10)


def values_in(chunk: bytes) -> list[dict[str, object]]:
    (data,) = [line for line in chunk.decode().splitlines() if line.startswith("data: ")]
    return json.loads(data[6:])["values"]


def test_a_page_gets_a_snapshot_then_what_happens_until_the_program_stops(house: House) -> None:
    house.store.commit(an_intake_batch(a_batch(("pump1", NOON_NS, {"vib": 0.5}))))

    async def follow() -> None:
        chunks = await chunks_of(house, VIEWER)
        assert await take(chunks) == b"retry: 2000\n\n"
        snapshot = await take(chunks)
        assert snapshot.startswith(b"event: snapshot\n")
        assert values_in(snapshot)[0]["value"] == 0.5
        house.services.live.publish("case", BUSAN, {"id": "1"})
        assert (await take(chunks)).startswith(b"event: case\n")
        assert house.services.live.listener_count == 1
        house.services.live.close()
        async for _ in chunks:
            pass
        assert house.services.live.listener_count == 0

    run_async(follow)


def test_a_page_that_was_too_slow_gets_a_fresh_snapshot(house: House) -> None:
    async def follow() -> None:
        chunks = await chunks_of(house, VIEWER)
        await take(chunks)
        await take(chunks)
        for number in range(5):
            house.services.live.publish("tick", BUSAN, {"values": [number]})
        await asyncio.sleep(0)
        assert (await take(chunks)).startswith(b"event: snapshot\n")
        await chunks.aclose()  # type: ignore[attr-defined]

    run_async(follow)


def test_a_person_of_another_site_sees_nothing_of_this_one(house: House) -> None:
    house.store.commit(an_intake_batch(a_batch(("pump1", NOON_NS, {"vib": 0.5}))))

    async def follow() -> None:
        chunks = await chunks_of(house, STRANGER)
        await take(chunks)
        assert values_in(await take(chunks)) == []
        house.services.live.publish("case", BUSAN, {"id": "1"})
        house.services.live.publish("case", SiteId("seoul"), {"id": "2"})
        assert b'{"id":"2"}' in await take(chunks)
        await chunks.aclose()  # type: ignore[attr-defined]

    run_async(follow)


async def goes_on(chunks: AsyncIterator[bytes], house: House) -> bool:
    house.services.live.publish("tick", BUSAN, {"values": []})
    return await asyncio.wait_for(anext(chunks, b""), 10) != b""


def test_a_stream_ends_with_the_session_that_opened_it_and_does_not_prolong_it(house: House) -> None:
    person = NewPerson(name="kim", display_name="Kim", role=Role.VIEWER)
    people.add_person(house.database, SYSTEM, person, now=house.now[0])
    link = links.issue_link(house.database, SYSTEM, "kim", now=house.now[0])
    limits = house.services.session_limits
    signed_in = links.redeem_link(house.database, link, limits=limits, now=house.now[0])

    async def follow() -> None:
        chunks = await chunks_of(house, signed_in.actor, cookie=f"{PLAIN_NAME}={signed_in.token}")
        await take(chunks)
        await take(chunks)
        house.now[0] += limits.idle - ASK_AGAIN
        assert await goes_on(chunks, house)
        house.now[0] += ASK_AGAIN
        assert not await goes_on(chunks, house)
        assert house.services.live.listener_count == 0

    run_async(follow)


def test_a_stream_ends_with_the_key_that_opened_it(house: House) -> None:
    issued = issue_key(house.database, SYSTEM, NewKey(name="wall", role=Role.VIEWER), now=house.now[0])

    async def follow() -> None:
        chunks = await chunks_of(house, VIEWER, authorization=f"Bearer {issued.text}")
        await take(chunks)
        await take(chunks)
        house.now[0] += ASK_AGAIN
        assert await goes_on(chunks, house)
        revoke_key(house.database, SYSTEM, issued.key.id, now=house.now[0])
        house.now[0] += ASK_AGAIN
        assert not await goes_on(chunks, house)

    run_async(follow)
