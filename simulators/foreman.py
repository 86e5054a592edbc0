"""A foreman who answers alerts: sees them after some minutes, goes and looks, says what he found, and is sometimes wrong.

new case ──2-10 min──► acknowledged ──10-60 min──► looked at: verdicts, and the parts that he has exchanged
"""

import urllib.parse
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import numpy as np

from simulators.api_client import ApiClient

WRONG_SHARE = 0.15
_LOOKS_EVERY_S, _PATIENCE_S = 30.0, 300.0
_SEES_AFTER_S, _INSPECTS_AFTER_S = (120.0, 600.0), (600.0, 3600.0)


class Found(StrEnum):
    """What is truly behind a finding, in the words of Yeji's verdicts."""

    WORN = "prevented"
    SENSOR = "sensor_or_network"
    NOTHING = "nothing_found"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the foreman said of one finding, and what was true; kept in the truth."""

    case: str
    machine: str
    slot: str | None
    said: Found
    true: Found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Duty:
    case: str
    due_s: float
    is_seen: bool = False


Look = Callable[[str, str | None, Sequence[str]], Found]
"""Tells what is behind a finding: of a machine, a slot or none, and sensors."""


class Foreman:
    """Answers the open cases of a plant over the API; one that cannot be reached is tried again."""

    def __init__(self, api: ApiClient, rng: np.random.Generator) -> None:
        self._api = api
        self._rng = rng
        self._duties: dict[str, _Duty] = {}
        self._looks_s = 0.0

    def attend(self, now_s: float, look: Look) -> list[Answer]:
        """Do what is due by now; give what was answered. What he calls worn is to be exchanged."""
        try:
            if now_s >= self._looks_s:
                self._looks_s = now_s + _LOOKS_EVERY_S
                self._take_up(now_s)
            due = [duty for duty in self._duties.values() if duty.due_s <= now_s]
            return [answer for duty in due for answer in self._go_on(duty, now_s, look)]
        except (OSError, ValueError, KeyError):
            self._looks_s = now_s + _PATIENCE_S
            return []

    def _take_up(self, now_s: float) -> None:
        for state in ("raised", "acknowledged"):
            for case in self._api.call("GET", f"/api/v1/cases?state={state}")["items"]:
                if case["id"] not in self._duties and not case["history"]:
                    due_s = now_s + float(self._rng.uniform(*_SEES_AFTER_S))
                    self._duties[case["id"]] = _Duty(case=case["id"], due_s=due_s, is_seen=state != "raised")

    def _go_on(self, duty: _Duty, now_s: float, look: Look) -> list[Answer]:
        path = f"/api/v1/cases/{urllib.parse.quote(duty.case, safe='')}"
        self._duties[duty.case] = replace(
            duty, due_s=now_s + float(self._rng.uniform(*_INSPECTS_AFTER_S)), is_seen=True
        )
        if not duty.is_seen:
            self._api.call("POST", f"{path}/acknowledgement", {})
            return []
        case = self._api.call("GET", path)
        if case["state"] == "closed":
            self._duties[duty.case] = replace(duty, due_s=np.inf)
            return []
        answers = {finding["id"]: self._judge(case, finding, look) for finding in case["findings"]}
        verdicts = [{"finding": name, "verdict": answer.said.value} for name, answer in answers.items()]
        self._api.call("POST", f"{path}/closing", {"verdicts": verdicts})
        self._duties[duty.case] = replace(duty, due_s=np.inf)
        return list(answers.values())

    def _judge(self, case: dict[str, Any], finding: dict[str, Any], look: Look) -> Answer:
        true = look(case["machine"], finding["slot"], [each["sensor"] for each in finding["sensors"]])
        said = true
        if self._rng.random() < WRONG_SHARE:
            said = Found.WORN if true is not Found.WORN and finding["slot"] is not None else Found.NOTHING
        return Answer(case=case["id"], machine=case["machine"], slot=finding["slot"], said=said, true=true)
