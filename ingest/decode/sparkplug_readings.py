"""The metrics of one Sparkplug message as readings, with what is refused and what is not registered."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from configs.inputs import MetricRole
from configs.plant import MachineId
from ingest.decode.reading_rows import ReadingRows
from ingest.decode.refusal import Refused, refuse, shown
from ingest.decode.sparkplug_births import is_housekeeping
from ingest.decode.sparkplug_data_set import cells_of
from ingest.decode.sparkplug_names import Target
from ingest.decode.sparkplug_session import Definition, Definitions
from ingest.decode.sparkplug_values import DataType, is_good, number_of, text_of
from ingest.decode.time_window import TimeWindow
from ingest.operation import OperatingState
from ingest.reading import RejectionReason
from ingest.sighting import InputFormat, Sighting

MS = 1_000_000
MAX_JOB_CHARS = 128

_STATES = {state.value: state for state in OperatingState}


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Whose metrics are read: the topic, the device's name on the wire, its machine, and what its birth said."""

    topic: str
    device: str
    machine: MachineId | None
    definitions: Definitions
    column: Callable[[str, str], Target | None]
    is_birth: bool


@dataclass(slots=True)
class Readings:
    """What the metrics of one message come to."""

    window: TimeWindow
    received_ns: int
    rows: ReadingRows = field(default_factory=ReadingRows)
    sightings: list[Sighting] = field(default_factory=list)
    refusals: list[Refused] = field(default_factory=list)
    unnamed: bool = False

    def take(self, source: Source, payload: Any) -> None:
        """Read every metric; `unnamed` tells whether one had a name or an alias that no birth explained."""
        for metric in payload.metrics:
            definition = _definition(source.definitions, metric)
            if definition is None:
                self.unnamed = True
                continue
            if is_housekeeping(definition.name):
                continue
            at_ns = (metric.timestamp or payload.timestamp) * MS
            try:
                self._metric(source, definition, metric, at_ns)
            except Refused as refused:
                self.refusals.append(refuse(refused.reason, f"metric {definition.name[:64]!r} {refused.detail}"))

    def _metric(self, source: Source, definition: Definition, metric: Any, at_ns: int) -> None:
        datatype = metric.datatype or definition.datatype
        if datatype == DataType.TEMPLATE or metric.WhichOneof("value") == "template_value":
            detail = "is a template; publish its members as metrics of their own, <machine>/<sensor>"
            raise refuse(RejectionReason.UNSUPPORTED_TYPE, detail)
        if metric.is_null or not is_good(metric):
            return
        if datatype == DataType.DATA_SET:
            self._table(source, definition, metric, at_ns)
        elif definition.target is None:
            self._strange(source, definition, metric, at_ns)
        elif definition.target.sensor is None:
            self._told(definition.target, metric, at_ns)
        else:
            self._number(source, definition, number_of(metric, datatype), at_ns)

    def _number(self, source: Source, definition: Definition, value: float, at_ns: int) -> None:
        if definition.refusal is not None:
            raise definition.refusal
        if definition.target is None or definition.target.sensor is None or not self._is_live(source, at_ns):
            return
        scaled = definition.conversion(value) if definition.conversion else value
        self.rows.add(definition.target.machine, definition.target.sensor.id, at_ns, scaled)

    def _is_live(self, source: Source, at_ns: int) -> bool:
        """Whether a time lies in the window; a birth repeats old values, and those are left out without a word."""
        outside = self.window.refusal(at_ns, at_ns, self.received_ns)
        if outside is None:
            return True
        if source.is_birth and at_ns < self.received_ns:
            return False
        raise outside

    def _told(self, target: Target, metric: Any, at_ns: int) -> None:
        text = text_of(metric)
        if target.role is MetricRole.JOB:
            if len(text) > MAX_JOB_CHARS or not text.isprintable():
                raise refuse(RejectionReason.NOT_A_READING_SET, f"is no printable text of {MAX_JOB_CHARS} characters")
            self.rows.add_job(target.machine, text)
            return
        state = _STATES.get(text)
        if state is None:
            raise refuse(RejectionReason.NOT_A_READING_SET, f"is {shown(text)}; a state is one of {', '.join(_STATES)}")
        self.rows.add_state(target.machine, state, at_ns)

    def _table(self, source: Source, definition: Definition, metric: Any, at_ns: int) -> None:
        for column, row_ns, element, datatype in cells_of(metric.dataset_value, at_ns):
            own = replace(definition, target=source.column(definition.name, column), conversion=None, refusal=None)
            if own.target is not None and element.WhichOneof("value") is not None:
                self._number(source, own, number_of(element, datatype), row_ns)

    def _strange(self, source: Source, definition: Definition, metric: Any, at_ns: int) -> None:
        try:
            value = number_of(metric, metric.datatype or definition.datatype)
        except Refused:
            value = None
        self.sightings.append(
            Sighting(
                format=InputFormat.SPARKPLUG,
                topic=source.topic,
                machine=source.device,
                known_machine=source.machine,
                sensor=definition.name,
                unit=definition.unit,
                value=value,
                event_time_ns=at_ns,
            )
        )


def _definition(definitions: Definitions, metric: Any) -> Definition | None:
    if metric.name:
        return definitions.by_name.get(metric.name)
    return definitions.by_alias.get(metric.alias) if metric.HasField("alias") else None
