"""Plan, order list and store over the API."""

from service.actor import Role
from tests.fakes.houses import House

ITEM = {"fits": ["cnc_machining_centre.spindle_bearing"], "on_hand": 0, "supplier": "한빛", "lead_time_days": 21}


def test_the_plan_lists_replacements_and_stops_in_the_order_of_their_days(factory: House) -> None:
    client = factory.client(Role.VIEWER)
    replacements = client.get("/api/v1/planned-replacements").json()["items"]
    due = [each["due"] for each in replacements if each["due"] is not None]
    assert due == sorted(due)
    bearing = next(each for each in replacements if (each["machine"], each["slot"]) == ("cnc-03", "spindle_bearing"))
    assert bearing["shift"] == "주간"
    assert bearing["acting_krw"] == 920_000.0
    first = client.get("/api/v1/planned-stops", params={"limit": 1}).json()
    assert first["items"][0]["slots"]
    second = client.get("/api/v1/planned-stops", params={"limit": 1, "cursor": first["next_cursor"]}).json()
    assert second["items"][0]["at"] >= first["items"][0]["at"]


def test_the_order_list_follows_the_store(factory: House) -> None:
    client = factory.client(Role.TECHNICIAN)

    def bearing() -> dict[str, object]:
        lines = client.get("/api/v1/order-lines").json()["items"]
        return next(each for each in lines if each["part_type"] == "cnc_machining_centre.spindle_bearing")

    assert (bearing()["is_recorded"], bearing()["quantity"]) == (False, 1)
    assert client.put("/api/v1/stock-items/ansan/7014C", json=ITEM).json()["changed_by"] == "TECHNICIAN"
    assert (bearing()["part_number"], bearing()["supplier"]) == ("7014C", "한빛")
    wish = {"site": "ansan", "part_number": "7014C", "quantity": 1, "lead_time_days": 21}
    order = client.post("/api/v1/stock-orders", json=wish).json()
    assert (bearing()["quantity"], bearing()["on_order"], bearing()["comes_late"]) == (0, 1, True)
    assert client.post(f"/api/v1/stock-orders/{order['id']}/receipt").json()["state"] == "received"
    assert client.post(f"/api/v1/stock-orders/{order['id']}/cancellation").status_code == 409
    assert (bearing()["on_hand"], bearing()["on_order"]) == (1, 0)
    assert [each["id"] for each in client.get("/api/v1/stock-orders?state=received").json()["items"]] == [order["id"]]
    assert client.get("/api/v1/stock-items").json()["items"][0]["on_hand"] == 1
    assert client.delete("/api/v1/stock-items/ansan/7014C").status_code == 204
    assert client.get("/api/v1/stock-items").json()["items"] == []


def test_plan_list_and_store_come_as_csv(factory: House) -> None:
    client = factory.client(Role.TECHNICIAN)
    client.put("/api/v1/stock-items/ansan/7014C", json=ITEM)
    plan = client.get("/api/v1/planned-replacements?format=csv").text.splitlines()
    assert plan[0].startswith("\ufeffmachine,machine name,slot")
    assert any(row.startswith("cnc-03,머시닝센터 3호기,spindle_bearing") for row in plan)
    orders = client.get("/api/v1/order-lines?format=csv").text
    assert "7014C" in orders
    assert client.get("/api/v1/stock-items?format=csv").text.splitlines()[1].startswith("ansan,7014C")


def test_who_only_looks_changes_nothing_and_who_is_elsewhere_sees_nothing(factory: House) -> None:
    assert factory.client(Role.OPERATOR).put("/api/v1/stock-items/ansan/X", json=ITEM).status_code == 403
    elsewhere = factory.client(Role.TECHNICIAN, frozenset({"busan"}))  # type: ignore[arg-type]
    assert elsewhere.get("/api/v1/order-lines").json()["items"] == []
    assert elsewhere.get("/api/v1/planned-replacements").json()["items"] == []
