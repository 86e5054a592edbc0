"""The simulator's own encoder of Yeji's native telemetry (version 1), as a device maker would write it."""

import orjson

from configs.plant import Machine
from simulators.batches import Batch

ROOT = "yeji/v1"


def telemetry_topic(machine: Machine) -> str:
    """Give the topic that a machine reports on."""
    return f"{ROOT}/{machine.site}/{machine.line}/{machine.id}/telemetry"


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
