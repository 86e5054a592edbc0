from configs.plant import SiteId
from service.actor import Role
from tests.fakes.houses import House
from tests.fakes.readings import a_rejection, an_intake_batch


def test_dead_letters_say_why_and_show_their_bytes(house: House) -> None:
    house.store.commit(an_intake_batch(rejections=(a_rejection(b"{bad"), a_rejection(b"\xff\xfe"))))
    items = house.client(Role.ENGINEER).get("/api/v1/dead-letters").json()["items"]
    assert {(each["payload"], each["is_base64"]) for each in items} == {("{bad", False), ("//4=", True)}
    assert {each["reason"] for each in items} == {"malformed_json"}


def test_dead_letters_come_in_pages_newest_first(house: House) -> None:
    for second in range(3):
        letter = a_rejection(b"%d" % second, received_time_ns=1_795_564_800_000_000_000 + second * 1_000_000_000)
        house.store.commit(an_intake_batch(rejections=(letter,)))
    client = house.client()
    first = client.get("/api/v1/dead-letters", params={"limit": 2}).json()
    rest = client.get("/api/v1/dead-letters", params={"limit": 2, "cursor": first["next_cursor"]}).json()
    assert [each["payload"] for each in first["items"] + rest["items"]] == ["2", "1", "0"]


def test_letters_of_other_sites_are_not_shown(house: House) -> None:
    house.store.commit(an_intake_batch(rejections=(a_rejection(), a_rejection(b"y", topic="strange"))))
    here = house.client(Role.ENGINEER, frozenset({SiteId("busan")}))
    elsewhere = house.client(Role.ENGINEER, frozenset({SiteId("seoul")}))
    assert len(here.get("/api/v1/dead-letters").json()["items"]) == 1
    assert elsewhere.get("/api/v1/dead-letters").json()["items"] == []


def test_no_gaps_is_an_empty_list(house: House) -> None:
    assert house.client().get("/api/v1/gaps").json() == {"items": [], "next_cursor": None}


def test_dead_letters_are_tried_again_or_given_up(house: House) -> None:
    house.store.commit(an_intake_batch(rejections=(a_rejection(b"{bad"), a_rejection(b"{worse"))))
    client = house.client(Role.ENGINEER)
    ids = [each["id"] for each in client.get("/api/v1/dead-letters").json()["items"]]
    dry = client.post("/api/v1/dead-letters/replay", json={"ids": [ids[0]], "dry_run": True}).json()
    assert (dry["stored"], [each["id"] for each in dry["refused"]]) == ([], [ids[0]])
    wet = client.post("/api/v1/dead-letters/replay", json={"reason": "malformed_json"}).json()
    assert len(wet["refused"]) == 2
    body = {"ids": [ids[0][:12]], "because": "a test bench"}
    assert client.post("/api/v1/dead-letters/discard", json=body).json() == {"discarded": 1}
    left = client.get("/api/v1/dead-letters").json()["items"]
    assert [each["id"] for each in left] == [ids[1]]
    everything = client.get("/api/v1/dead-letters", params={"settled": True}).json()["items"]
    assert {each["settled_as"] for each in everything} == {"open", "discarded"}
    assert client.post("/api/v1/dead-letters/discard", json={"ids": ["none-such"], "because": "x"}).status_code == 404
    assert house.client(Role.TECHNICIAN).post("/api/v1/dead-letters/replay", json={}).status_code == 403
