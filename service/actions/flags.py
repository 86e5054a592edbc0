"""Judging the flags of stored readings again: after late data, a corrected plant, or a new release."""

from collections.abc import Callable
from datetime import datetime, timedelta

from configs.instant import ns_of
from configs.plant import Machine, Plant
from ingest.ports import QualityStore, Reflagged
from ingest.quality import QualityRules, lookback_ns, profile_type
from ingest.reflagging import anew
from service.actor import Actor
from service.errors import InvalidRequestError
from service.security.rights import Right, require
from service.state import audit, sensor_doubts
from service.state.audit import AuditedAct
from service.state.database import StateDatabase

LONGEST = timedelta(days=1)
"""The readings of one machine that are judged in one transaction."""


class FlagDesk:
    """Judges stored readings as if they had come in order, by the plant as it stands."""

    def __init__(
        self, database: StateDatabase, store: QualityStore, rules: QualityRules, plant: Callable[[], Plant]
    ) -> None:
        self._database = database
        self._store = store
        self._rules = rules
        self._plant = plant

    def judge_again(
        self, actor: Actor, machine: Machine, span: tuple[datetime, datetime], *, now: datetime
    ) -> Reflagged:
        """Give the raw readings of a machine in a span the flags that they would have now; return what changed.

        Raises
        ------
        InvalidRequestError
            The span is empty, or longer than a day.
        """
        require(actor, Right.JUDGE_READINGS)
        start, end = span
        if not timedelta(0) < end - start <= LONGEST:
            raise InvalidRequestError(
                "end: must be later than start, by a day at most; ask for one day after the other"
            )
        kind = self._plant().equipment_type(machine.equipment_type)
        profile = profile_type(kind, [machine], self._rules)
        with self._database.reading() as session:
            doubts = sensor_doubts.of_machine(session, machine.id)
        lead_ns = lookback_ns(profile, profile.machines[machine.id])
        outcome = self._store.reflag(
            machine.id, ns_of(start) - lead_ns, ns_of(end), anew(profile, doubts, ns_of(start))
        )
        if outcome.cells:
            act = AuditedAct(
                action="readings_judged_again",
                object_kind="machine",
                object_id=machine.id,
                site=machine.site,
                before=f"{start.isoformat()}/{end.isoformat()}",
                after=f"{outcome.cells} flags",
            )
            with self._database.transaction() as session:
                audit.append(session, actor, act, now=now)
        return outcome
