"""Costs, lead times, shifts and holidays as an engineer of a small factory changes them."""

from service.actor import SYSTEM, Role
from service.state import audit
from tests.fakes.houses import House
from tests.service.web.pages.conftest import SignIn

BEARING = "/terms/parts/cnc_machining_centre.spindle_bearing"
SITE = {
    "cost_planned_krw": "300,000",
    "cost_unplanned_krw": "2,000,000",
    "shift_name": ["주간", "야간", ""],
    "shift_start": ["08:00", "20:00", ""],
    "shift_end": ["17:00", "05:00", ""],
    "days": ["0-0", "0-1", "1-4"],
    "holidays": "KR",
    "closed": "2026-12-24\n2026-12-25",
}


def test_what_is_typed_in_counts_at_once_and_is_on_record(sign_in: SignIn, factory: House) -> None:
    client = sign_in(role=Role.ENGINEER)
    assert client.post("/terms/sites/ansan", data=SITE).headers["location"] == "/terms"
    page = client.get("/terms").text
    assert "30만 원" in page
    assert "주간 08:00–17:00 · 월 화" in page
    assert "야간 20:00–05:00 · 금" in page
    (site,) = factory.services.plant.sites
    assert site.cost_unplanned_krw == 2_000_000.0
    assert site.calendar is not None
    assert [day.isoformat() for day in site.calendar.closed] == ["2026-12-24", "2026-12-25"]
    form = client.get("/terms/sites/ansan").text
    assert 'value="300000"' in form
    assert 'value="1-4" checked' in form
    with factory.database.reading() as session:
        (entry,) = audit.entries_of(session, SYSTEM, "site", "ansan")
    assert (entry.actor_name, entry.act.action) == ("kim", "plant_changed")


def test_what_is_emptied_goes_back_to_what_counts_without_it(sign_in: SignIn, factory: House) -> None:
    client = sign_in(role=Role.ENGINEER)
    client.post("/terms/sites/ansan", data=SITE)
    client.post("/terms/sites/ansan", data={"risk": "1 in 20"})
    (site,) = factory.services.plant.sites
    assert (site.cost_planned_krw, site.calendar, site.risk) == (None, None, 0.05)
    assert "근무조" in client.get("/terms").text


def test_a_lead_time_of_our_own_is_used_by_the_order_list(sign_in: SignIn) -> None:
    client = sign_in(role=Role.ENGINEER)
    assert client.post(BEARING, data={"lead_time_days": "77"}).status_code == 303
    assert "납기 77일" in client.get("/orders").text
    assert 'value="77"' in client.get(BEARING).text
    page = client.get("/terms").text
    assert "우리 공장 값" in page


def test_a_machine_may_differ_from_its_site(sign_in: SignIn, factory: House) -> None:
    client = sign_in(role=Role.ENGINEER)
    machine = factory.services.plant.machines[0]
    assert client.post(f"/terms/machines/{machine.id}", data={"downtime_krw_per_hour": "50000"}).status_code == 303
    assert factory.services.plant.machines[0].downtime_krw_per_hour == 50_000.0
    assert 'value="50000"' in client.get(f"/terms/machines/{machine.id}").text


def test_figures_that_cannot_be_come_back_with_what_to_mend(sign_in: SignIn, factory: House) -> None:
    client = sign_in(role=Role.ENGINEER)
    before = factory.services.plant
    wrong = (
        ("/terms/sites/ansan", {"cost_planned_krw": "-1"}, "0보다 큰 금액"),
        ("/terms/sites/ansan", {"cost_planned_krw": "9", "cost_unplanned_krw": "5"}, "계획 교체 비용보다"),
        ("/terms/sites/ansan", {"planned_stop_h": "x"}, "정지 시간은 0보다"),
        ("/terms/sites/ansan", {"risk": "often"}, "목록에서"),
        ("/terms/sites/ansan", {"shift_name": ["낮"], "shift_start": ["8"], "shift_end": ["17:00"]}, "근무조마다"),
        ("/terms/sites/ansan", {**SITE, "days": []}, "근무조마다"),
        ("/terms/sites/ansan", {**SITE, "closed": "soon"}, "2026-08-03처럼"),
        ("/terms/sites/ansan", {**SITE, "opened": "2026-12-24"}, "2026-08-03처럼"),
        (BEARING, {"lead_time_days": "4000"}, "납기"),
        (BEARING, {"cost_ratio": "0.5"}, "1에서 1,000"),
        (f"/terms/machines/{before.machines[0].id}", {"unplanned_stop_h": "99999"}, "고장 정지 시간"),
    )
    for path, data, words in wrong:
        answer = client.post(path, data=data)
        assert (answer.status_code, words in answer.text) == (422, True), (path, data)
    assert factory.services.plant is before


def test_who_may_not_change_the_plant_sees_what_counts_and_no_button(sign_in: SignIn) -> None:
    client = sign_in(role=Role.TECHNICIAN)
    assert "/terms/sites/ansan" not in client.get("/terms").text
    assert client.post("/terms/sites/ansan", data=SITE).status_code == 403
    engineer = sign_in("lee", role=Role.ENGINEER, language="en")
    assert "Costs and shifts" in engineer.get("/terms").text
    assert engineer.get("/terms/sites/nowhere").status_code == 404
    assert engineer.get("/terms/parts/nothing.such").status_code == 404
