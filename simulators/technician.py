"""A technician with a tablet: tells Yeji over its API which part came off, and why."""

import json
import urllib.error
import urllib.parse
from dataclasses import asdict, dataclass
from pathlib import Path

from configs.plant import PartType
from simulators.api_client import ApiClient
from simulators.records import mode_of, moment, note_of
from simulators.removal import Reason, TrueLife

_LONGEST_PAUSE_S = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A removal that is to be reported at `at_s`, after `tries` that failed."""

    at_s: float
    machine: str
    slot: str
    removed_s: float
    meter: float
    reason: str
    failure_mode: str | None
    text: str
    tries: int = 0


def note_removal(life: TrueLife, part: PartType, *, renewed_in_use: bool) -> Note:
    """Note a removal: a tool at once, a repair when the technician has washed his hands."""
    removed_s = life.removed_s or life.installed_s
    pause_s = 5.0 if renewed_in_use else 120.0 + 1200.0 * life.chance[5]
    return Note(
        at_s=removed_s + pause_s,
        machine=life.machine,
        slot=life.slot,
        removed_s=removed_s,
        meter=round(life.meter_at_removal or 0.0, 3),
        reason=(life.reason or Reason.PLANNED).value,
        failure_mode=mode_of(part, life),
        text=note_of(life, vague=False),
    )


class Technician:
    """Reports removals through the API; what cannot be delivered now is tried again later."""

    def __init__(self, api: str, key_file: Path) -> None:
        self._api = ApiClient(api, key_file)
        self.pending: list[Note] = []
        self.refused: list[tuple[Note, str]] = []

    def take(self, note: Note) -> None:
        """Put a note on the pile."""
        self.pending.append(note)

    def report_due(self, now_s: float) -> int:
        """Report what is due by now; return how many reports arrived."""
        due = [note for note in self.pending if note.at_s <= now_s]
        self.pending = [note for note in self.pending if note.at_s > now_s]
        arrived = 0
        for note in sorted(due, key=lambda each: each.removed_s):
            arrived += self._report(note, now_s)
        return arrived

    def save(self, path: Path) -> None:
        """Keep the pile for the next shift."""
        path.write_text(json.dumps([asdict(note) for note in self.pending]), encoding="utf-8")

    def load(self, path: Path) -> None:
        """Take the pile of the last shift over, if there is one."""
        if path.exists():
            self.pending = [Note(**note) for note in json.loads(path.read_text(encoding="utf-8"))]

    def _report(self, note: Note, now_s: float) -> bool:
        try:
            self._post_removal(note)
        except urllib.error.HTTPError as problem:
            if problem.code < 500 and problem.code not in (401, 409, 429):
                self.refused.append((note, f"{problem.code} {problem.read(300).decode(errors='replace')}"))
                return False
            self._try_later(note, now_s)
            return False
        except (OSError, ValueError):
            self._try_later(note, now_s)
            return False
        return True

    def _try_later(self, note: Note, now_s: float) -> None:
        pause_s = min(5.0 * 2.0**note.tries, _LONGEST_PAUSE_S)
        later = Note(**{**asdict(note), "at_s": now_s + pause_s, "tries": note.tries + 1})
        self.pending.append(later)

    def _post_removal(self, note: Note) -> None:
        query = urllib.parse.urlencode({"machine": note.machine, "slot": note.slot, "open": "true"})
        found = self._api.call("GET", f"/api/v1/part-lives?{query}")["items"]
        if not found:
            message = f"no open part life in {note.machine}/{note.slot}"
            raise ValueError(message)
        body = {
            "removed_at": moment(note.removed_s).isoformat(),
            "meter": max(note.meter, float(found[0]["meter_at_install"])),
            "reason": note.reason,
            "failure_mode": note.failure_mode,
            "note": note.text,
        }
        life = urllib.parse.quote(found[0]["id"], safe="")
        self._api.call("POST", f"/api/v1/part-lives/{life}/removal", body)
