"""What people do on the pages, with scripts or without: forms that answer by a redirect."""

from dataclasses import replace
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from configs.plant import MachineId, SlotId
from ingest.part_life import RemovalReason
from service.actor import SYSTEM, Role
from service.advisory.case import Case, CaseState, FindingKind, Verdict
from service.security.links import issue_link
from service.security.people import set_password
from service.state import cases, out_of_service, part_lives
from tests.fakes.facts import a_finding
from tests.fakes.houses import BASE, House
from tests.fakes.sample_factory import FOREMAN
from tests.service.web.pages.conftest import SignIn


def case_of(factory: House, machine: str = "cnc-03") -> Case:
    with factory.database.reading() as session:
        found = cases.open_case_of(session, FOREMAN, MachineId(machine))
    assert found is not None
    return found


def get(factory: House, case_id: str) -> Case:
    with factory.database.reading() as session:
        return cases.get_case(session, FOREMAN, case_id)


def test_acknowledging_leads_back_to_where_one_was(sign_in: SignIn, factory: House) -> None:
    case = case_of(factory)
    answer = sign_in().post(f"/cases/{case.id}/acknowledgement", data={"version": case.version, "next": "/"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    after = get(factory, case.id)
    assert (after.state, after.acknowledged_by) == (CaseState.ACKNOWLEDGED, "kim")


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x", "/\nx"]
)
def test_no_form_leads_away_from_the_page(sign_in: SignIn, factory: House, target: str) -> None:
    case = case_of(factory)
    form = {"version": case.version, "next": target}
    assert sign_in().post(f"/cases/{case.id}/acknowledgement", data=form).headers["location"] == "/"


def test_who_comes_second_is_told_who_was_first(sign_in: SignIn, factory: House) -> None:
    case = case_of(factory)
    first, second = sign_in("kim"), sign_in("park")
    form = {"version": case.version, "next": "/cases?tab=waiting"}
    first.post(f"/cases/{case.id}/acknowledgement", data=form)
    answer = second.post(f"/cases/{case.id}/acknowledgement", data=form)
    assert answer.headers["location"] == f"/cases?tab=waiting&conflict={case.id}"
    assert "이미 kim 님이 확인했습니다" in second.get(answer.headers["location"]).text


def closing_form(case: Case, verdict: str = "prevented") -> dict[str, object]:
    verdicts = {f"verdict:{finding.id}": verdict for finding in case.findings}
    return {"version": case.version, "note": "베어링 교체", **verdicts}


def test_closing_takes_a_verdict_for_each_finding(sign_in: SignIn, factory: House) -> None:
    case, client = case_of(factory), sign_in()
    answer = client.post(f"/cases/{case.id}/closing", data=closing_form(case))
    assert (answer.status_code, answer.headers["location"]) == (303, f"/cases/{case.id}")
    after = get(factory, case.id)
    assert after.state is CaseState.CLOSED
    assert {finding.verdict for finding in after.findings} == {Verdict.PREVENTED}
    text = client.get(f"/cases/{case.id}").text
    assert "예방 교체함" in text
    assert "베어링 교체" in text
    assert case.id in client.get("/cases?tab=past").text


def test_one_verdict_for_all_evidence_closes_a_case_and_a_finding_may_have_its_own(
    sign_in: SignIn, factory: House
) -> None:
    case = case_of(factory)
    with factory.database.transaction() as session:
        two = replace(case, findings=(*case.findings, replace(a_finding(FindingKind.LIMIT), id="second")))
        cases.save_case(session, two, cases.site_of(session, case.id), ())
    case, client = get(factory, case.id), sign_in()
    first, second = (finding.id for finding in case.findings)
    text = client.get(f"/cases/{case.id}").text
    assert text.count('name="finding"') == 2
    assert "모든 근거의 판정" in text
    form = {"version": case.version, "finding": [first, second], "verdict": "prevented"}
    client.post(f"/cases/{case.id}/closing", data=form | {f"verdict:{second}": "nothing_found"})
    verdicts = {finding.id: finding.verdict for finding in get(factory, case.id).findings}
    assert verdicts == {first: Verdict.PREVENTED, second: Verdict.NOTHING_FOUND}


def test_a_case_that_is_closed_already_names_who_closed_it(sign_in: SignIn, factory: House) -> None:
    case = case_of(factory)
    sign_in("kim").post(f"/cases/{case.id}/closing", data=closing_form(case))
    second = sign_in("park")
    answer = second.post(f"/cases/{case.id}/closing", data=closing_form(case))
    assert answer.headers["location"] == f"/cases/{case.id}?conflict={case.id}"
    assert "이미 kim 님이 종결했습니다" in second.get(answer.headers["location"]).text


@pytest.mark.parametrize("change", [{"version": "x"}, {"verdict": "nonsense"}])
def test_a_closing_that_cannot_be_read_is_refused(sign_in: SignIn, factory: House, change: dict[str, str]) -> None:
    case = case_of(factory)
    form = closing_form(case, change.get("verdict", "prevented")) | {k: v for k, v in change.items() if k == "version"}
    assert sign_in().post(f"/cases/{case.id}/closing", data=form).status_code == 422
    assert get(factory, case.id).state is not CaseState.CLOSED


def test_an_operator_may_not_close(sign_in: SignIn, factory: House) -> None:
    case = case_of(factory)
    answer = sign_in(role=Role.OPERATOR).post(f"/cases/{case.id}/closing", data=closing_form(case))
    assert answer.status_code == 403
    assert "권한이 없습니다" in answer.text


@pytest.mark.parametrize("conflict", ["unknown", "case"])
def test_a_notice_about_no_conflict_says_what_is_true(sign_in: SignIn, factory: House, conflict: str) -> None:
    case = case_of(factory)
    text = sign_in().get(f"/?conflict={case.id if conflict == 'case' else conflict}").text
    assert ("경보 내용이 바뀌었습니다" in text) is (conflict == "case")


def replacement(life: str, **changes: str) -> dict[str, str]:
    form = {"slot": "spindle_bearing", "life": life, "reason": "planned", "at": "2026-11-24T16:30", "meter": ""}
    return form | changes


def open_life(factory: House, slot: str = "spindle_bearing", machine: str = "cnc-03"):
    with factory.database.reading() as session:
        lives = part_lives.open_lives(session, FOREMAN, machine=MachineId(machine))
    return next((life for life in lives if life.slot == SlotId(slot)), None)


def test_a_replaced_part_ends_one_life_and_begins_the_next(sign_in: SignIn, factory: House) -> None:
    before = open_life(factory)
    client = sign_in()
    form = replacement(before.id, meter="7,100", failure_mode="VIB", note="내륜 박리")
    answer = client.post("/machines/cnc-03/replacement", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/machines/cnc-03")
    with factory.database.reading() as session:
        closed = part_lives.get_life(session, FOREMAN, before.id)
    assert (closed.removal_reason, closed.meter_at_removal, closed.note) == (RemovalReason.PLANNED, 7100.0, "내륜 박리")
    assert closed.removed_at == factory.now[0].replace(hour=7, minute=30, second=0)
    after = open_life(factory)
    assert after.id != before.id
    assert after.meter_at_install == 7100.0
    page = client.get("/machines/cnc-03").text
    assert "아직 예측하지 않았습니다" in page
    assert "61%" not in page


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"meter": "12"}, "계기값을 확인하세요"),
        ({"meter": "many"}, "계기값을 확인하세요"),
        ({"reason": "because"}, "사유를 적거나 고르세요"),
        ({"at": "2020-01-01T00:00"}, "시각을 확인하세요"),
        ({"at": "yesterday"}, "시각을 확인하세요"),
    ],
)
def test_a_mistake_comes_back_with_the_form_as_it_was_typed(
    sign_in: SignIn, factory: House, change: dict[str, str], words: str
) -> None:
    before = open_life(factory)
    answer = sign_in().post("/machines/cnc-03/replacement", data=replacement(before.id, note="내 메모", **change))
    assert answer.status_code == 422
    assert words in answer.text
    assert "내 메모" in answer.text
    assert open_life(factory).id == before.id


def test_a_mistake_is_told_whole_in_english(sign_in: SignIn, factory: House) -> None:
    before = open_life(factory)
    answer = sign_in(language="en").post("/machines/cnc-03/replacement", data=replacement(before.id, meter="12"))
    assert "cannot run backwards" in answer.text


def test_the_same_replacement_sent_twice_is_recorded_once(sign_in: SignIn, factory: House) -> None:
    before, client = open_life(factory), sign_in()
    client.post("/machines/cnc-03/replacement", data=replacement(before.id))
    again = client.post("/machines/cnc-03/replacement", data=replacement(before.id))
    assert again.status_code == 422
    assert "이미 기록되었습니다" in again.text


def test_a_minute_ahead_of_our_clock_counts_as_now(sign_in: SignIn, factory: House) -> None:
    before = open_life(factory)
    sign_in().post("/machines/cnc-03/replacement", data=replacement(before.id, at="2026-11-24T17:06"))
    assert open_life(factory).installed_at == factory.now[0]


def test_the_first_part_of_an_empty_slot_is_recorded(sign_in: SignIn, factory: House) -> None:
    slot = factory.services.plant.machine(MachineId("conveyor-02")).slots[0].id  # type: ignore[union-attr]
    client = sign_in()
    assert "설치 기록" in client.get(f"/machines/conveyor-02/replacement?slot={slot}").text
    form = {"slot": slot, "life": "", "at": "", "meter": "7000"}
    assert client.post("/machines/conveyor-02/replacement", data=form).status_code == 303
    assert open_life(factory, slot, "conveyor-02") is not None


def test_a_slot_without_a_meter_asks_for_it(sign_in: SignIn, factory: House) -> None:
    machine = next(
        machine
        for machine in factory.services.plant.machines
        for slot in machine.slots
        if factory.services.plant.part_type(slot.part_type).life_unit.value == "calendar_days"
    )
    slot = next(
        slot
        for slot in machine.slots
        if factory.services.plant.part_type(slot.part_type).life_unit.value == "calendar_days"
    )
    text = sign_in().get(f"/machines/{machine.id}/replacement?slot={slot.id}").text
    assert "계기값을 모릅니다" in text


def test_out_of_service_and_back(sign_in: SignIn, factory: House) -> None:
    client = sign_in()
    wish = {"until": "2026-11-24T20:00", "reason": "벨트 교체"}
    answer = client.post("/machines/pump-01/out-of-service", data=wish)
    assert answer.headers["location"] == "/machines/pump-01"
    with factory.database.reading() as session:
        absence = out_of_service.of_machine(session, FOREMAN, MachineId("pump-01"), factory.now[0])
    assert absence is not None
    assert absence.until - factory.now[0] == timedelta(hours=2, minutes=54, seconds=23)
    assert "벨트 교체" in client.get("/machines/pump-01").text
    client.post("/machines/pump-01/return-to-service")
    with factory.database.reading() as session:
        assert out_of_service.of_machine(session, FOREMAN, MachineId("pump-01"), factory.now[0]) is None


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        ({"until": "", "reason": "점검"}, "180일"),
        ({"until": "2028-01-01T00:00", "reason": "점검"}, "180일"),
        ({"until": "2026-11-25T08:00", "reason": " "}, "사유"),
    ],
)
def test_out_of_service_needs_an_end_and_a_reason(
    sign_in: SignIn, factory: House, wish: dict[str, str], words: str
) -> None:
    answer = sign_in().post("/machines/pump-01/out-of-service", data=wish)
    assert answer.status_code == 422
    assert words in answer.text


def stranger(factory: House, language: str = "ko") -> TestClient:
    headers = {"accept": "text/html", "accept-language": language, "origin": BASE}
    return TestClient(factory.app, base_url=BASE, headers=headers, follow_redirects=False)


def test_a_stranger_is_led_to_the_door_and_from_there_to_where_he_wanted(sign_in: SignIn, factory: House) -> None:
    sign_in("kim")
    set_password(
        factory.database,
        factory.services.passwords,
        SYSTEM,
        name="kim",
        password="correct horse battery",
        now=factory.now[0],
    )
    client = stranger(factory)
    led = client.get("/cases?tab=past").headers["location"]
    assert led.startswith("/sign-in?next=")
    assert 'value="/cases?tab=past"' in client.get(led).text
    form = {"name": "kim", "password": "correct horse battery", "next": "/cases?tab=past"}
    answer = client.post("/sign-in", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/cases?tab=past")
    assert client.get("/cases?tab=past").status_code == 200
    client.post("/sign-out")
    assert client.get("/").headers["location"] == "/sign-in?next=/"


def test_a_wrong_password_says_so_and_too_many_have_to_wait(sign_in: SignIn, factory: House) -> None:
    sign_in("kim")
    client = stranger(factory)
    form = {"name": "kim", "password": "wrong"}
    first = client.post("/sign-in", data=form)
    assert first.status_code == 401
    assert "이름이나 비밀번호가 맞지 않습니다" in first.text
    answers = [client.post("/sign-in", data=form) for _ in range(12)]
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["retry-after"]) >= 1
    assert "시도가 너무 많았습니다" in answers[-1].text


def test_a_link_is_not_used_up_by_looking_and_works_once(sign_in: SignIn, factory: House) -> None:
    sign_in("kim")
    token = issue_link(factory.database, SYSTEM, "kim", now=factory.now[0])
    client = stranger(factory)
    assert client.get(f"/sign-in/{token}").status_code == 200
    assert client.post(f"/sign-in/{token}").status_code == 303
    again = stranger(factory).post(f"/sign-in/{token}")
    assert again.status_code == 401
    assert "이미 썼거나 기한이 지난" in again.text


def test_the_language_is_remembered(factory: House) -> None:
    client = stranger(factory)
    assert "로그인" in client.get("/sign-in").text
    answer = client.post("/language", data={"language": "en", "next": "/sign-in"})
    assert answer.headers["location"] == "/sign-in"
    assert "Sign in" in client.get("/sign-in").text
