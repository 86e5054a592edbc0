"""How far everything stands, as bytes: what a spool starts from, before the entries since."""

from typing import Any

import orjson

from configs.plant import LifeUnit
from ingest.last_table import LastTable
from ingest.meter import MeterState
from ingest.ports import LastValue
from ingest.standing import MachineStanding, Standing, ledger_content, ledger_from, meter_contents


def dump(standing: Standing) -> bytes:
    """Return a standing as bytes; the caller holds its lock."""
    document = {
        "commit_no": standing.commit_no,
        "ledgers": [ledger_content(ledger) for ledger in standing.ledgers],
        "meters": meter_contents(standing.meters.values()),
        "fingerprints": [
            (stream, at_ns, digest.hex()) for own in standing.fingerprints.values() for stream, at_ns, digest in own
        ],
        "machines": {name: _machine_content(machine) for name, machine in standing.machines.items()},
        "last": {kind: [_last_content(value) for value in table.values()] for kind, table in standing.last.items()},
        "dirty": {kind: sorted(minutes) for kind, minutes in standing.dirty.items()},
    }
    return orjson.dumps(document)


def load(content: bytes) -> Standing:
    """Return the standing that `dump` wrote."""
    said = orjson.loads(content)
    standing = Standing(commit_no=said["commit_no"], saved_no=said["commit_no"])
    for ledger in said["ledgers"]:
        standing.ledgers.put(ledger_from(ledger))
    for machine, unit, value, at_ns in said["meters"]:
        meter = MeterState(machine=machine, unit=LifeUnit(unit), value=value, at_ns=at_ns)
        standing.meters[machine, meter.unit] = meter
    for stream, at_ns, digest in said["fingerprints"]:
        standing.fingerprints.setdefault(stream, {})[stream, at_ns, bytes.fromhex(digest)] = None
    for machine, own in said["machines"].items():
        standing.machines[machine] = MachineStanding(*own)
    for kind, values in said["last"].items():
        table = standing.last.setdefault(kind, LastTable())
        for value in values:
            table.put(_last(value))
    for kind, minutes in said["dirty"].items():
        standing.dirty[kind] = {(machine, minute) for machine, minute in minutes}
    return standing


def _machine_content(own: MachineStanding) -> tuple[str, int, int, int, str, int]:
    return (own.equipment_type, own.first_ns, own.newest_ns, own.received_ns, own.state, own.changes)


def _last_content(value: LastValue) -> tuple[str, str, int, int, float, int]:
    return (
        value.machine,
        value.sensor,
        value.event_time_ns,
        value.received_time_ns,
        value.value,
        value.quality,
    )


def _last(content: list[Any]) -> LastValue:
    machine, sensor, event_time_ns, received_time_ns, value, quality = content
    return LastValue(
        machine=machine,
        sensor=sensor,
        event_time_ns=event_time_ns,
        received_time_ns=received_time_ns,
        value=value,
        quality=quality,
    )
