"""Part lives on the pages: looked at, corrected, imported."""

import re

from service.actor import Role
from tests.fakes.houses import House
from tests.service.web.pages.conftest import SignIn

FORM = {"installed_at": "2026-09-01T08:00", "meter_at_install": "100", "age": "0"}


def first_life(page: str) -> str:
    return re.findall(r'href="/part-lives/([0-9A-Za-z:_.-]+)"', page)[0]


def test_lives_of_a_machine_are_listed_and_one_is_corrected(sign_in: SignIn) -> None:
    client = sign_in()
    page = client.get("/part-lives?machine=press-01").text
    assert "프레스" in page
    assert 'href="/machines/press-01/replacement"' in page
    life = first_life(page)
    assert "바뀐 기록" in client.get(f"/part-lives/{life}").text
    answer = client.post(f"/part-lives/{life}/correction", data={**FORM, "age_unknown": "1"})
    assert answer.headers["location"] == f"/part-lives/{life}"
    shown = client.get(f"/part-lives/{life}").text
    assert "고침" in shown
    assert 'name="age_unknown" value="1" checked' in shown
    wrong = client.post(f"/part-lives/{life}/correction", data={**FORM, "installed_at": "2031-01-01T08:00"})
    assert wrong.status_code == 422
    assert 'value="2031-01-01T08:00"' in wrong.text
    assert client.get("/part-lives/none").status_code == 404


def test_a_table_of_lives_is_taken_over_whole_or_not_at_all(sign_in: SignIn) -> None:
    client = sign_in()

    def upload(text: bytes):
        return client.post("/part-lives/import", files={"table": ("lives.csv", text, "text/csv")})

    row = "설비,부품,장착일,탈거일,사유\nconveyor-02,gear_oil,2020-01-01,2020-06-01,계획\n"
    assert "새 이력 1건" in upload(row.encode()).text
    assert "새 이력 0건" in upload(row.encode()).text
    assert upload("설비,부품,장착일\nx,y,z\n".encode()).status_code == 422
    assert upload("설비,부품,장착일\nconveyor-02,gear_oil,2020-02-01\n".encode()).status_code == 422
    assert "UTF-8이 아닙니다" in upload("설비,부품".encode("cp949")).text


def test_a_life_is_corrected_over_the_api_and_its_changes_are_listed(factory: House) -> None:
    client = factory.client(Role.TECHNICIAN)
    life = client.get("/api/v1/part-lives?open=true&limit=1").json()["items"][0]
    wish = {"installed_at": life["installed_at"], "meter_at_install": life["meter_at_install"], "age_at_install": None}
    answer = client.post(f"/api/v1/part-lives/{life['id']}/correction", json=wish)
    assert answer.json()["life"]["age_at_install"] is None
    assert answer.json()["next_life"] is None
    changes = client.get(f"/api/v1/part-lives/{life['id']}/changes").json()["items"]
    assert changes[-1]["action"] == "part_life_corrected"
    table = client.get("/api/v1/part-lives?format=csv").text.splitlines()
    assert table[0] == (
        "\ufeffmachine,slot,installed_at,meter_at_install,age_at_install,removed_at,meter_at_removal,reason,"
        "failure_mode,note"
    )
