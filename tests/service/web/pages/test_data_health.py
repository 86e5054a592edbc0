"""The data-health page: what needs a look, what to do about it, in both languages."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from configs.instant import ns_of
from configs.plant import SensorId
from ingest.reading import QualityFlag
from ingest.sequence_ledger import observe, open_ledger
from service.actor import Role
from tests.fakes.houses import House
from tests.fakes.readings import a_batch, a_rejection, an_intake_batch
from tests.service.web.pages.conftest import SignIn


def a_bad_day(factory: House) -> str:
    """Let a sensor be stuck, messages be missing and one be refused; return the machine."""
    machine = factory.services.plant.machines[0]
    now_ns, sensor = ns_of(factory.now[0]), machine.sensors[0].id
    stream = f"yeji/v1/{machine.site}/{machine.line}/{machine.id}"
    ledger = observe(open_ledger(stream, "b9", 700), 742, ns_of(factory.now[0] - timedelta(minutes=5)))
    batch = a_batch((machine.id, now_ns, {sensor: 2.0}), equipment_type=machine.equipment_type)
    stuck = replace(batch, sensors=(SensorId(sensor),), quality=np.full((1, 1), QualityFlag.STUCK, np.uint16))
    letter = a_rejection(b"<b>not json</b>", topic=f"{stream}/telemetry", detail="not JSON: <script>alert(1)</script>")
    factory.store.commit(an_intake_batch(stuck, ledgers=(ledger,), rejections=(letter,)))
    return machine.id


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "ko",
            (
                "데이터 상태",
                "값이 멈춤",
                "센서를 점검하거나 교체하세요",
                "오지 않은 메시지 41건",
                "#701–#741",
                "읽을 수 없는 JSON",
            ),
        ),
        (
            "en",
            (
                "Data health",
                "Stuck",
                "Check or replace the sensor",
                "41 messages missing",
                "#701–#741",
                "Unreadable JSON",
            ),
        ),
    ],
)
def test_what_needs_a_look_is_said_with_what_to_do(
    factory: House, sign_in: SignIn, language: str, words: tuple[str, ...]
) -> None:
    machine = a_bad_day(factory)
    page = sign_in(role=Role.VIEWER, language=language).get("/data-health").text
    assert [word for word in words if word not in page] == []
    assert f'href="/machines/{machine}"' in page
    assert "<script>alert" not in page


def test_a_machine_of_which_nothing_comes_says_so_once(factory: House, sign_in: SignIn) -> None:
    factory.now[0] += timedelta(days=1)
    page = sign_in(language="en").get("/data-health").text
    assert "No signal" in page
    assert page.count("Check the machine's power".replace("'", "&#39;")) == page.count("No signal")


def test_the_page_is_one_of_the_navigation(factory: House, sign_in: SignIn) -> None:
    assert 'href="/data-health" aria-current="page"' in sign_in().get("/data-health").text
