"""What is wrong with the data, told once, by its worst."""

from datetime import UTC, datetime, timedelta

import pytest

from configs.instant import utc_of_ns
from configs.plant import MachineId, SensorId
from ingest.operation import OperatingState
from ingest.ports import DeadLetter, Gap, LastValue, MachineProgress, SettledAs
from ingest.quality import Doubt
from ingest.reading import QualityFlag
from service.advisory.data_health import DataHealth, Observed, SensorCondition, assess_data
from tests.fakes.plants import a_machine, a_sensor, a_type
from tests.fakes.readings import NOON_NS, SECOND_NS

NOW = datetime(2026, 11, 25, tzinfo=UTC)
KIND = a_type(sensors=(a_sensor("vib"), a_sensor("temp", period_s=60.0)))
PUMP = a_machine("pump1", KIND)
F = QualityFlag


def a_value(sensor: str, age_s: float = 1.0, quality: int = 0) -> LastValue:
    at = NOON_NS - int(age_s * SECOND_NS)
    return LastValue(
        machine=MachineId("pump1"), sensor=SensorId(sensor), event_time_ns=at, received_time_ns=at, value=2.0, quality=quality
    )  # fmt: skip


def progress(state: OperatingState = OperatingState.EXECUTING) -> MachineProgress:
    return MachineProgress(
        machine=MachineId("pump1"),
        first_event_time_ns=0,
        newest_event_time_ns=NOON_NS,
        newest_received_time_ns=NOON_NS,
        state=state,
        changes=1,
    )


def a_letter(reason: str = "unknown_sensor", **changes: object) -> DeadLetter:
    own: dict[str, object] = {
        "id": "x", "topic": "yeji/v1/busan/a/pump1/telemetry", "payload": b"", "reason": reason, "detail": "add it",
        "first_seen": NOW, "last_seen": NOW, "count": 2,
    }  # fmt: skip
    return DeadLetter(**(own | changes))  # type: ignore[arg-type]


def assessed(*values: LastValue, **seen: object) -> DataHealth:
    own: dict[str, object] = {"last_values": values, "progress": (progress(),), "gaps": (), "letters": ()}
    return assess_data([PUMP], Observed(**(own | seen)), NOW)  # type: ignore[arg-type]


def conditions(health: DataHealth) -> list[SensorCondition]:
    return [each.condition for each in health.machines[0].sensors]


@pytest.mark.parametrize(
    ("quality", "condition"),
    [
        (F.GOOD, SensorCondition.OK),
        (F.LATE, SensorCondition.OK),
        (F.STUCK, SensorCondition.STUCK),
        (F.STUCK | F.OUT_OF_RANGE, SensorCondition.STUCK),
        (F.OUT_OF_RANGE | F.SUSPECT_UNIT, SensorCondition.UNIT),
        (F.SUSPECT_SWAP, SensorCondition.SWAPPED),
        (F.OUT_OF_RANGE, SensorCondition.OUT_OF_RANGE),
        (F.SHIFTED | F.NOISE, SensorCondition.SHIFTED),
        (F.SATURATED, SensorCondition.SATURATED),
        (F.NOISE | F.CLOCK_SKEW, SensorCondition.NOISY),
        (F.CLOCK_SKEW, SensorCondition.SKEWED),
    ],
)
def test_a_sensor_is_told_by_the_worst_of_its_flags(quality: QualityFlag, condition: SensorCondition) -> None:
    assert conditions(assessed(a_value("vib", quality=quality), a_value("temp"))) == [condition, SensorCondition.OK]


def test_a_sensor_in_doubt_is_told_with_since_when_although_its_newest_reading_says_nothing() -> None:
    doubt = Doubt(sensor=SensorId("vib"), flag=F.NOISE, since_ns=NOON_NS - 3600 * SECOND_NS, until_ns=None)
    health = assessed(a_value("vib"), a_value("temp"), doubts={MachineId("pump1"): [doubt]})
    vib, temp = health.machines[0].sensors
    assert (vib.condition, vib.since) == (SensorCondition.NOISY, utc_of_ns(NOON_NS) - timedelta(hours=1))
    assert (temp.condition, temp.since) == (SensorCondition.OK, None)


def test_a_sensor_is_silent_after_three_of_its_own_periods() -> None:
    health = assessed(a_value("vib", 31), a_value("temp", 179))
    assert conditions(health) == [SensorCondition.SILENT, SensorCondition.OK]
    assert conditions(assessed(a_value("vib", 30), a_value("temp", 181))) == [
        SensorCondition.OK,
        SensorCondition.SILENT,
    ]
    assert (health.troubled_count, health.machines[0].is_silent) == (1, False)
    assert health.machines[0].troubled[0].last_at == NOW - timedelta(seconds=31)


def test_a_machine_that_is_off_may_be_silent() -> None:
    off = assessed(a_value("vib", 3600), a_value("temp", 3600), progress=(progress(OperatingState.OFF),))
    assert conditions(off) == [SensorCondition.OK] * 2


def test_a_machine_of_which_nothing_comes_is_silent_as_a_whole() -> None:
    health = assessed(a_value("vib", 3600), progress=())
    assert conditions(health) == [SensorCondition.SILENT, SensorCondition.NEVER]
    assert (health.machines[0].is_silent, health.machines[0].newest_at) == (True, None)
    assert health.machines[0].sensors[1].last_at is None


def test_a_machine_out_of_service_is_left_in_peace() -> None:
    assert assessed(absent=frozenset({MachineId("pump1")})).machines == ()


def test_numbers_are_missing_once_they_had_time_to_come() -> None:
    def gap(first: int, last: int, age_s: int) -> Gap:
        return Gap(
            stream="yeji/v1/busan/a/pump1", boot="b1", first=first, last=last, since=NOW - timedelta(seconds=age_s)
        )

    health = assessed(gaps=(gap(3, 5, 30), gap(9, 9, 29), gap(7, 7, 31)))
    assert [(each.machine, each.first, each.count) for each in health.missing] == [("pump1", 3, 3), ("pump1", 7, 1)]
    assert health.missing_count == 4


def test_refused_messages_are_told_by_reason_until_they_are_settled() -> None:
    later = NOW + timedelta(seconds=1)
    letters = (
        a_letter(),
        a_letter(id="y", detail="newer", last_seen=later),
        a_letter("bad_time", count=9),
        a_letter("too_large", settled_as=SettledAs.DISCARDED),
    )
    found = assessed(letters=letters).refused
    assert [(each.reason, each.letters, each.count, each.detail) for each in found] == [
        ("bad_time", 1, 9, "add it"),
        ("unknown_sensor", 2, 4, "newer"),
    ]
