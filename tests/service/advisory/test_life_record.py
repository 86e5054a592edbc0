"""What a part life may be corrected to, and how tables of lives are read."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from configs.plant import MachineId
from ingest.part_life import PartLife, RemovalReason
from service.advisory.life_record import Record, check_life, corrected, told
from service.advisory.life_table import MOST_ROWS, read_life_table
from service.errors import InvalidRequestError
from tests.fakes.conclusions import NOW, ago
from tests.fakes.plants import a_machine, a_part_type
from tests.service.advisory.test_replacement import LIFE

CLOSED = replace(
    LIFE,
    removed_at=ago(days=10),
    meter_at_removal=2500.0,
    removal_reason=RemovalReason.FAILED,
    age_at_install=0.0,
)
NEXT = replace(LIFE, id="life2", installed_at=ago(days=10), meter_at_install=2500.0, age_at_install=0.0)


def record(life: PartLife, **changes: object) -> Record:
    whole = Record(
        installed_at=life.installed_at,
        meter_at_install=life.meter_at_install,
        age_at_install=life.age_at_install,
        removed_at=life.removed_at,
        meter_at_removal=life.meter_at_removal,
        removal_reason=life.removal_reason,
    )
    return replace(whole, **changes)


def test_a_correction_changes_the_life_and_leaves_the_next_where_its_start_stays() -> None:
    found = corrected(
        CLOSED, record(CLOSED, removal_reason=RemovalReason.PLANNED, note=" no "), (CLOSED, NEXT), now=NOW
    )
    assert found.life == replace(CLOSED, removal_reason=RemovalReason.PLANNED, note="no")
    assert found.next_life is None


def test_the_next_part_moves_along_with_the_removal() -> None:
    found = corrected(CLOSED, record(CLOSED, removed_at=ago(days=12), meter_at_removal=2400.0), (CLOSED, NEXT), now=NOW)
    assert found.next_life == replace(NEXT, installed_at=ago(days=12), meter_at_install=2400.0)
    unknown = corrected(CLOSED, record(CLOSED, removed_at=ago(days=12), meter_at_removal=None), (NEXT,), now=NOW)
    assert unknown.next_life == replace(NEXT, installed_at=ago(days=12))


def test_unknown_is_an_answer_to_age_meter_and_reason() -> None:
    unknown = record(CLOSED, age_at_install=None, meter_at_removal=None, removal_reason=RemovalReason.UNKNOWN)
    life = corrected(CLOSED, unknown, (), now=NOW).life
    assert (life.age_at_install, life.meter_at_removal, life.removal_reason) == (None, None, "unknown")


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"installed_at": NOW + timedelta(days=2)}, "installed_at: lies in the future"),
        ({"removed_at": NOW + timedelta(days=2)}, "removed_at: lies in the future"),
        ({"removed_at": ago(days=200)}, "was put in later"),
        ({"meter_at_removal": 10.0}, "runs backwards from 1000; if the meter was reset"),
        ({"meter_at_removal": -1.0}, "meter_at_removal: must be 0 or more"),
        ({"meter_at_install": float("inf")}, "meter_at_install: must be 0 or more"),
        ({"age_at_install": -5.0}, "age_at_install: must be 0 or more"),
        ({"removal_reason": None}, "`unknown` is an answer"),
        ({"removed_at": None}, "neither removes a part nor puts it back"),
    ],
)
def test_what_cannot_have_been_is_refused(changes: dict[str, object], why: str) -> None:
    with pytest.raises(InvalidRequestError, match=why):
        corrected(CLOSED, record(CLOSED, **changes), (), now=NOW)


def test_a_part_that_is_in_has_no_reason_to_be_off() -> None:
    with pytest.raises(InvalidRequestError, match="but no time"):
        corrected(LIFE, record(LIFE, removal_reason=RemovalReason.FAILED), (), now=NOW)


def test_two_parts_are_never_in_one_slot_at_once() -> None:
    early = replace(CLOSED, id="life0", installed_at=ago(days=200), removed_at=ago(days=110))
    assert check_life(CLOSED, (early, NEXT), now=NOW) == CLOSED
    with pytest.raises(InvalidRequestError, match="another part was in seal of pump1"):
        corrected(CLOSED, record(CLOSED, installed_at=ago(days=150)), (early, NEXT), now=NOW)
    with pytest.raises(InvalidRequestError, match="to now"):
        check_life(replace(LIFE, id="new"), (NEXT,), now=NOW)


def test_a_life_is_told_in_one_line() -> None:
    assert told(LIFE).endswith("at 1000, age unknown")
    assert told(CLOSED).endswith("at 2500, failed")
    assert " at 0, failed" in told(replace(CLOSED, meter_at_removal=None))


MACHINES = {MachineId("pump1"): a_machine()}
ZONES = {MachineId("pump1"): ZoneInfo("Asia/Seoul")}
PARTS = {part.id: part for part in (a_part_type(),)}


def read(text: str):
    return read_life_table(text, MACHINES, ZONES, PARTS)


def test_a_table_of_lives_is_read_in_the_sites_time() -> None:
    text = "\ufeff설비,부품,장착일,장착 계기값,사용량,탈거일,탈거 계기값,사유\npump1,seal,2026.1.1,\n".replace(
        "2026.1.1", "2026.01.01"
    )
    first = read(text).lives[0]
    assert first.installed_at == datetime(2026, 1, 1, tzinfo=ZONES[MachineId("pump1")])
    assert (first.meter_at_install, first.age_at_install, first.removed_at) == (0.0, 0.0, None)
    rows = (
        "machine,slot,installed_at,meter_at_install,age_at_install,removed_at,meter_at_removal,reason\n"
        'pump1,seal,2025-01-01,"1,000",모름,2025-06-01T10:00:00Z,3000,고장\n'
        "pump1,seal,2025-06-02,,,2025-07-01,,\n"
        "pump1,seal,2025-07-02,,5,2025-08-01,,Planned\n,,\n"
    )
    failed, unknown, plan = read(rows).lives
    assert (failed.age_at_install, failed.meter_at_removal, failed.removal_reason) == (None, 3000.0, "failed")
    assert (unknown.removal_reason, plan.removal_reason, plan.age_at_install) == ("unknown", "planned", 5.0)


def test_every_mistake_of_a_table_is_told_with_its_line() -> None:
    found = read(
        "machine,slot,installed_at,meter_at_install,reason,removed_at\n"
        "pump9,seal,2025-01-01,,,\npump1,belt,2025-01-01,,,\npump1,seal,yesterday,,,\npump1,seal,,,,\n"
        "pump1,seal,2025-01-01,x,,\npump1,seal,2025-01-01,,because,2025-02-01\n"
    )
    assert found.lives == ()
    assert [mistake.split(": ", 2)[:2] for mistake in found.mistakes] == [
        ["line 2", "machine"],
        ["line 3", "slot"],
        ["line 4", "installed_at"],
        ["line 5", "installed_at"],
        ["line 6", "meter_at_install"],
        ["line 7", "reason"],
    ]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "lacks the column machine, 설비"),
        ("machine,slot\n", "lacks the column installed_at, 장착일"),
        ("machine,slot,installed_at\n" + "a\n" * MOST_ROWS, "more than 50000 lines"),
    ],
)
def test_what_is_no_table_of_lives_is_refused(text: str, why: str) -> None:
    with pytest.raises(InvalidRequestError, match=why):
        read(text)
