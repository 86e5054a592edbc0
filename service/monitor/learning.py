"""Learning machines: fits, signs and registers the model of a fleet when machines have completed their learning."""

from collections.abc import Sequence
from dataclasses import replace

import structlog

from configs.plant import EquipmentTypeId, MachineId
from models.errors import ArtefactRefusedError, NotEnoughDataError
from models.feature_window import FeatureBlock
from models.features.rows import join, take
from models.features.windowing import FeatureMemory, extract
from models.registry import card_of, load, save
from models.state_detection.learning import Learning
from models.training.fit import fit_type
from service.monitor.catch_up import Stretch, read_due
from service.monitor.fleet import Fleet, Standing
from service.monitor.ports import MonitorPorts
from service.state import models

LEARNT_AT_ONCE = 32
READ_WINDOWS = 12_000

log = structlog.get_logger(__name__)


def with_champion(ports: MonitorPorts, fleet: Fleet) -> Fleet:
    """Return the fleet with its champion model; without one where there is none or it is refused, which is logged."""
    with ports.database.reading() as session:
        version = models.champion(session, fleet.equipment_type.id)
    if version is None:
        return fleet
    try:
        model = load(version.digest, folder=ports.artefacts, keys=ports.keys)
    except ArtefactRefusedError as error:
        log.warning("model_refused", equipment_type=fleet.equipment_type.id, reason=str(error))
        return fleet
    if model.names != fleet.plan.names or model.window_s != fleet.equipment_type.window_s:
        log.warning("model_outdated", equipment_type=fleet.equipment_type.id, reason="its sensors or window changed")
        return fleet
    return replace(fleet, model=model, digest=version.digest)


def champion_digests(ports: MonitorPorts) -> dict[EquipmentTypeId, str]:
    """Return the digest of the model that predicts, per equipment type that has one."""
    with ports.database.reading() as session:
        return {kind: version.digest for kind, version in models.champions(session).items()}


def learn(ports: MonitorPorts, fleet: Fleet, standing: Standing, ready: Sequence[MachineId]) -> Fleet:
    """Return the fleet with a model that has learnt machines that were ready; signed, kept and made champion.

    Where their readings do not allow it the machines start to learn again from where they stand, and that is logged.
    """
    chosen = ready[:LEARNT_AT_ONCE]
    spans = {machine: standing.states[machine].learning for machine in chosen}
    try:
        block = learning_windows(ports, fleet, spans)
        model = fit_type(block, fleet.plan, fleet.model)
        missing = [machine for machine in chosen if machine not in model.baselines.machines]
    except NotEnoughDataError as error:
        log.warning("learning_failed", equipment_type=fleet.equipment_type.id, reason=str(error))
        _start_again(standing, chosen)
        return fleet
    _start_again(standing, missing)
    return _registered(ports, replace(fleet, model=model))


def learning_windows(ports: MonitorPorts, fleet: Fleet, spans: dict[MachineId, Learning]) -> FeatureBlock:
    """Return the features of the windows that machines have learnt, stretch by stretch out of the store."""
    width_ns = round(fleet.equipment_type.window_s * 1e9)
    known = {m: (s.from_ns, s.to_ns) for m, s in spans.items() if s.from_ns is not None and s.to_ns is not None}
    if not known:
        raise NotEnoughDataError(f"{fleet.equipment_type.id}: no machine has completed its learning span")
    at = min(first for first, _ in known.values())
    last = max(end for _, end in known.values())
    memories: dict[MachineId, FeatureMemory] = {}
    blocks: list[FeatureBlock] = []
    step = max(READ_WINDOWS // len(known), 1) * width_ns
    while at < last:
        end = min(at + step, last)
        after = {machine: max(first, at) for machine, (first, upto) in known.items() if first < end and upto > at}
        if after:
            upto = {machine: min(known[machine][1], end) for machine in after}
            stretch = Stretch(machines=tuple(sorted(after)), after_ns=after, upto_ns=upto)
            features, news = extract(read_due(ports.telemetry, fleet, stretch), fleet.plan, memories)
            memories |= news
            blocks.append(take(features, features.running & features.usable))
        at = end
    return join(blocks)


def _start_again(standing: Standing, machines: Sequence[MachineId]) -> None:
    for machine in machines:
        standing.states[machine] = replace(standing.states[machine], learning=Learning())


def _registered(ports: MonitorPorts, fleet: Fleet) -> Fleet:
    """Return the fleet with the digest of its model, once the artefact is written and is champion."""
    if fleet.model is None:
        return fleet
    now = ports.clock()
    card = card_of(fleet.model, trained_at=now, plant_revision=ports.plant.revision)
    saved = save(fleet.model, card, folder=ports.artefacts, keys=ports.keys)
    version = models.ModelVersion(
        digest=saved.digest,
        equipment_type=fleet.equipment_type.id,
        trained_at=now,
        manifest=saved.manifest,
        role=models.ModelRole.CHAMPION,
    )
    with ports.database.transaction() as session:
        models.add(session, version, now=now)
    log.info(
        "model_learnt",
        equipment_type=fleet.equipment_type.id,
        machines=len(fleet.model.baselines.machines),
        digest=saved.digest[:12],
    )
    return replace(fleet, digest=saved.digest)
