"""The readings that waveforms come to, as messages of their machines."""

from collections.abc import Iterator, Mapping

from configs.measuring_points import sensor_of
from configs.plant import Machine, MachineId
from ingest.parcel import Parcel
from ingest.reading import Message
from ingest.waveform_features import describe


def derived_messages(parcel: Parcel, machines: Mapping[MachineId, Machine]) -> Iterator[Message]:
    """Yield what the waveforms of a parcel say of their machines, each at the start of its capture."""
    for waveform in parcel.waveforms:
        point = next(point for point in machines[waveform.machine].points if point.id == waveform.point)
        described = describe(waveform, point.bearing)
        yield Message(
            stream=parcel.stream,
            machine=waveform.machine,
            boot=parcel.boot,
            seq=parcel.seq,
            received_time_ns=parcel.received_time_ns,
            event_times_ns=(waveform.event_time_ns,),
            sensors=tuple(sensor_of(point, quantity) for quantity in described),
            values=(tuple(described.values()),),
            state=None,
            job=None,
        )


def messages_of(parcel: Parcel, machines: Mapping[MachineId, Machine]) -> tuple[Message, ...]:
    """Return every reading set of a parcel, those of its waveforms too."""
    return (*parcel.messages, *derived_messages(parcel, machines))
