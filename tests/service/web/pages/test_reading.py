"""What everybody who may look sees, on every page."""

import gzip
import re
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from fastapi.testclient import TestClient

from configs.plant import MachineId
from ingest.part_life import RemovalReason
from service.actor import Role
from service.state import cases, part_lives
from service.web.assets import asset
from tests.fakes.houses import House
from tests.fakes.plain import plain
from tests.fakes.sample_factory import FOREMAN
from tests.service.web.pages.conftest import SignIn

PAGES = (
    "/",
    "/cases",
    "/cases?tab=in_hand",
    "/cases?tab=past",
    "/machines/cnc-03",
    "/machines/cnc-03?slot=ball_screw",
    "/machines/conveyor-02",
    "/machines/chiller-02",
    "/machines/cnc-03/replacement",
    "/machines/cnc-03/out-of-service",
    "/nowhere",
)


class Strict(HTMLParser):
    """Collects what the content security policy would refuse, and the order of the headings."""

    def __init__(self) -> None:
        super().__init__()
        self.refused: list[str] = []
        self.headings: list[int] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = {name for name, _ in attrs}
        self.refused += [f"{tag} {name}" for name in names if name == "style" or name.startswith("on")]
        addresses = [value or "" for name, value in attrs if name in {"src", "href", "action", "hx-get", "hx-post"}]
        self.refused += [address for address in addresses if not address.startswith(("/", "#"))]
        if tag == "style" or (tag == "script" and "src" not in names and ("type", "application/json") not in attrs):
            self.refused.append(tag)
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))


@pytest.mark.parametrize("language", ["ko", "en"])
def test_every_page_keeps_to_the_content_security_policy_and_has_one_first_heading(
    sign_in: SignIn, language: str
) -> None:
    client = sign_in(language=language)
    for page in PAGES:
        answer = client.get(page)
        assert answer.status_code == (404 if page == "/nowhere" else 200)
        assert f'<html lang="{language}">' in answer.text
        page_reader = Strict()
        page_reader.feed(answer.text)
        assert page_reader.refused == []
        assert page_reader.headings.count(1) == 1
        assert all(b - a <= 1 for a, b in zip(page_reader.headings, page_reader.headings[1:], strict=False)), page


def test_the_fleet_page_says_what_to_do(sign_in: SignIn) -> None:
    text = plain(sign_in().get("/").text)
    for words in (
        "확인이 필요한 설비 6대",
        "머시닝센터 3호기",
        "11월 27일(금)까지 교체",
        "7일 내 고장 61%",
        "신호 없음 26분",
        "학습 중 9/14일",
        "정비 중 · 18:05까지",
    ):
        assert words in text


def test_what_is_typed_in_is_shown_as_text(sign_in: SignIn, factory: House) -> None:
    client = sign_in()
    wish = {"until": "2026-11-25T08:00", "reason": "<script>alert(1)</script>"}
    assert client.post("/machines/pump-01/out-of-service", data=wish).status_code == 303
    text = client.get("/machines/pump-01").text
    assert "<script>alert" not in text
    assert "&lt;script&gt;" in text


def test_a_case_page_shows_evidence_and_timeline(sign_in: SignIn, factory: House) -> None:
    client = sign_in()
    with factory.database.reading() as session:
        for case in cases.open_cases(session, FOREMAN):
            text = client.get(f"/cases/{case.id}").text
            assert "경보 발생" in text
            assert 'name="verdict:' in text


def test_a_viewer_sees_no_buttons_that_are_not_his(sign_in: SignIn) -> None:
    client = sign_in(role=Role.VIEWER)
    for page in ("/", "/cases", "/machines/cnc-03"):
        text = client.get(page).text
        assert "acknowledgement" not in text
        assert "replacement" not in text
    assert client.get("/machines/cnc-03/replacement").status_code == 403


def test_an_operator_acknowledges_but_does_not_close(sign_in: SignIn) -> None:
    client = sign_in(role=Role.OPERATOR)
    assert "acknowledgement" in client.get("/").text
    assert "closing" not in client.get("/cases").text


def test_errors_are_pages_in_the_readers_language(sign_in: SignIn, factory: House) -> None:
    client = sign_in()
    missing = client.get("/machines/none")
    assert missing.status_code == 404
    assert "찾는 페이지가 없습니다" in missing.text
    assert client.get("/cases/none").status_code == 404
    assert client.get("/machines/cnc-03?slot=" + "x" * 100).status_code == 422
    factory.now[0] = factory.now[0].replace(year=2027)
    assert client.get("/").headers["location"] == "/sign-in?next=/"


def test_the_number_of_waiting_cases_is_a_fragment(sign_in: SignIn) -> None:
    text = sign_in().get("/cases/waiting").text
    assert re.fullmatch(r'<b id="open-cases"[^>]*>4</b>', text.strip())


def test_static_files_are_kept_for_ever_under_an_address_of_their_content(factory: House) -> None:
    answer = TestClient(factory.app, base_url="http://127.0.0.1:8000").get(asset("app.css"))
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"].startswith("text/css")


def test_the_fleet_page_stays_small(sign_in: SignIn) -> None:
    """What a phone loads the first time, compressed, must stay under 40 kB."""
    client = sign_in()
    text = client.get("/").text
    total = len(gzip.compress(text.encode()))
    paths = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', text))
    base = next(path for path in paths if path.endswith("js/page.js")).removesuffix("page.js")
    paths |= {base + name for name in ("page_data.js", "stream.js", "times.js", "fleet.js")}
    for path in paths:
        total += len(gzip.compress(client.get(path).content))
    assert total < 40_000


def test_a_tool_changed_a_thousand_times_hides_no_other_part(sign_in: SignIn, factory: House) -> None:
    with factory.database.transaction() as session:
        machine = MachineId("cnc-03")
        [tool] = [
            each for each in part_lives.open_lives(session, FOREMAN, machine=machine) if each.slot == "cutting_tool"
        ]
        site = part_lives.site_of(session, tool.id)
        for number in range(1001):
            at = tool.installed_at - timedelta(hours=number + 1)
            removed_at = at + timedelta(minutes=50)
            life = replace(tool, id=f"tool-{number}", installed_at=at, removed_at=removed_at)
            part_lives.add_life(
                session, replace(life, removal_reason=RemovalReason.PLANNED, meter_at_removal=1e4), site
            )
    text = sign_in().get("/machines/cnc-03").text
    assert ">설치 기록<" not in text
    assert text.count("부품 교체</a>") > 2
