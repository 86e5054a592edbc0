"""Cells, times, names, headings and units of the tables that people keep."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from configs.plant import LifeUnit, Plant
from ingest.decode import table_cells, table_head, table_names, table_times
from ingest.decode.table_cells import Amount, Cell, CellError, amount_of, known_unit, split_unit, text_of
from ingest.decode.table_head import find_head, title_day
from ingest.decode.table_import import SheetCells, SheetContent, Surroundings, read_sheet
from ingest.decode.table_layout import Answers, TableKind
from ingest.decode.table_times import Calendar, clock_of, instants_ns, is_time, local_ns, local_time, quick_times
from ingest.decode.table_units import other_unit
from tests.fakes.plants import a_machine, a_part_type, a_plant, a_sensor, a_text, a_type

SEOUL = Calendar(zone=ZoneInfo("Asia/Seoul"))
NOW_NS = 1_795_564_800_000_000_000


def problem(read: object, *cells: object) -> str:
    with pytest.raises(CellError) as caught:
        read(*cells)  # type: ignore[operator]
    return caught.value.problem.value


def content_of(
    rows: list[list[Cell]], plant: Plant | None = None, answers: Answers | None = None, **changes: object
) -> SheetContent:
    plant = plant or a_plant()
    cells = SheetCells(
        name="sheet", is_hidden=False, from_1904=False, hidden_rows=0, first_hidden_row=0,
        rows=lambda: iter([(number, tuple(row)) for number, row in enumerate(rows, start=1)]),
    )  # fmt: skip
    around = Surroundings(plant=plant, types=plant.equipment_types, meters={}, now_ns=NOW_NS, file_name="pump1")
    said = {"sheet": cells, "around": around} | changes
    return read_sheet(said["sheet"], said["around"], lambda _: answers or Answers())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("cell", "amount"),
    [
        ("1,234.5", Amount(value=1234.5, unit="")),
        ("１２", Amount(value=12.0, unit="")),
        ("12.3℃", Amount(value=12.3, unit="degC")),
        ("-.5", Amount(value=-0.5, unit="")),
        ("1.2e3", Amount(value=1200.0, unit="")),
        (3, Amount(value=3.0, unit="")),
        ("-", None),
        (None, None),
    ],
)
def test_numbers_are_read_as_people_write_them(cell: Cell, amount: Amount | None) -> None:
    assert amount_of(cell) == amount


@pytest.mark.parametrize("cell", ["정지", "1,23", True, datetime(2026, 1, 1), "1e999", float("inf"), "5 apples"])  # noqa: DTZ001
def test_what_is_no_number_is_refused(cell: Cell) -> None:
    assert problem(amount_of, cell) == "not_a_number"


def test_a_formula_without_a_value_is_told() -> None:
    assert problem(amount_of, "#DIV/0!") == "not_calculated"


def test_units_are_known_in_any_spelling_and_split_off_headings() -> None:
    assert [known_unit(text) for text in ("섭씨", "㎏f/㎠", "mm / s", "쪽")] == ["degC", "kgf/cm2", "mm/s", None]
    assert split_unit("압력[MPa]") == ("압력", "MPa")
    assert split_unit("bar") == ("", "bar")
    assert split_unit("비고 (메모)") == ("비고 (메모)", "")
    assert split_unit("진동 A") == ("진동 A", "")
    assert text_of(3.0) == "3"


@pytest.mark.parametrize(
    ("cell", "clock", "wanted"),
    [
        ("2026-11-24 08:00", None, "2026-11-24 08:00"),
        ("26.11.24 오전 8:05", None, "2026-11-24 08:05"),
        ("2026년 11월 24일 (화) 오후 12시 30분", None, "2026-11-24 12:30"),
        ("2026. 11. 24.", "오전 12:10", "2026-11-24 00:10"),
        ("2026-11-24 3:05 PM", None, "2026-11-24 15:05"),
        ("2026/11/24", "24:00", "2026-11-25 00:00"),
        ("20261124", "0800", "2026-11-24 08:00"),
        (20261124, 8, "2026-11-24 08:00"),
        (46350.25, None, "2026-11-24 06:00"),
        ("46350.25", None, "2026-11-24 06:00"),
        ("46350", None, "2026-11-24 00:00"),
        (date(2026, 11, 24), time(8, 30), "2026-11-24 08:30"),
        (datetime(2026, 11, 24), 0.5, "2026-11-24 12:00"),  # noqa: DTZ001
        (datetime(2026, 11, 24), timedelta(days=1), "2026-11-25 00:00"),  # noqa: DTZ001
        (datetime(2026, 11, 24), datetime(1899, 12, 31), "2026-11-25 00:00"),  # noqa: DTZ001
        (datetime(2026, 11, 24), datetime(2026, 11, 24, 9), "2026-11-24 09:00"),  # noqa: DTZ001
        ("2026-11-24T00:00:00Z", None, "2026-11-24 09:00"),
    ],
)
def test_times_are_read_as_people_write_them(cell: Cell, clock: Cell, wanted: str) -> None:
    assert local_time(cell, clock, SEOUL).strftime("%Y-%m-%d %H:%M") == wanted


@pytest.mark.parametrize(
    ("cell", "clock", "said"),
    [
        ("", None, "no_time"),
        ("어제", None, "bad_time"),
        ("11/24", None, "bad_time"),
        ("2026-11-24 25:00", None, "bad_time"),
        ("2026-11-24 오전 13:00", None, "bad_time"),
        ("2026-11-24 8:75", None, "bad_time"),
        ("2026-11-24", "곧", "bad_time"),
        ("2026-13-45", None, "bad_time"),
        ("12", None, "bad_time"),
        (-3, None, "bad_time"),
        (True, None, "bad_time"),
        (1e9, None, "bad_time"),
        ("1998-01-01", None, "too_old"),
        (date(1998, 1, 1), None, "too_old"),
    ],
)
def test_times_that_cannot_be_are_refused(cell: Cell, clock: Cell, said: str) -> None:
    assert problem(lambda: local_time(cell, clock, SEOUL)) == said


def test_days_without_a_year_take_that_of_the_sheet_and_1904_its_epoch() -> None:
    assert local_time("11/24", None, Calendar(zone=SEOUL.zone, year=2026)).year == 2026
    assert local_time(44888.25, None, Calendar(zone=SEOUL.zone, from_1904=True)).day == 24
    assert clock_of(time(1, 2, 3, 4)) == timedelta(hours=1, minutes=2, seconds=3, microseconds=4)


def test_a_time_is_told_from_a_number() -> None:
    cells = ("2026-11-24", "11/24", "12.5", "3호기", "45", "99/99", time(8), 3)
    assert [is_time(cell) for cell in cells] == [True, True, False, False, False, False, True, False]


def test_plain_columns_of_times_are_read_at_once() -> None:
    found = quick_times(["2026-11-24 08:00", "2026-11-24 09:00"])
    assert found is not None
    assert (found[0], instants_ns(found, SEOUL.zone)[0]) == (
        local_ns(datetime(2026, 11, 24, 8)),  # noqa: DTZ001
        int(datetime(2026, 11, 23, 23, tzinfo=UTC).timestamp()) * 10**9,
    )
    assert quick_times([]) is None
    assert quick_times(["2026-11-24 08:00", "2026-11-24"]) is None
    assert quick_times(["2026-11-24 08:00", "2026-11-24 24:00"]) is None


def test_a_title_tells_the_day_as_far_as_it_does() -> None:
    found = title_day(["2026년 2월 31일", "2026-11-24"])
    assert (found.day, found.month, found.year) == (date(2026, 11, 24), (2026, 2), 2026)
    assert title_day(["점검표 2026_13"]).month is None


def test_a_sheet_without_headings_holds_nothing() -> None:
    assert find_head([]) is None
    assert content_of([["메모"], ["내일 점검"]]).kind is TableKind.NOT_UNDERSTOOD
    assert content_of([["이름", "전화"], ["김", "1"]]).kind is TableKind.NOT_UNDERSTOOD
    assert content_of([["항목", "a"]]).kind is TableKind.NOT_UNDERSTOOD


def test_two_machines_of_one_name_are_not_guessed_between() -> None:
    twins = a_plant(*(replace(a_machine(name), name=a_text("펌프")) for name in ("p1", "p2")))
    found = content_of([["일시", "설비", "vib"], ["2026-11-24", "펌프", 1.0]], twins)
    assert [(each.row, each.problem.value) for each in found.rejections] == [(2, "ambiguous_machine")]
    wrong = content_of([["일시", "vib"], ["2026-11-24", 1.0]], twins, Answers(machine="펌프"))
    assert [each.problem.value for each in wrong.rejections] == ["ambiguous_machine"]
    named = content_of([["일시", "설비", "vib"], ["2026-11-24", "펌프", 1.0]], twins, Answers(names={"펌프": "p2"}))
    assert named.accepted == 1


def test_an_answer_gives_a_column_its_sensor_machine_role_or_nothing() -> None:
    rows: list[list[Cell]] = [["일시", "흔들림", "뜨거움", "상태", "메모1"], ["2026-11-24", 1.0, 50, "정지", 1]]
    said = Answers(columns={"흔들림": "pump2/vib", "뜨거움": "temp", "메모1": "ignored"})
    found = content_of(rows, answers=said)
    assert {(each.machine.id, each.sensors) for each in found.readings} == {("pump2", ("vib",)), ("pump1", ("temp",))}
    assert found.readings[0].states.tolist() == ["off"]
    unit = content_of([["일시", "temp"], ["2026-11-24", 122]], answers=Answers(units={"temp": "degF"}))
    assert unit.readings[0].values.tolist() == [[pytest.approx(50.0)]]


def test_headings_that_fit_several_sensors_or_none_are_told() -> None:
    kind = a_type(
        sensors=(a_sensor("a"), a_sensor("b"), a_sensor("t", unit="degC", measurand="temperature", normal_high=60.0))
    )
    plant = a_plant(a_machine("pump1", kind), kinds=(kind,))
    found = content_of([["일시", "진동", "온도", "압력", "t(bar)"], ["2026-11-24", 1, 50, 3, 3]], plant)
    assert {(each.column, each.problem.value) for each in found.rejections} == {
        ("진동", "ambiguous_sensor"),
        ("압력", "unknown_sensor"),
        ("t", "wrong_unit"),
    }


def test_rows_without_a_machine_are_told() -> None:
    rows: list[list[Cell]] = [
        ["일시", "설비", "항목", "값"],
        ["2026-11-24", None, "vib", 1],
        ["2026-11-24", "pump2", "vib", None],
    ]
    around = Surroundings(plant=a_plant(), types=(), meters={}, now_ns=NOW_NS, file_name="log")
    found = content_of(rows, around=around)
    assert [each.problem.value for each in found.rejections] == ["unknown_machine"]
    long = content_of([["일시", "항목", "값"], ["2026-11-24", "vib", 1]], around=around)
    assert [each.problem.value for each in long.rejections] == ["unknown_machine"]
    wide = content_of([["일시", "vib"], ["2026-11-24", 1]], around=around)
    assert [each.problem.value for each in wide.rejections] == ["unknown_machine"]


def test_check_sheets_need_the_month_or_day_of_their_title() -> None:
    days: list[list[Cell]] = [["점검항목", 1, 2, 3, 4], ["vib", 1, 1, 1, 1]]
    assert {each.problem.value for each in content_of(days).rejections} == {"no_time"}
    hours: list[list[Cell]] = [
        ["2026년 11월 24일"],
        ["점검항목", "08:00", "10:00", "12:00", "14:00"],
        ["vib", 1, 2, 3, 4],
    ]
    found = content_of(hours)
    assert [len(each.times_ns) for each in found.readings] == [4]
    assert {each.problem.value for each in content_of(hours[1:]).rejections} == {"no_time"}
    later: list[list[Cell]] = [["2027년 1월"], ["점검항목", 1, 2, 3, 4], ["vib", 1, 1, 1, 1]]
    assert {each.problem.value for each in content_of(later).rejections} == {"future_time"}
    dates: list[list[Cell]] = [["점검항목", *(datetime(2026, 11, day) for day in range(1, 5))], ["vib", 1, 2, 3]]  # noqa: DTZ001
    assert content_of(dates).accepted == 3
    assert content_of([["메모", *range(1, 6)], ["vib", 1]]).kind is TableKind.NOT_UNDERSTOOD


def test_a_clock_column_takes_the_day_above_or_of_the_title() -> None:
    found = content_of([["2026-11-24 일지"], ["시각", "vib"], ["08:00", 1.0], ["09:00", 2.0]])
    assert found.accepted == 2
    none = content_of([["날짜", "시각", "vib"], [None, "08:00", 1.0], ["2026-11-24", "09:00", 2.0]])
    assert [each.problem.value for each in none.rejections] == ["no_time"]


def test_a_unit_that_changes_is_seen_only_where_the_evidence_is_clear() -> None:
    sensor = a_sensor("p", unit="bar", normal_low=4.0, normal_high=6.0)
    steady = np.full(10, 5.0)
    assert other_unit(steady, sensor) is None
    assert other_unit(np.concatenate((steady, steady / 10)), sensor).start == 10  # type: ignore[union-attr]
    assert other_unit(np.full(10, 0.5), sensor).start == 0  # type: ignore[union-attr]
    assert other_unit(np.concatenate((steady, np.zeros(10))), sensor) is None
    assert other_unit(np.concatenate((steady[:2], steady / 10)), sensor) is None
    assert other_unit(np.full(10, 9.9), a_sensor("x", unit="widgets")) is None


def test_lives_are_counted_back_from_where_the_meter_stands() -> None:
    rows: list[list[Cell]] = [
        ["설비", "부품", "장착일", "탈거일", "교체사유"],
        ["pump1", "seal", date(2026, 11, 14), None, None],
    ]
    around = Surroundings(
        plant=a_plant(),
        types=(),
        meters={(a_machine("pump1").id, LifeUnit.OPERATING_HOURS): 30.0},
        now_ns=NOW_NS,
        file_name="",
    )
    ((_, life),) = content_of(rows, around=around).lives
    assert life.meter_at_install == 0.0
    assert life.age_at_install == pytest.approx(8 * 11.375 - 30, abs=8)
    shots = a_plant(kinds=(a_type(),))
    counted = content_of(
        rows,
        Plant(
            **{name: getattr(shots, name) for name in shots.__dataclass_fields__}
            | {"part_types": (a_part_type(life_unit=LifeUnit.SHOTS),)}
        ),
    )
    assert [each.problem.value for each in counted.rejections] == ["missing"]
    minutes = content_of(
        rows,
        Plant(
            **{name: getattr(shots, name) for name in shots.__dataclass_fields__}
            | {"part_types": (a_part_type(life_unit=LifeUnit.CUTTING_MINUTES),)}
        ),
        Answers(hours_per_day=1.0),
    )
    assert minutes.accepted == 1


def test_records_without_a_machine_column_are_of_the_sheets_machine() -> None:
    found = content_of([["작업일", "작업내용"], ["2026-11-20", "씰 교체"], ["2027-11-20", "점검"]])
    assert [event.machine for _, event in found.events] == ["pump1"]
    assert [each.problem.value for each in found.rejections] == ["future_time"]


def test_machines_without_a_usable_number_get_one_and_without_a_name_none() -> None:
    found = content_of([["설비번호", "기종"], ["펌프 가", "pump"], [None, "pump"]])
    assert [row.name for row in found.machines] == ["펌프 가"]
    assert [each.problem.value for each in found.rejections] == ["missing"]


def test_only_so_many_rejections_are_kept_one_by_one() -> None:
    found = content_of([["일시", "vib"], *([f"2026-11-{1 + n % 20:02} 00:{n % 60:02}", "x"] for n in range(1_500))])
    assert (found.rejected, len(found.rejections)) == (1_500, 1_000)


def test_hidden_sheets_are_said_so() -> None:
    rows = [(1, ("일시", "vib")), (2, ("2026-11-24", 1.0))]
    cells = SheetCells(
        name="x", is_hidden=True, from_1904=False, hidden_rows=0, first_hidden_row=0, rows=lambda: iter(rows)
    )
    assert [note.kind.value for note in content_of([], sheet=cells).notes] == ["hidden_sheet"]


def test_units_may_stand_in_a_row_of_their_own_and_a_bare_unit_is_no_column() -> None:
    rows: list[list[Cell]] = [
        ["일시", "설비", "temp", "bar"],
        [None, None, "degF", None],
        ["2026-11-24", "pump1", 122, 3],
    ]
    found = content_of(rows)
    assert found.readings[0].values.tolist() == [[pytest.approx(50.0)]]


def test_of_two_rows_at_one_instant_the_first_state_stays() -> None:
    rows: list[list[Cell]] = [
        ["일시", "상태", "vib", "temp"],
        ["2026-11-24", "정지", 1, None],
        ["2026-11-24", "가동", None, 50],
    ]
    (found,) = content_of(rows).readings
    assert (found.states.tolist(), found.values.tolist()) == (["off"], [[1.0, 50.0]])
    later: list[list[Cell]] = [["일시", "상태", "vib"], ["2026-11-24", None, 1], ["2026-11-24", "가동", 1]]
    assert content_of(later).readings[0].states.tolist() == ["executing"]


def test_rows_without_a_time_are_told_in_every_form() -> None:
    long = content_of([["일시", "항목", "값"], ["2026-11-24", "vib", 1], ["언젠가", "vib", 2]])
    assert ([each.problem.value for each in long.rejections], long.accepted) == (["bad_time"], 1)


def test_a_column_that_names_a_machine_alone_needs_the_quantity_from_the_title() -> None:
    found = content_of([["일시", "pump1", "pump2"], ["2026-11-24", 1.0, 2.0]])
    assert {each.problem.value for each in found.rejections} == {"unknown_sensor"}


def test_an_ambiguous_title_names_no_machine() -> None:
    around = Surroundings(plant=a_plant(), types=(), meters={}, now_ns=NOW_NS, file_name="log")
    twins = a_plant(*(replace(a_machine(name), name=a_text("펌프")) for name in ("p1", "p2")))
    found = content_of([["펌프"], ["일시", "vib"], ["2026-11-24", 1]], around=replace(around, plant=twins))
    assert [each.problem.value for each in found.rejections] == ["unknown_machine"]


def test_headings_may_be_repeated_twice_and_at_the_end() -> None:
    head: list[Cell] = ["일시", "vib(mm/s)", "temp"]
    found = content_of([head, ["2026-11-24 01:00", 1, 50], head, head, ["2026-11-24 02:00", 1, 50], head])
    assert (found.accepted, found.rejected) == (4, 0)


def test_rows_of_a_machine_column_that_is_empty_are_of_the_sheets_machine() -> None:
    rows: list[list[Cell]] = [
        ["일시", "설비", "vib"],
        ["2026-11-24", "pump2", 1],
        ["2026-11-24", None, 2],
        ["2026-11-24", "pump2"],
    ]
    assert {each.machine.id for each in content_of(rows).readings} == {"pump1", "pump2"}


def test_groups_above_the_headings_are_part_of_them() -> None:
    found = content_of([["기본", "축", "축"], ["일시", "vib", "temp"], ["2026-11-24 01:00", 1, 50]])
    assert [column.heading.name for column in found.columns] == ["기본 · 일시", "축 · vib", "축 · temp"]
    assert found.accepted == 2


def test_a_day_that_is_written_once_holds_for_the_rows_below() -> None:
    found = content_of([["날짜", "시각", "vib"], ["2026-11-24", "08:00", 1.0], [None, "09:00", 2.0]])
    assert (found.accepted, [note.kind.value for note in found.notes]) == (2, ["day_carried"])


def test_two_spellings_of_a_machine_are_one() -> None:
    found = content_of([["일시", "설비", "vib"], ["2026-11-23", "pump2", 1], ["2026-11-24", "PUMP-2", 2]])
    assert [(each.machine.id, each.values.ravel().tolist()) for each in found.readings] == [("pump2", [1.0, 2.0])]


def test_modules_are_pure() -> None:
    assert all(module.__doc__ for module in (table_cells, table_head, table_names, table_times))
