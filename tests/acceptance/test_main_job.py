"""From an MQTT message to a person who knows what to replace and when, on the running program."""

import json
import re
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.acceptance.running_yeji import Program, until, yeji

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(180)]
GOOD = {"vib": 1.8, "bearing_temp": 45.0, "motor_current": 12.0, "flow": 40.0}


def rounds(program: Program) -> int:
    """Return how many rounds the monitor has done."""
    with program.client() as client:
        text = client.get("/metrics").text
    found = re.search(r"^yeji_monitor_rounds_total (\d+)", text, re.MULTILINE)
    return int(found[1]) if found else 0


def after_a_round(program: Program) -> None:
    """Wait until the monitor has looked at what is stored now."""
    before = rounds(program)
    until(lambda: rounds(program) >= before + 2, within_s=20, what="two rounds of the monitor")


def case_of(program: Program, machine: str, kind: str) -> Any:
    """Return the open case of a machine that holds such a finding, or None."""
    found = program.get("/cases", machine=machine)["items"]
    return next((c for c in found if c["state"] != "closed" and any(f["kind"] == kind for f in c["findings"])), None)


def test_a_reading_is_on_an_open_page_within_two_seconds_of_its_publication(program: Program) -> None:
    with (
        program.device() as device,
        program.client() as client,
        client.stream("GET", "/api/v1/stream") as answer,
    ):
        lines = answer.iter_lines()
        assert next(line for line in lines if line.startswith("event")) == "event: snapshot"
        started = time.monotonic()
        device.report(GOOD | {"vib": 1.23})
        rows = (row for line in lines if line.startswith("data:") for row in json.loads(line[5:])["values"])
        shown = next(row for row in rows if row["sensor"] == "vib" and row["value"] == 1.23)
    assert time.monotonic() - started <= 2.0
    assert shown["machine"] == "pump-1"


def test_a_reading_is_read_back_as_it_was_sent(program: Program) -> None:
    at = datetime.now(UTC).replace(microsecond=0)
    with program.device(boot="b2") as device:
        device.report({"vib": 1.5}, at=at)

    def stored() -> Any:
        answer = program.get("/readings", machine="pump-1", sensor="vib", **{"from": at.isoformat()})
        return answer if int(at.timestamp() * 1000) in answer["at_ms"] else None

    answer = until(stored, within_s=10, what="the reading in the store")
    assert answer["low"][answer["at_ms"].index(int(at.timestamp() * 1000))] == 1.5


def test_a_limit_that_is_passed_raises_one_case_which_a_person_acknowledges_and_closes(program: Program) -> None:
    began = datetime.now(UTC) - timedelta(seconds=100)
    with program.device(machine="pump-2") as device:
        for step in range(6):
            device.report({"vib": 9.5}, at=began + timedelta(seconds=20 * step))
            after_a_round(program)
    case = until(lambda: case_of(program, "pump-2", "limit"), within_s=20, what="a case of the limit")
    assert case["state"] == "raised"
    with program.client() as client:
        read = client.get(f"/api/v1/cases/{case['id']}")
        stale = client.post(f"/api/v1/cases/{case['id']}/acknowledgement", headers={"if-match": '"0"'})
        assert stale.status_code == 412
        taken = client.post(f"/api/v1/cases/{case['id']}/acknowledgement", headers={"if-match": read.headers["etag"]})
        assert taken.json()["state"] == "acknowledged"
        verdicts = [
            {"finding": f["id"], "verdict": "real_failure", "note": "씰 누설"} for f in taken.json()["findings"]
        ]
        closed = client.post(f"/api/v1/cases/{case['id']}/closing", json={"verdicts": verdicts})
    assert (closed.status_code, closed.json()["state"]) == (200, "closed"), closed.text
    events = [event["kind"] for event in program.get(f"/cases/{case['id']}")["events"]]
    assert events[0] == "raised"
    assert events[-1] == "closed"


def test_every_slot_has_a_prediction_or_says_why_not_and_a_removal_starts_a_new_life(program: Program) -> None:
    slots = {slot["id"]: slot for slot in program.get("/machines/pump-1")["slots"]}

    def all_predicted() -> Any:
        items = program.get("/predictions", machine="pump-1")["items"]
        return items if {item["slot"] for item in items} == set(slots) else None

    for prediction in until(all_predicted, within_s=60, what="a prediction of every slot"):
        assert prediction["status"] != "ok"
        assert prediction["reasons"], prediction
    with program.client() as client:
        meter = {"machine": "pump-1", "unit": slots["mech_seal"]["life_unit"], "value": 12_000.0}
        assert client.post("/api/v1/meters", json=meter).status_code == 201
        first = client.post("/api/v1/part-lives", json={"machine": "pump-1", "slot": "mech_seal"}).json()
        removal = {"reason": "failed", "meter": 12_400.0, "note": "누설"}
        exchange = client.post(f"/api/v1/part-lives/{first['id']}/removal", json=removal)
        assert exchange.status_code == 200, exchange.text
    assert exchange.json()["closed"]["id"] == first["id"]
    assert exchange.json()["opened"]["meter_at_install"] == 12_400.0

    def seal() -> Any:
        items = program.get("/predictions", machine="pump-1", slot="mech_seal")["items"]
        return items[0] if items and items[0]["status"] == "ok" else None

    prediction = until(seal, within_s=60, what="a number for the new seal")
    remaining = prediction["remaining"]
    assert 0 < remaining["p10"] < remaining["p50"] < remaining["p90"]
    assert remaining["p10_at"] < remaining["p50_at"] < remaining["p90_at"]
    assert prediction["basis"]
    assert prediction["drivers"]


def test_a_person_signs_in_once_by_the_link_and_out_again(program: Program) -> None:
    made = yeji("user", "add", "kim", "--role", "technician", "--data", program.folder, "--json")
    assert made.returncode == 0, made.stderr
    link = json.loads(made.stdout)["link"]
    headers = {"accept": "text/html", "origin": program.address}
    with httpx.Client(base_url=program.address, headers=headers) as browser:
        assert browser.get("/").headers["location"] == "/sign-in?next=/"
        assert browser.get(link).status_code == 200
        signed_in = browser.post(link)
        assert signed_in.status_code == 303, signed_in.text
        cookie = signed_in.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        assert browser.get("/").status_code == 200
        assert browser.post(link).status_code != 303
        assert browser.post("/sign-out", headers={"origin": "http://evil.example"}).status_code == 403
        assert browser.post("/sign-out").status_code == 303
        assert browser.get("/").status_code == 303
