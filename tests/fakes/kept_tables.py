"""Twelve files after what Korean factories keep, each with what is to come of it, row by row.

They are for the machines of `sample_factory`. Readings are told as (machine, sensor, time of the site's clock): value,
rejections as (row, column, problem).
"""

import codecs
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from openpyxl import Workbook
from openpyxl.utils.datetime import MAC_EPOCH
from openpyxl.worksheet.worksheet import Worksheet

Readings = dict[tuple[str, str, str], float]
Rejections = set[tuple[int, str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptTable:
    """One file: how it is made, and what is to come of it. Records are told by their row."""

    name: str
    write: Callable[[Path], None]
    readings: Readings = field(default_factory=dict)
    records: Mapping[int, tuple[object, ...]] = field(default_factory=dict)
    rejections: Rejections = field(default_factory=set)
    notes: frozenset[str] = frozenset()


def _book(
    path: Path, *sheets: tuple[str, list[list[object]]], finish: Callable[[Workbook], None] | None = None
) -> None:
    book = Workbook()
    book.remove(book.active)  # type: ignore[arg-type]
    for title, rows in sheets:
        sheet: Worksheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    if finish is not None:
        finish(book)
    book.save(path)


def _text(path: Path, lines: list[str], encoding: str = "utf-8") -> None:
    path.write_bytes(("\r\n".join(lines) + "\r\n").encode(encoding))


# 1. A log sheet on paper lines: titles, merged headings, days merged down, 24:00, text among the numbers


def _write_log_sheet(path: Path) -> None:
    rows: list[list[object]] = [
        ["설비 운전일지"],
        ["설비명:", "머시닝센터 3호기", None, "작성자:", "김반장"],
        [],
        ["날짜", "시각", "주축", None, "절삭유", "비고"],
        [None, None, "진동(mm/s)", "온도", "압력", None],
        [None, None, None, "℃", "bar", None],
        [date(2026, 11, 2), "08:00", 0.62, 31.5, 4.1, None],
        [None, "16:00", "0.71", "점검중", 4.2, "필터 청소"],
        [None, "24:00", 0.74, 33.0, "-", None],
        [date(2026, 11, 3), "오전 8:00", "０.66", 32.1, 4.0, None],
        [None, "오후 4:00", 0.7, 33.2, 4.3, None],
        ["평균", None, 0.69, 32.5, 4.2, None],
    ]

    def finish(book: Workbook) -> None:
        sheet = book["11월"]
        for block in ("A1:F1", "A4:A6", "B4:B6", "C4:D4", "F4:F6", "A7:A9", "A10:A11"):
            sheet.merge_cells(block)

    _book(path, ("11월", rows), finish=finish)


_LOG_SHEET = KeptTable(
    name="운전일지.xlsx",
    write=_write_log_sheet,
    readings={
        ("cnc-03", "spindle_vib", "2026-11-02 08:00"): 0.62,
        ("cnc-03", "spindle_temp", "2026-11-02 08:00"): 31.5,
        ("cnc-03", "coolant_pressure", "2026-11-02 08:00"): 4.1,
        ("cnc-03", "spindle_vib", "2026-11-02 16:00"): 0.71,
        ("cnc-03", "coolant_pressure", "2026-11-02 16:00"): 4.2,
        ("cnc-03", "spindle_vib", "2026-11-03 00:00"): 0.74,
        ("cnc-03", "spindle_temp", "2026-11-03 00:00"): 33.0,
        ("cnc-03", "spindle_vib", "2026-11-03 08:00"): 0.66,
        ("cnc-03", "spindle_temp", "2026-11-03 08:00"): 32.1,
        ("cnc-03", "coolant_pressure", "2026-11-03 08:00"): 4.0,
        ("cnc-03", "spindle_vib", "2026-11-03 16:00"): 0.7,
        ("cnc-03", "spindle_temp", "2026-11-03 16:00"): 33.2,
        ("cnc-03", "coolant_pressure", "2026-11-03 16:00"): 4.3,
    },
    rejections={(8, "주축 · 온도", "not_a_number")},
    notes=frozenset({"summary_rows"}),
)


# 2. A CSV in CP949 with the machine in the rows


def _write_cp949(path: Path) -> None:
    _text(
        path,
        [
            "측정일시,설비명,진동(mm/s),모터전류(A),비고",
            "2026-11-02 오전 9:00,원심펌프 2호기,1.9,15.2,",
            "2026-11-02 오후 1:30,원심펌프 2호기,2.0,15.4,",
            "2026-11-02 오전 9:00,원심펌프 3호기,1.7,14.9,",
            '2026-11-02 오후 1:30,원심펌프 3호기,1.8,"1,015.3",전류계 이상',
            "2026-11-02 오전 9:00,원심펌프 9호기,1.8,15.0,",
            "2026-11-02 오전 13:00,원심펌프 2호기,1.8,15.0,",
            "합계,,11.0,1091,",
        ],
        "cp949",
    )


_CP949 = KeptTable(
    name="펌프점검_2026.csv",
    write=_write_cp949,
    readings={
        ("pump-02", "vib", "2026-11-02 09:00"): 1.9,
        ("pump-02", "motor_current", "2026-11-02 09:00"): 15.2,
        ("pump-02", "vib", "2026-11-02 13:30"): 2.0,
        ("pump-02", "motor_current", "2026-11-02 13:30"): 15.4,
        ("pump-03", "vib", "2026-11-02 09:00"): 1.7,
        ("pump-03", "motor_current", "2026-11-02 09:00"): 14.9,
        ("pump-03", "vib", "2026-11-02 13:30"): 1.8,
        ("pump-03", "motor_current", "2026-11-02 13:30"): 1015.3,
    },
    rejections={(6, "설비명", "unknown_machine"), (7, "측정일시", "bad_time")},
    notes=frozenset({"summary_rows"}),
)


# 3. A logger's export: BOM, semicolons, identifiers, times with an offset


def _write_logger(path: Path) -> None:
    lines = [
        "timestamp;machine;discharge_pressure;flow;temperature_of_the_hall",
        "2026-11-02T00:00:00Z;pump-01;5.1;38.0;21",
        "2026-11-02T09:30:00+09:00;pump-01;510;;21",
        "2026-11-02T10:00:00+09:00;pump-01;NaN;39.5;21",
        "2027-11-02T10:00:00+09:00;pump-01;5.2;39.5;21",
    ]
    path.write_bytes(codecs.BOM_UTF8 + "\n".join(lines).encode())


_LOGGER = KeptTable(
    name="logger.csv",
    write=_write_logger,
    readings={
        ("pump-01", "discharge_pressure", "2026-11-02 09:00"): 5.1,
        ("pump-01", "flow", "2026-11-02 09:00"): 38.0,
        ("pump-01", "discharge_pressure", "2026-11-02 09:30"): 510.0,
        ("pump-01", "flow", "2026-11-02 10:00"): 39.5,
    },
    rejections={(1, "temperature_of_the_hall", "unknown_sensor"), (5, "timestamp", "future_time")},
)


# 4. Serial days of Excel, one sheet per machine, formulas with and without a value, hidden rows


def _write_sheets(path: Path) -> None:
    first: list[list[object]] = [
        ["일시", "주축 진동 mm/s", "주축 온도 ℃"],
        [46328.375, 0.61, 30.0],
        [46328.5, "=0.6+0.02", 30.5],
        [46328.625, 0.63, 31.0],
    ]
    second: list[list[object]] = [
        ["일시", "주축 진동 mm/s", "주축 온도 ℃"],
        [46328.375, 0.8, "#DIV/0!"],
        [None, None, None],
    ]

    def finish(book: Workbook) -> None:
        book["cnc-01"].row_dimensions[4].hidden = True

    _book(path, ("cnc-01", first), ("cnc-02", second), finish=finish)


_SHEETS = KeptTable(
    name="월간측정.xlsx",
    write=_write_sheets,
    readings={
        ("cnc-01", "spindle_vib", "2026-11-02 09:00"): 0.61,
        ("cnc-01", "spindle_temp", "2026-11-02 09:00"): 30.0,
        ("cnc-01", "spindle_temp", "2026-11-02 12:00"): 30.5,
        ("cnc-01", "spindle_vib", "2026-11-02 15:00"): 0.63,
        ("cnc-01", "spindle_temp", "2026-11-02 15:00"): 31.0,
        ("cnc-02", "spindle_vib", "2026-11-02 09:00"): 0.8,
    },
    rejections={(3, "주축 진동", "not_calculated"), (2, "주축 온도", "not_calculated")},
    notes=frozenset({"hidden_rows"}),
)


# 5. A workbook that counts days from 1904, with real dates and one from 1998


def _write_1904(path: Path) -> None:
    rows: list[list[object]] = [
        ["작동유 점검표 (유압 프레스 1호기)"],
        ["점검일시", "작동유 온도(℃)", "작동유 유면(%)", "점검자"],
        [datetime(2026, 11, 2, 9, 0), 44.0, 82, "이기사"],  # noqa: DTZ001
        [datetime(2026, 11, 3, 9, 0), 45.5, 81, "이기사"],  # noqa: DTZ001
        ["1998-11-04 09:00", 45.0, 81, "이기사"],
    ]

    def finish(book: Workbook) -> None:
        book.epoch = MAC_EPOCH

    _book(path, ("작동유", rows), finish=finish)


_FROM_1904 = KeptTable(
    name="작동유.xlsx",
    write=_write_1904,
    readings={
        ("press-01", "oil_temp", "2026-11-02 09:00"): 44.0,
        ("press-01", "oil_level", "2026-11-02 09:00"): 82.0,
        ("press-01", "oil_temp", "2026-11-03 09:00"): 45.5,
        ("press-01", "oil_level", "2026-11-03 09:00"): 81.0,
    },
    rejections={(5, "점검일시", "too_old")},
)


# 6. One column per machine, the quantity in the title


def _write_machines_across(path: Path) -> None:
    rows: list[list[object]] = [
        ["주축 진동 (mm/s)"],
        ["일시", "머시닝센터 1호기", "머시닝센터 2호기", "머시닝센터 7호기"],
        ["2026.11.02 09:00", 0.6, 0.7, 0.5],
        ["2026.11.02 13:00", "0,6", 0.72, 0.5],
        ["2026.11.02 13:00", 0.61, 0.9, 0.5],
    ]
    _book(path, ("주축 진동", rows))


_MACHINES_ACROSS = KeptTable(
    name="주축진동.xlsx",
    write=_write_machines_across,
    readings={
        ("cnc-01", "spindle_vib", "2026-11-02 09:00"): 0.6,
        ("cnc-02", "spindle_vib", "2026-11-02 09:00"): 0.7,
        ("cnc-01", "spindle_vib", "2026-11-02 13:00"): 0.61,
        ("cnc-02", "spindle_vib", "2026-11-02 13:00"): 0.72,
    },
    rejections={
        (2, "머시닝센터 7호기", "unknown_machine"),
        (4, "머시닝센터 1호기", "not_a_number"),
        (5, "spindle_vib", "same_instant"),
    },
)


# 7. A daily check sheet of a month: items downwards, days to the right


def _write_check_sheet(path: Path) -> None:
    rows: list[list[object]] = [
        ["일일점검표 2026년 11월", None, "설비: 원심펌프 2호기"],
        ["점검항목", "단위", 1, 2, 3, 4, 5],
        ["토출 압력", "kgf/cm2", 5.1, 5.2, None, 5.0, "X"],
        ["베어링 온도", "℃", 52, 53, None, "54℃", 129.2],
        ["누유 여부", None, "O", "O", None, "O", "O"],
    ]
    _book(path, ("11월 점검", rows))


_KGF = 0.980665
_CHECK_SHEET = KeptTable(
    name="일일점검표.xlsx",
    write=_write_check_sheet,
    readings={
        ("pump-02", "discharge_pressure", "2026-11-01 12:00"): 5.1 * _KGF,
        ("pump-02", "discharge_pressure", "2026-11-02 12:00"): 5.2 * _KGF,
        ("pump-02", "discharge_pressure", "2026-11-04 12:00"): 5.0 * _KGF,
        ("pump-02", "bearing_temp", "2026-11-01 12:00"): 52.0,
        ("pump-02", "bearing_temp", "2026-11-02 12:00"): 53.0,
        ("pump-02", "bearing_temp", "2026-11-04 12:00"): 54.0,
        ("pump-02", "bearing_temp", "2026-11-05 12:00"): 129.2,
    },
    rejections={(3, "5", "not_a_number"), *((5, day, "unknown_sensor") for day in ("1", "2", "4", "5"))},
)


# 8. One value a row, with its unit, tabulators between


def _write_long(path: Path) -> None:
    _text(
        path,
        [
            "측정시각\t설비번호\t측정항목\t측정값\t단위",
            "2026/11/02 09:00\tpress-02\t최고 계통 압력\t18.2\tMPa",
            "2026/11/02 09:00\tpress-02\t작동유 온도\t113\t℉",
            "2026/11/02 09:00\tpress-02\t펌프 진동\t1.1\tmm/s",
            "2026/11/02 09:10\tpress-02\t최고 계통 압력\t18.4\tA",
            "2026/11/02 09:10\tpress-02\t색상\t3\t",
            "2026/11/02\tpress-01\t펌프 진동\t1.2\tmm/s",
        ],
    )


_LONG = KeptTable(
    name="태그목록.csv",
    write=_write_long,
    readings={
        ("press-02", "sys_pressure_peak", "2026-11-02 09:00"): 182.0,
        ("press-02", "oil_temp", "2026-11-02 09:00"): 45.0,
        ("press-02", "pump_vib", "2026-11-02 09:00"): 1.1,
        ("press-01", "pump_vib", "2026-11-02 00:00"): 1.2,
    },
    rejections={(5, "측정값", "wrong_unit"), (6, "측정값", "unknown_sensor")},
)


# 9. A unit that changes half-way: once with new headings, once without a word


def _write_unit_change(path: Path) -> None:
    rows: list[list[object]] = [["일시", "토출 압력(bar)", "베어링 온도(℃)"]]
    rows += [[datetime(2026, 11, 2, hour), 5.0 + hour / 100, 50.0 + hour] for hour in range(6)]  # noqa: DTZ001
    rows += [["일시", "토출 압력(MPa)", "베어링 온도(℃)"]]
    rows += [[datetime(2026, 11, 2, hour), 0.5 + hour / 1000, 122.0 + hour] for hour in range(6, 12)]  # noqa: DTZ001
    _book(path, ("원심펌프 3호기", rows))


_UNIT_CHANGE = KeptTable(
    name="펌프로그.xlsx",
    write=_write_unit_change,
    readings={("pump-03", "discharge_pressure", f"2026-11-02 {hour:02}:00"): 5.0 + hour / 100 for hour in range(12)}
    | {("pump-03", "bearing_temp", f"2026-11-02 {hour:02}:00"): 50.0 + hour for hour in range(6)},
    rejections={(row, "bearing_temp", "unit_change") for row in range(9, 15)},
    notes=frozenset({"heading_again"}),
)


# 10. A maintenance ledger


def _write_maintenance(path: Path) -> None:
    rows: list[list[object]] = [
        ["정비이력대장"],
        ["작업일", "설비명", "구분", "교체부품", "작업내용", "작업자"],
        ["2026.03.02", "머시닝센터 3호기", "고장", "주축 베어링", "소음 발생, 베어링 교체", "박기사"],
        ["2026.06.15", "머시닝센터 3호기", "정기", None, "윤활유 보충", "박기사"],
        ["2026.07.01", "3호기", "점검", None, "벨트 장력 확인", "박기사"],
        ["2026.99.01", "머시닝센터 1호기", "점검", None, "벨트 장력 확인", "박기사"],
        ["2026.08.20", "유압 프레스 2호기", None, "리턴 필터", "필터 차압 높아 교체", "박기사"],
    ]
    _book(path, ("정비이력", rows))


_MAINTENANCE = KeptTable(
    name="정비이력.xlsx",
    write=_write_maintenance,
    records={
        3: ("cnc-03", "spindle_bearing", "2026-03-02 00:00", "corrective", "소음 발생, 베어링 교체 · 주축 베어링"),
        4: ("cnc-03", None, "2026-06-15 00:00", "preventive", "윤활유 보충"),
        7: ("press-02", "return_filter", "2026-08-20 00:00", "preventive", "필터 차압 높아 교체 · 리턴 필터"),
    },
    rejections={(5, "설비명", "ambiguous_machine"), (6, "작업일", "bad_time")},
)


# 11. A ledger of parts, some with meter readings


def _write_parts(path: Path) -> None:
    rows: list[list[object]] = [
        ["부품 교체 대장"],
        ["설비명", "부품명", "장착일", "탈거일", "장착 시 가동시간", "탈거 시 가동시간", "교체사유"],
        ["머시닝센터 1호기", "주축 베어링", date(2025, 1, 10), date(2026, 3, 2), 1200, 9100, "고장(소음)"],
        ["머시닝센터 1호기", "주축 베어링", date(2026, 3, 2), None, 9100, None, None],
        ["머시닝센터 1호기", "구동 벨트", date(2026, 1, 1), date(2026, 1, 11), None, None, "정기 교체"],
        ["머시닝센터 1호기", "엔진", date(2026, 3, 2), None, 9100, None, None],
        ["머시닝센터 2호기", "볼 스크루", date(2026, 5, 2), date(2026, 4, 1), 10, 20, None],
        ["머시닝센터 2호기", "볼 스크루", date(2026, 5, 2), date(2026, 6, 1), 20, 10, None],
        ["머시닝센터 1호기", "주축 베어링", date(2026, 3, 5), None, 9200, None, None],
    ]
    _book(path, ("부품", rows))


_PARTS = KeptTable(
    name="부품대장.xlsx",
    write=_write_parts,
    records={
        3: ("cnc-01", "spindle_bearing", "2025-01-10 00:00", "2026-03-02 00:00", 1200.0, 9100.0, "failed"),
        4: ("cnc-01", "spindle_bearing", "2026-03-02 00:00", None, 9100.0, None, None),
        5: ("cnc-01", "drive_belt", "2026-01-01 00:00", "2026-01-11 00:00", 0.0, 80.0, "planned"),
    },
    rejections={
        (6, "부품명", "unknown_part"),
        (7, "탈거일", "bad_life"),
        (8, "탈거일", "bad_life"),
        (9, "설비명", "named_twice"),
    },
)


# 12. A list of machines


def _write_machines(path: Path) -> None:
    _text(
        path,
        [
            "설비번호,명칭,기종,라인,제조번호,설치일",
            "cnc-11,머시닝센터 11호기,머시닝센터,절삭 라인,SN-11,2021-03-01",
            "펌프A,냉각수 펌프,원심펌프,유틸리티,,",
            "cnc-11,머시닝센터 12호기,머시닝센터,절삭 라인,SN-12,",
            "xx-01,용해로 1호기,용해로,절삭 라인,,",
        ],
    )


_MACHINES = KeptTable(
    name="설비대장.csv",
    write=_write_machines,
    records={
        2: ("cnc-11", "머시닝센터 11호기", "cnc_machining_centre", "절삭 라인", "SN-11", "2021-03-01 00:00"),
        3: (None, "냉각수 펌프", "centrifugal_pump", "유틸리티", "", None),
    },
    rejections={(4, "설비번호", "named_twice"), (5, "기종", "unknown_type")},
)

KEPT_TABLES = (
    _LOG_SHEET, _CP949, _LOGGER, _SHEETS, _FROM_1904, _MACHINES_ACROSS, _CHECK_SHEET, _LONG, _UNIT_CHANGE, _MAINTENANCE, _PARTS, _MACHINES,
)  # fmt: skip
