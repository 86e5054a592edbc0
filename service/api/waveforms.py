"""Waveforms: which are kept, and the spectra of one."""

from datetime import datetime
from itertools import pairwise
from typing import Annotated, Literal, Self

import numpy as np
from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from configs.instant import ns_of, utc_of_ns
from configs.measuring_points import Quantity
from configs.plant import Machine, MeasuringPoint
from ingest.ports import WaveformKey
from ingest.waveform import Waveform
from ingest.waveform_features import Beat, Spectrum, amplitude_spectrum, beats, envelope_spectrum, standing_out
from service.errors import NotFoundError
from service.http.policy import Viewer
from service.http.scope import machine_for
from service.http.services import ServicesOf

router = APIRouter(tags=["waveforms"])
Name = Annotated[str, Field(max_length=64)]


class CaptureSchema(BaseModel):
    """One kept waveform."""

    machine: str
    point: str
    at: datetime


class CapturesSchema(BaseModel):
    """The kept waveforms of a measuring point, newest first."""

    items: list[CaptureSchema]


class MarkSchema(BaseModel):
    """A frequency to look at: the turn of the shaft (`envelope_1x`) or a defect of its bearing.

    `rms_m_s2` is the strength of the frequency and its multiples in the envelope, `prominence` how far they stand out of what is
    around them; one above 4.5 is not noise, and of the defects the most prominent one `stands_out`.
    """

    quantity: Quantity
    frequency_hz: float
    rms_m_s2: float
    prominence: float
    stands_out: bool


class SpectrumSchema(BaseModel):
    """The spectrum of one waveform in m/s²: of its acceleration, or of the envelope of its high frequencies.

    Where it has more lines than asked for, each point is the strongest line of its neighbours.
    """

    machine: str
    point: str
    at: datetime
    kind: Literal["acceleration", "envelope"]
    rate_hz: float
    length_s: float
    rotation_hz: float | None
    frequencies_hz: list[float]
    amplitudes: list[float]
    marks: list[MarkSchema]

    @classmethod
    def of(
        cls, waveform: Waveform, kind: Literal["acceleration", "envelope"], lines: Spectrum, found: tuple[Beat, ...]
    ) -> Self:
        """Return the spectrum of a waveform."""
        most = standing_out(found)
        return cls(
            machine=waveform.machine,
            point=waveform.point,
            at=utc_of_ns(waveform.event_time_ns),
            kind=kind,
            rate_hz=waveform.rate_hz,
            length_s=waveform.length_s,
            rotation_hz=waveform.rotation_hz,
            frequencies_hz=lines.frequencies_hz.tolist(),
            amplitudes=lines.amplitudes.tolist(),
            marks=[
                MarkSchema(
                    quantity=beat.quantity,
                    frequency_hz=beat.frequency_hz,
                    rms_m_s2=beat.rms_m_s2,
                    prominence=beat.prominence,
                    stands_out=beat is most,
                )
                for beat in found
            ],
        )


class CapturesQuery(BaseModel):
    """Whose waveforms."""

    model_config = ConfigDict(extra="forbid")

    machine: Name
    point: Name
    limit: Annotated[int, Field(ge=1, le=1000)] = 100


class SpectrumQuery(BaseModel):
    """Which waveform (the newest where no time is given), and how much of its spectrum."""

    model_config = ConfigDict(extra="forbid")

    machine: Name
    point: Name
    at: AwareDatetime | None = None
    kind: Literal["acceleration", "envelope"] = "envelope"
    up_to_hz: Annotated[float, Field(gt=0, le=1e6)] = 1e6
    max_points: Annotated[int, Field(ge=10, le=20_000)] = 1000


@router.get("/waveforms")
def list_waveforms(services: ServicesOf, actor: Viewer, query: Annotated[CapturesQuery, Query()]) -> CapturesSchema:
    """Return which waveforms of a measuring point are kept, newest first."""
    machine = machine_for(services.plant, actor, query.machine)
    point = _point(machine, query.point)
    kept = services.waveforms.captures(machine.id, point.id, query.limit)
    return CapturesSchema(
        items=[CaptureSchema(machine=key.machine, point=key.point, at=utc_of_ns(key.event_time_ns)) for key in kept]
    )


@router.get("/waveforms/spectrum")
def read_spectrum(services: ServicesOf, actor: Viewer, query: Annotated[SpectrumQuery, Query()]) -> SpectrumSchema:
    """Return a spectrum of a waveform, with the frequencies that a defect of the bearing would have."""
    machine = machine_for(services.plant, actor, query.machine)
    point = _point(machine, query.point)
    newest = next(iter(services.waveforms.captures(machine.id, point.id, 1)), None)
    key = newest if query.at is None else WaveformKey(machine.id, point.id, ns_of(query.at))
    waveform = None if key is None else services.waveforms.read(key)
    if waveform is None:
        raise NotFoundError(f"no waveform of {machine.id}/{point.id} is kept from then")
    whole = envelope_spectrum(waveform) if query.kind == "envelope" else amplitude_spectrum(waveform)
    lines = thinned(whole, query.up_to_hz, query.max_points)
    return SpectrumSchema.of(waveform, query.kind, lines, beats(waveform, point.bearing))


def thinned(spectrum: Spectrum, up_to_hz: float, most: int) -> Spectrum:
    """Return a spectrum up to a frequency in at most `most` points, each the strongest of the lines that it stands for."""
    size = int(np.searchsorted(spectrum.frequencies_hz, up_to_hz, side="right"))
    frequencies, amplitudes = spectrum.frequencies_hz[:size], spectrum.amplitudes[:size]
    if size <= most:
        return Spectrum(frequencies_hz=frequencies, amplitudes=amplitudes)
    edges = np.linspace(0, size, most + 1).astype(np.intp)
    strongest = np.array([start + int(np.argmax(amplitudes[start:end])) for start, end in pairwise(edges)])
    return Spectrum(frequencies_hz=frequencies[strongest], amplitudes=amplitudes[strongest])


def _point(machine: Machine, name: str) -> MeasuringPoint:
    for point in machine.points:
        if point.id == name:
            return point
    raise NotFoundError(f"machine {machine.id} has no waveform {name!r}")
