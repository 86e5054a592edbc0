"""The simulator's own encoder of Yeji's native telemetry (version 1), as a device maker would write it."""

import base64

import orjson

from configs.plant import Machine
from simulators.accelerometers import Capture
from simulators.batches import Batch
from simulators.bearing_waveform import RATE_HZ

ROOT = "yeji/v1"


def topic_of(machine: Machine, kind: str) -> str:
    """Give the topic of a machine's `telemetry` or `waveform`."""
    return f"{ROOT}/{machine.site}/{machine.line}/{machine.id}/{kind}"


def encode_reading(*, boot: str, seq: int, ts_ms: int, values: dict[str, float], state: str, job: str | None) -> bytes:
    """Encode one reading set; `ts_ms` is integer milliseconds since 1970 UTC."""
    message = {"v": 1, "boot": boot, "seq": seq, "ts": ts_ms, "values": values, "state": state}
    if job is not None:
        message["job"] = job
    return orjson.dumps(message)


def encode_batch(*, boot: str, seq: int, t0_ms: int, dt_ms: int, batch: Batch) -> bytes:
    """Encode a column batch; `t0_ms` is the instant of the first values."""
    message = {
        "v": 1, "boot": boot, "seq": seq, "t0": t0_ms, "dt_ms": dt_ms, "columns": batch.columns, "state": batch.state
    }  # fmt: skip
    if batch.job is not None:
        message["job"] = batch.job
    return orjson.dumps(message)


def encode_waveform(*, boot: str, seq: int, ts_ms: int, capture: Capture) -> bytes:
    """Encode a waveform; `ts_ms` is when it began."""
    samples = base64.b64encode(capture.acceleration_m_s2.astype("<f4").tobytes()).decode()
    return orjson.dumps({
        "v": 1, "boot": boot, "seq": seq, "ts": ts_ms, "sensor": capture.point, "fs_hz": RATE_HZ, "rpm": capture.rpm,
        "unit": "m/s2", "samples": samples,
    })  # fmt: skip
