"""The measuring points of a machine: what its newest waveform shows of the bearing."""

from collections.abc import Mapping
from dataclasses import dataclass

from configs.instant import utc_of_ns
from configs.measuring_points import Quantity
from configs.plant import Machine, MeasuringPoint
from ingest.ports import WaveformStore
from ingest.waveform import Waveform
from ingest.waveform_features import Beat, beats, standing_out
from service.web.numbers import figure, unit_sign
from service.web.words import Words, key

NAMES = {
    Quantity.ENVELOPE_1X: key("vibration.turn"),
    Quantity.ENVELOPE_BPFO: key("vibration.outer"),
    Quantity.ENVELOPE_BPFI: key("vibration.inner"),
    Quantity.ENVELOPE_BSF: key("vibration.ball"),
    Quantity.ENVELOPE_FTF: key("vibration.cage"),
}
SHOWN_MULTIPLES = 3.4
LEAST_SHOWN_HZ = 50.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BeatRow:
    """One frequency of the envelope, as a row of a table."""

    name: str
    frequency: str
    strength: str
    stands_out: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PointView:
    """One measuring point; `taken` is "" where no waveform has come yet. `names` are the marks' words for the chart."""

    id: str
    name: str
    taken: str
    finding: str
    stands_out: bool
    rows: tuple[BeatRow, ...]
    names: Mapping[str, str]
    up_to_hz: float
    units: tuple[str, str] = (unit_sign("Hz"), unit_sign("m/s2"))


def point_views(machine: Machine, waveforms: WaveformStore, words: Words) -> tuple[PointView, ...]:
    """Return the machine's measuring points in the order of the plant file."""
    return tuple(_point_view(machine, point, waveforms, words) for point in machine.points)


def _point_view(machine: Machine, point: MeasuringPoint, waveforms: WaveformStore, words: Words) -> PointView:
    newest = next(iter(waveforms.captures(machine.id, point.id, 1)), None)
    waveform = None if newest is None else waveforms.read(newest)
    found = () if waveform is None else beats(waveform, point.bearing)
    most = standing_out(found)
    return PointView(
        id=point.id,
        name=words.text(point.name),
        taken="" if waveform is None else _taken(waveform, words),
        finding=_finding(point, waveform, most, words),
        stands_out=most is not None,
        rows=tuple(_row(beat, most, words) for beat in found),
        names={quantity.value: words.say(name) for quantity, name in NAMES.items()},
        up_to_hz=max((SHOWN_MULTIPLES * beat.frequency_hz for beat in found), default=LEAST_SHOWN_HZ),
    )


def _taken(waveform: Waveform, words: Words) -> str:
    age = words.ago(utc_of_ns(waveform.event_time_ns))
    if waveform.rotation_hz is None:
        return words.say("vibration.taken", age=age)
    return words.say("vibration.taken_at", age=age, rpm=f"{waveform.rotation_hz * 60:,.0f}")


def _finding(point: MeasuringPoint, waveform: Waveform | None, most: Beat | None, words: Words) -> str:
    if waveform is None:
        return words.say("vibration.none")
    if point.bearing is None or waveform.rotation_hz is None:
        return words.say("vibration.unknown")
    if most is None:
        return words.say("vibration.calm")
    return words.say("vibration.found", name=words.say(NAMES[most.quantity]), hz=figure(most.frequency_hz))


def _row(beat: Beat, most: Beat | None, words: Words) -> BeatRow:
    return BeatRow(
        name=words.say(NAMES[beat.quantity]),
        frequency=figure(beat.frequency_hz),
        strength=figure(beat.rms_m_s2),
        stands_out=beat is most,
    )
