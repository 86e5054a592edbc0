"""What every page route needs: words, facts and the frame around the content."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse

from configs.plant import Machine, MachineId, SlotId
from ingest.ports import LastValue, MachineProgress
from models.prediction import Prediction
from service.actor import Actor
from service.advisory.case import CaseState
from service.advisory.spares import Spare
from service.http.language import language_of
from service.http.planning import planning_of
from service.http.scope import visible_machines, zone_of
from service.http.services import Services
from service.security.rights import Right, may
from service.state import cases, health, out_of_service, predictions, stock
from service.web.rendering import Frame, NavItem, frame_of
from service.web.views.facts import MachineFacts
from service.web.words import Words

UTC_ZONE = ZoneInfo("UTC")
INPUTS = ("/entry", "/tables", "/found")
PLANNING = ("/plan", "/orders", "/stock", "/part-lives", "/improvement", "/reports", "/terms")
"""Where the pages begin that one entry of the navigation leads to."""


def words_for(request: Request, services: Services, machine: Machine | None = None) -> Words:
    """Return words in the reader's language and the zone of the machine's site, or of the plant's first."""
    zone = zone_of(services.plant, machine) if machine is not None else _first_zone(services)
    return Words(language=language_of(request), zone=zone, now=services.clock())


def framed(
    request: Request, services: Services, words: Words, actor: Actor, session: Session, *, notice: str = ""
) -> Frame:
    """Return the frame of a page for somebody who is signed in."""
    waiting = sum(case.state is CaseState.RAISED for case in cases.open_cases(session, actor))
    path = request.url.path
    nav = (
        NavItem(href="/", words=words.say("nav.fleet"), is_current=path == "/" or path.startswith("/machines")),
        NavItem(
            href="/cases",
            words=words.say("nav.cases"),
            is_current=path.startswith("/cases"),
            number=waiting,
            refresh="/cases/waiting",
        ),
        *_inputs(actor, path, words),
        NavItem(href="/plan", words=words.say("nav.plan"), is_current=path.startswith(PLANNING)),
        NavItem(href="/data-health", words=words.say("nav.data"), is_current=path.startswith("/data-health")),
    )
    return frame_of(request, words, actor, simulated=services.simulated, nav=nav, notice=notice)


def _inputs(actor: Actor, path: str, words: Words) -> tuple[NavItem, ...]:
    """Return the entry of the forms, for those who may fill them in."""
    if not may(actor, Right.TYPE_READING):
        return ()
    return (NavItem(href="/entry", words=words.say("nav.inputs"), is_current=path.startswith(INPUTS)),)


def fleet_facts(services: Services, actor: Actor, session: Session) -> tuple[MachineFacts, ...]:
    """Return what is known of every machine that the actor may see."""
    machines = visible_machines(services.plant, actor)
    open_cases = {case.machine: case for case in cases.open_cases(session, actor) if not case.history}
    forecasts = _by_machine(_current(session, predictions.latest(session, actor, with_forecast=False)))
    healths = {each.machine: each for each in health.latest(session, actor)}
    absences = out_of_service.current(session, actor, services.clock())
    progress = {each.machine: each for each in services.telemetry.progress()}
    values = _by_machine(services.telemetry.last_values())
    spares = _spares(services, actor, session)
    return tuple(
        MachineFacts(
            machine=machine,
            plant=services.plant,
            case=open_cases.get(machine.id),
            predictions=tuple(forecasts.get(machine.id, ())),
            health=healths.get(machine.id),
            progress=progress.get(machine.id),
            absence=absences.get(machine.id),
            last_values=tuple(values.get(machine.id, ())),
            gone_ns=services.presences.gone_ns(machine.id),
            spares=spares.get(machine.id, {}),
        )
        for machine in machines
    )


def machine_facts(services: Services, actor: Actor, session: Session, machine: Machine) -> MachineFacts:
    """Return what is known of one machine."""
    case = cases.open_case_of(session, actor, machine.id)
    progress: list[MachineProgress] = [each for each in services.telemetry.progress() if each.machine == machine.id]
    values: list[LastValue] = [each for each in services.telemetry.last_values() if each.machine == machine.id]
    return MachineFacts(
        machine=machine,
        plant=services.plant,
        case=case if case is not None and not case.history else None,
        predictions=_current(session, predictions.latest(session, actor, machine=MachineId(machine.id))),
        health=next(iter(health.latest(session, actor, machine=machine.id)), None),
        progress=progress[0] if progress else None,
        absence=out_of_service.of_machine(session, actor, machine.id, services.clock()),
        last_values=tuple(values),
        gone_ns=services.presences.gone_ns(machine.id),
        spares=_spares(services, actor, session).get(machine.id, {}),
    )


def _spares(services: Services, actor: Actor, session: Session) -> dict[MachineId, dict[SlotId, Spare]]:
    """Return the spares of every slot by machine; without a recorded stock nothing need be planned to know that there are none."""
    found: dict[MachineId, dict[SlotId, Spare]] = defaultdict(dict)
    if not stock.items(session, actor):
        return found
    for (machine, slot), spare in planning_of(services, actor, session).spares.items():
        found[machine][slot] = spare
    return found


def back_to(next_page: str, **query: str) -> RedirectResponse:
    """Return to a page of our own; any other address leads to the first page."""
    parts = urlsplit(next_page)
    is_ours = next_page.startswith("/") and not next_page.startswith(("//", "/\\")) and not parts.netloc
    target = next_page if is_ours and next_page.isprintable() else "/"
    extra = "&".join(f"{name}={value}" for name, value in query.items())
    joint = "&" if "?" in target else "?"
    return RedirectResponse(f"{target}{joint}{extra}" if extra else target, status_code=303)


class _OfMachine(Protocol):
    @property
    def machine(self) -> MachineId: ...


_Owned = TypeVar("_Owned", bound=_OfMachine)


def _by_machine(items: Iterable[_Owned]) -> dict[MachineId, list[_Owned]]:
    found: dict[MachineId, list[_Owned]] = defaultdict(list)
    for item in items:
        found[item.machine].append(item)
    return found


def _current(session: Session, found: Sequence[Prediction]) -> tuple[Prediction, ...]:
    """Leave out what was said of a part that has been changed since: the new one is predicted in a moment."""
    outdated = predictions.outdated(session, found)
    return tuple(each for each in found if (each.machine, each.slot) not in outdated)


def _first_zone(services: Services) -> ZoneInfo:
    sites = services.plant.sites
    return ZoneInfo(sites[0].time_zone) if sites else UTC_ZONE
