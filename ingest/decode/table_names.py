"""Which machine, sensor, slot or column is meant by what people write in their tables."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Generic, TypeVar

from configs.plant import EquipmentType, Machine, Plant, Sensor, Slot
from ingest.decode.table_cells import CellError, CellProblem, key_of


class Role(StrEnum):
    """What a column tells, by the usual words for it."""

    TIME = "time"
    CLOCK = "clock"
    MACHINE = "machine"
    MACHINE_NAME = "machine_name"
    ITEM = "item"
    VALUE = "value"
    UNIT = "unit"
    STATE = "state"
    WORK = "work"
    KIND = "kind"
    PART = "part"
    INSTALLED = "installed"
    REMOVED = "removed"
    METER_INSTALLED = "meter_installed"
    METER_REMOVED = "meter_removed"
    REASON = "reason"
    TYPE = "type"
    LINE = "line"
    SERIAL = "serial"
    NOTE = "note"
    IGNORED = "ignored"


_WORDS: Mapping[Role, str] = MappingProxyType(
    {
        Role.TIME: "일시 측정일시 기록일시 점검일시 작업일시 발생일시 날짜 일자 측정일 점검일 점검일자 작업일 작업일자 정비일 정비일자 발생일 수리일 date datetime timestamp "
        "ts measuredat recordedat workdate",
        Role.CLOCK: "시각 시간 측정시각 측정시간 점검시각 점검시간 time clock hour",
        Role.MACHINE: "설비 설비명 설비번호 설비코드 설비id 호기 기계 기계명 기계번호 장비 장비명 장비번호 machine machineid machineno asset equipment equipmentid unit no호기",
        Role.ITEM: "항목 측정항목 점검항목 측정명 센서 센서명 태그 태그명 item tag tagname sensor parameter point",
        Role.VALUE: "값 측정값 수치 지시값 결과값 측정치 value reading measurement",
        Role.UNIT: "단위 units uom",
        Role.STATE: "상태 가동상태 운전상태 state status",
        Role.WORK: "내용 정비내용 작업내용 조치내용 수리내용 고장내용 조치사항 정비내역 작업내역 work workdone description action",
        Role.KIND: "구분 정비구분 작업구분 정비유형 유형 kind category worktype",
        Role.PART: "부품 부품명 교체부품 품명 품목 자재 part partname component slot",
        Role.INSTALLED: "장착일 장착일자 설치일 설치일자 교체일 교체일자 투입일 installed installedat installdate",
        Role.REMOVED: "탈거일 탈거일자 제거일 폐기일 removed removedat removaldate",
        Role.METER_INSTALLED: "장착시가동시간 장착미터 설치시가동시간 장착시적산 meteratinstall",
        Role.METER_REMOVED: "탈거시가동시간 탈거미터 교체시가동시간 탈거시적산 meteratremoval",
        Role.REASON: "사유 교체사유 탈거사유 원인 reason removalreason",
        Role.TYPE: "기종 형식 설비종류 설비유형 설비구분 기계종류 type equipmenttype machinetype",
        Role.LINE: "라인 라인명 공정 구역 line area process",
        Role.SERIAL: "제조번호 시리얼 시리얼번호 일련번호 serial serialno sn",
        Role.MACHINE_NAME: "명칭 이름 설비이름 name machinename",
        Role.NOTE: "비고 메모 특이사항 note remark remarks comment",
        Role.IGNORED: "번호 순번 연번 no 점검자 작업자 담당자 담당 확인 확인자 서명 결재 worker operator checkedby signature",
    }
)
_ROLES = {word: role for role, words in _WORDS.items() for word in words.split()}

_MEASURANDS = {
    "온도": "temperature", "temp": "temperature", "진동": "vibration_velocity", "vib": "vibration_velocity", "압력": "pressure",
    "pressure": "pressure", "전류": "current", "current": "current", "전압": "voltage", "전력": "power", "회전수": "rotation_speed",
    "rpm": "rotation_speed", "유량": "flow", "flow": "flow", "토크": "torque", "하중": "force",
}  # fmt: skip
_GENERAL = re.compile(r"(?:측정값|측정|값|센서|sensor|value)")
_NUMBERED = re.compile(r"(?:no|#)?(\d+)(?:호기|호)?")

_Named = TypeVar("_Named", Machine, Sensor, Slot, EquipmentType)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found(Generic[_Named]):
    """What a name stands for; not `sure` where only a part of the name fits."""

    item: _Named
    sure: bool


def role_of(heading: str) -> Role | None:
    """Return what a column of that heading tells, None where the heading is no usual word."""
    return _ROLES.get(key_of(heading))


class Names(Generic[_Named]):
    """Finds one of several named things of a plant by its id or its names, or by a text that has one of them in it.

    `problems` are those of a text that means nothing, and several things. `loosely`, a part of a name is enough.
    """

    def __init__(
        self, items: Iterable[_Named], problems: tuple[CellProblem, CellProblem], *, loosely: bool = False
    ) -> None:
        self._unknown, self._ambiguous = problems
        self._loosely = loosely
        self._aliases: dict[str, dict[str, _Named]] = {}
        for item in items:
            for name in (item.id, item.name.ko, item.name.en, getattr(item, "serial", None) or ""):
                if key_of(name):
                    self._aliases.setdefault(key_of(name), {})[item.id] = item

    def exact(self, text: str) -> _Named | None:
        """Return what has exactly that name.

        Raises
        ------
        CellError
            Several have it.
        """
        return self._one(self._aliases.get(key_of(text), {}), text)

    def find(self, text: str) -> Found[_Named] | None:
        """Return what is meant, None where nothing is; CellError where several things are."""
        wanted = key_of(text)
        exact = self.exact(text)
        if exact is not None or not wanted:
            return None if exact is None else Found(item=exact, sure=True)
        inside = [alias for alias in self._aliases if len(alias) > 1 and alias in wanted]
        if inside:
            longest = max(inside, key=len)
            item = self._one(self._aliases[longest], text)
            return None if item is None else Found(item=item, sure=False)
        around = [alias for alias in self._aliases if self._is_short_for(wanted, alias)]
        item = self._one({name: each for alias in around for name, each in self._aliases[alias].items()}, text)
        return None if item is None else Found(item=item, sure=False)

    def get(self, text: str) -> _Named:
        """Return what is meant; CellError where nothing or several things are."""
        found = self.find(text)
        if found is None:
            raise CellError(self._unknown, text[:48])
        return found.item

    def _is_short_for(self, wanted: str, alias: str) -> bool:
        """Whether a text stands for a longer name: "3호기" for "머시닝센터 3호기", and loosely any part of it."""
        numbered = _NUMBERED.fullmatch(wanted)
        if numbered is not None:
            return re.fullmatch(rf".*?(?<!\d)0*{int(numbered[1])}(?:호기|호)?", alias) is not None
        return self._loosely and len(wanted) > 1 and wanted in alias

    def _one(self, items: Mapping[str, _Named], text: str) -> _Named | None:
        if len(items) > 1:
            raise CellError(self._ambiguous, f"{text[:32]}: {', '.join(sorted(items))}")
        return next(iter(items.values()), None)


def machine_names(plant: Plant) -> Names[Machine]:
    """Return how the machines of a plant are found."""
    return Names(plant.machines, (CellProblem.UNKNOWN_MACHINE, CellProblem.AMBIGUOUS_MACHINE))


def slot_names(machine: Machine) -> Names[Slot]:
    """Return how the slots of a machine are found."""
    return Names(machine.slots, (CellProblem.UNKNOWN_PART, CellProblem.UNKNOWN_PART), loosely=True)


def type_names(types: Iterable[EquipmentType]) -> Names[EquipmentType]:
    """Return how equipment types are found."""
    return Names(types, (CellProblem.UNKNOWN_TYPE, CellProblem.UNKNOWN_TYPE), loosely=True)


class SensorNames:
    """Finds the sensor of one machine by a heading: by its names, else by what is measured where one sensor measures it."""

    def __init__(self, machine: Machine) -> None:
        self._names = Names(machine.sensors, (CellProblem.UNKNOWN_SENSOR, CellProblem.AMBIGUOUS_SENSOR), loosely=True)
        self._machine = machine

    def find(self, text: str) -> Found[Sensor] | None:
        """Return the sensor that is meant, None where none is; CellError where several are."""
        found = self._names.find(text)
        if found is not None:
            return found
        measured = _MEASURANDS.get(_GENERAL.sub("", key_of(text)))
        fitting = [sensor for sensor in self._machine.sensors if sensor.measurand == measured]
        if len(fitting) > 1:
            raise CellError(CellProblem.AMBIGUOUS_SENSOR, f"{text[:32]}: {', '.join(sensor.id for sensor in fitting)}")
        return Found(item=fitting[0], sure=False) if fitting else None

    def get(self, text: str) -> Sensor:
        """Return the sensor that is meant; CellError where none or several are."""
        found = self.find(text)
        if found is None:
            raise CellError(CellProblem.UNKNOWN_SENSOR, text[:48])
        return found.item
