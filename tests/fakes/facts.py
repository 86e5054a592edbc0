"""Facts of one machine of the sample factory, as the pages get them."""

from dataclasses import replace
from datetime import timedelta

from configs.instant import ns_of
from configs.plant import MachineId, Plant, SensorId, SlotId
from ingest.operation import OperatingState
from ingest.ports import LastValue, MachineProgress
from models.prediction import Prediction
from service.advisory.case import Case, CaseState, Finding, FindingKind, FindingSensor, Severity
from service.web.views.facts import MachineFacts
from tests.fakes.sample_factory import NOW, sample_health, sample_prediction


def facts_of(plant: Plant, name: str = "cnc-03", **changes: object) -> MachineFacts:
    """Return a machine that runs, reported two seconds ago, and has a prediction of every slot; no case."""
    machine = plant.machine(MachineId(name))
    assert machine is not None
    at_ns = ns_of(NOW) - 2_000_000_000
    facts = MachineFacts(
        machine=machine,
        plant=plant,
        predictions=tuple(sample_prediction(plant, machine, slot, NOW) for slot in machine.slots),
        health=sample_health(machine, NOW),
        progress=progress_of(name, at_ns),
        last_values=tuple(
            LastValue(
                machine=machine.id,
                sensor=sensor.id,
                event_time_ns=at_ns,
                received_time_ns=at_ns,
                value=sensor.normal_high,
                quality=0,
            )
            for sensor in machine.sensors
        ),
    )
    return replace(facts, **changes)  # type: ignore[arg-type]


def progress_of(name: str, at_ns: int, state: OperatingState = OperatingState.EXECUTING) -> MachineProgress:
    return MachineProgress(
        machine=MachineId(name),
        first_event_time_ns=0,
        newest_event_time_ns=at_ns,
        newest_received_time_ns=at_ns,
        state=state,
        changes=1,
    )


def silent_for(
    span: timedelta, name: str = "cnc-03", state: OperatingState = OperatingState.EXECUTING
) -> MachineProgress:
    return progress_of(name, ns_of(NOW - span), state)


def a_finding(kind: FindingKind = FindingKind.REPLACE, **changes: object) -> Finding:
    keys = {
        FindingKind.REPLACE: "replace:spindle_bearing",
        FindingKind.LIMIT: "limit:spindle_vib:warning",
        FindingKind.ANOMALY: "anomaly",
        FindingKind.NO_DATA: "no_data",
    }
    sensor = FindingSensor(sensor=SensorId("spindle_vib"), share=0.7, value=2.1, expected=0.6)
    finding = Finding(
        id=f"f-{kind.value}",
        key=keys[kind],
        kind=kind,
        severity=Severity.WARNING,
        slot=SlotId("spindle_bearing") if kind is FindingKind.REPLACE else None,
        sensors=(sensor,) if kind in {FindingKind.LIMIT, FindingKind.ANOMALY} else (),
        started_at=NOW - timedelta(hours=3),
        ended_at=None,
        score=1.5,
        verdict=None,
    )
    return replace(finding, **changes)  # type: ignore[arg-type]


def a_case(*findings: Finding, **changes: object) -> Case:
    findings = findings or (a_finding(),)
    case = Case(
        id="case1",
        machine=MachineId("cnc-03"),
        severity=max(finding.severity for finding in findings),
        state=CaseState.RAISED,
        history=False,
        raised_at=NOW - timedelta(minutes=72),
        cleared_at=None,
        acknowledged_at=None,
        acknowledged_by=None,
        closed_at=None,
        closed_by=None,
        findings=findings,
        version=1,
    )
    return replace(case, **changes)  # type: ignore[arg-type]


def bearing(facts: MachineFacts) -> Prediction:
    prediction = facts.prediction(SlotId("spindle_bearing"))
    assert prediction is not None
    return prediction


def with_bearing(facts: MachineFacts, **changes: object) -> MachineFacts:
    """Return the facts with the prediction of the spindle bearing changed."""
    predictions = tuple(
        replace(each, **changes) if each.slot == "spindle_bearing" else each  # type: ignore[arg-type]
        for each in facts.predictions
    )
    return replace(facts, predictions=predictions)
