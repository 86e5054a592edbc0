"""Plan, order list and store as a foreman and a purchaser use them."""

from tests.service.web.pages.conftest import SignIn

BEARING = {"site": "ansan", "part_number": "7014C", "on_hand": "0", "fits": "cnc_machining_centre.spindle_bearing"}


def test_the_plan_tells_what_is_done_on_which_day(sign_in: SignIn) -> None:
    page = sign_in().get("/plan").text
    assert "26일" in page
    assert "주축 베어링" in page
    assert "함께 앞당김" in page
    assert 'href="/plan" aria-current="page"' in page
    by_part = sign_in("lee", language="en").get("/plan?by=part").text
    assert "Twelve weeks at a glance" in by_part


def test_a_purchaser_types_stock_in_and_the_list_knows(sign_in: SignIn) -> None:
    client = sign_in()
    assert client.post("/stock/item", data=BEARING).headers["location"] == "/stock"
    assert 'value="7014C"' in client.get("/stock/item?site=ansan&part_number=7014C").text
    assert "7014C" in client.get("/orders").text
    ordered = {"site": "ansan", "part_number": "7014C", "quantity": "2", "lead_time_days": "21"}
    assert client.post("/orders", data=ordered).status_code == 303
    page = client.get("/orders").text
    assert "오는 중" in page
    order = page.split('action="/orders/')[1].split("/")[0]
    assert client.post(f"/orders/{order}/receipt").status_code == 303
    assert client.post(f"/orders/{order}/cancellation").status_code == 422
    assert "재고 2개" in client.get("/stock").text


def test_a_part_that_nobody_recorded_is_offered_with_what_it_fits(sign_in: SignIn) -> None:
    page = sign_in().get("/stock/item?site=ansan&part_number=cnc_machining_centre.spindle_bearing").text
    assert 'value="cnc_machining_centre.spindle_bearing" checked' in page


def test_mistakes_come_back_with_what_was_typed(sign_in: SignIn) -> None:
    client = sign_in()
    wrong = client.post("/stock/item", data={**BEARING, "on_hand": "two"})
    assert wrong.status_code == 422
    assert "0 이상의 정수" in wrong.text
    assert 'value="two"' in wrong.text
    assert client.post("/orders", data={"site": "ansan", "part_number": "x", "quantity": "1.5"}).status_code == 422


def test_a_stock_table_is_taken_over_whole_or_not_at_all(sign_in: SignIn) -> None:
    client = sign_in()

    def upload(text: bytes):
        return client.post("/stock/import", files={"table": ("stock.csv", text, "text/csv")})

    good = "품번,재고,적용 부품\n7014C,3,cnc_machining_centre.spindle_bearing\nF-1,10,hydraulic_press.return_filter\n"
    assert "2가지를 받아들였습니다" in upload(good.encode()).text
    bad = upload("품번,재고\n7014C,many\n".encode())
    assert bad.status_code == 422
    assert "line 2" in bad.text
    assert upload("품번,재고,적용 부품\nQ,1,nothing.such\n".encode()).status_code == 422
    assert "UTF-8이 아닙니다" in upload("품번,재고\nQ,1\n".encode("cp949")).text
    assert "재고 3개" in client.get("/stock").text


def test_a_machine_page_knows_of_the_spare_in_store(sign_in: SignIn) -> None:
    client = sign_in()
    assert "예비품 있음" not in client.get("/machines/cnc-03").text
    client.post("/stock/item", data={**BEARING, "on_hand": "1"})
    assert "예비품 있음" in client.get("/machines/cnc-03").text
    client.post("/stock/item", data={**BEARING, "on_hand": "0"})
    page = client.get("/machines/cnc-03").text
    assert "재고 없음: 지금 주문하면" in page
    assert "입고 후" in client.get("/plan").text
