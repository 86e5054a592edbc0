"""The messages of a drill, whose values tell which message they belong to, and the judgement of what became of them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson

from ingest.ports import StoredValue

SITE, LINE = "canary", "yeji-drill"
"""Below `yeji/v1/canary/` no machine of the plant ever is: the service itself passes over what is published there."""

TYPE, SENSOR = "drill", "mark"
MACHINES = tuple(f"drill-{number}" for number in range(1, 9))
TOPICS = f"yeji/v1/{SITE}/{LINE}/#"
_MOST = 1_000_003

_PLANT = f"""\
[[site]]
id = "{SITE}"
name = "Drill"
time_zone = "UTC"

[[line]]
id = "{LINE}"
name = "Drill"
site = "{SITE}"

[[equipment_type]]
id = "{TYPE}"
name = "Drill"
source = {{ kind = "judgement", note = "made up" }}

[[equipment_type.sensor]]
id = "{SENSOR}"
name = "Mark"
measurand = "other"
unit = ""
range_low = 0
range_high = {_MOST}
normal_low = 0
normal_high = {_MOST}
resolution = 1
period_s = 1
source = {{ kind = "judgement", note = "made up" }}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillVerdict:
    """What became of the messages that the broker had taken.

    `lost` are in no row, `doubled` the rows beyond one, `corrupt` those with another value than was sent, `foreign` rows
    of messages that nobody sent; `reported` is how many numbers the ledger itself knows to be missing.
    """

    received: int
    stored: int
    lost: int
    doubled: int
    corrupt: int
    foreign: int
    reported: int

    @property
    def holds(self) -> bool:
        """Whether received = stored."""
        return not (self.lost or self.doubled or self.corrupt or self.foreign)


def write_plant(folder: Path) -> Path:
    """Write the plant that the drill's machines are of."""
    machines = "".join(
        f'\n[[machine]]\nid = "{name}"\nname = "{name}"\nline = "{LINE}"\ntype = "{TYPE}"\n' for name in MACHINES
    )
    path = folder / "plant.toml"
    path.write_text(_PLANT + machines, encoding="utf-8")
    return path


def marked_message(boot: str, number: int, at_ms: int) -> tuple[str, bytes]:
    """Return topic and payload of message `number`."""
    seq, machine = divmod(number, len(MACHINES))
    document = {"v": 1, "boot": boot, "seq": seq, "ts": at_ms, "values": {SENSOR: mark_of(machine, seq)}}
    return f"yeji/v1/{SITE}/{LINE}/{MACHINES[machine]}/telemetry", orjson.dumps(document)


def mark_of(machine: int, seq: int) -> int:
    """Return the value of a message, which hardly any other one has."""
    return (machine * 611_953 + seq * 7_919) % _MOST


def judge(boot: str, sent: int, rows: Sequence[StoredValue], reported: int) -> DrillVerdict:
    """Compare what the broker has taken, messages 0 to `sent`, with what is stored."""
    names = {name: number for number, name in enumerate(MACHINES)}
    expected = {(MACHINES[number % len(MACHINES)], number // len(MACHINES)) for number in range(sent)}
    counted = Counter((row.machine, row.seq) for row in rows if row.boot == boot)
    own = expected & counted.keys()
    return DrillVerdict(
        received=sent,
        stored=len(own),
        lost=sent - len(own),
        doubled=sum(counted[each] - 1 for each in own),
        corrupt=sum(row.value != mark_of(names[row.machine], row.seq) for row in rows if (row.machine, row.seq) in own),
        foreign=len(rows) - sum(counted[each] for each in own),
        reported=reported,
    )
