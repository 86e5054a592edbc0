"""Improvement and the monthly report, on pages and over the API."""

import re

from service.actor import Role
from tests.fakes.houses import House
from tests.service.web.pages.conftest import SignIn

BEARING = "cnc_machining_centre.spindle_bearing"


def test_improvement_tells_what_less_stress_is_worth(sign_in: SignIn) -> None:
    page = sign_in().get("/improvement").text
    assert "10% 줄이면 수명 20% 늘어남" in page
    assert "부하와 수명의 관계를 몰라" in page
    english = sign_in("lee", language="en").get("/improvement").text
    assert "10% less cutting speed" in english


def test_a_change_is_tested_on_the_page(sign_in: SignIn) -> None:
    client = sign_in()
    page = client.get(f"/improvement?part={BEARING}&since=2026-01-01").text
    assert "고장이 너무 적어 아직 판단할 수 없습니다" in page
    assert client.get(f"/improvement?part={BEARING}&since=someday").status_code == 422


def test_failures_show_as_worst_actors_and_in_the_report_of_their_month(sign_in: SignIn) -> None:
    client = sign_in()
    form = client.get("/machines/conveyor-02/replacement?slot=gear_oil").text
    life = re.findall(r'name="life" value="([^"]+)"', form)[0]
    removal = {"slot": "gear_oil", "life": life, "reason": "failed", "at": "2026-11-20T08:00", "failure_mode": "ELP"}
    assert client.post("/machines/conveyor-02/replacement", data=removal).status_code == 303
    page = client.get("/improvement").text
    assert "고장 1번" in page
    report = client.get("/reports/monthly").text
    assert "2026년 11월 보고" in report
    assert "부품 1개를 교체했습니다" in report
    assert "컨베이어" in report
    before = client.get("/reports/monthly?month=2026-10").text
    assert "이 달에 기록된 고장이 없습니다" in before
    assert 'href="/reports/monthly?month=2026-11"' in before
    assert client.get("/reports/monthly?month=2025-12").status_code == 200
    assert client.get("/reports/monthly?month=2026-13").status_code == 422


def test_improvement_comes_as_data(factory: House) -> None:
    client = factory.client(Role.VIEWER)
    found = client.get("/api/v1/life-extensions").json()["items"]
    saved = [each["saved_krw"] for each in found if each["saved_krw"] is not None]
    assert saved == sorted(saved, reverse=True)
    assert client.get("/api/v1/life-extensions?format=csv").text.startswith("\ufeffpart_type,slots,stress")
    assert client.get("/api/v1/worst-actors").json()["items"] == []
    test = client.get(f"/api/v1/change-tests?part_type={BEARING}&since=2026-01-01T00:00:00Z").json()
    assert test["outcome"] == "too_few"
