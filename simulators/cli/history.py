"""`yeji-simulate history`: a back-filled past as a bundle."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from configs.catalogue.load import load_catalogue
from configs.plant_file import load_plant
from simulators.calendar import CONTINUOUS, SHIFTS
from simulators.cli.options import fault_rates, moment
from simulators.cli.output import console, say
from simulators.factory import build_factory, with_accelerometers
from simulators.history import HistoryFolders, Span, history_span, unfinished_span, write_history
from simulators.scenario import Scenario
from simulators.staging import DEMO_WISHES, stage

DEMO_SEED = 5
DEMO_MACHINES = 24


def history(  # noqa: PLR0913 (one argument an option)
    *,
    out: Annotated[Path, typer.Option(help="Folder for the bundle; truth and checkpoint go beside it.")],
    years: Annotated[float, typer.Option(help="How long a history.", min=0.003, max=10)] = 1.0,
    machines: Annotated[int, typer.Option(help="How many machines.", min=1, max=10_000)] = DEMO_MACHINES,
    seed: Annotated[int, typer.Option(help="The same seed makes the same factory.", min=0)] = DEMO_SEED,
    end: Annotated[str, typer.Option(help="When it ends: `now` or a time such as 2026-11-24T08:00:00Z.")] = "now",
    damage_speed: Annotated[float, typer.Option(help="How many times faster parts wear.")] = 1.0,
    faults: Annotated[
        str, typer.Option(help="Faults of sensors and network: `usual`, `none`, or kinds by comma (docs/simulator.md).")
    ] = "usual",
    plant: Annotated[
        Path | None, typer.Option(help="Simulate the machines of this plant file instead of a made-up factory.")
    ] = None,
    shifts: Annotated[str, typer.Option(help="When the machines of that plant work.")] = CONTINUOUS.name,
    accelerometers: Annotated[
        bool, typer.Option("--accelerometers", help="Pumps have an accelerometer: `live` sends its waveforms.")
    ] = False,
    staged: Annotated[bool, typer.Option(help="Choose machine ages so that some parts are close to failing.")] = True,
) -> None:
    """Write a history bundle that `yeji import` reads; a run that was cut short goes on where it stopped."""
    folders = HistoryFolders(
        bundle=out, truth=out.with_name(out.name + "-truth"), checkpoint=out.with_name(out.name + "-checkpoint")
    )
    span = span_until(end, years, folders)
    factory = (
        a_scenario(machines, seed, accelerometers=accelerometers) if plant is None else _of_plant(plant, shifts, seed)
    )
    made = replace(factory, damage_speed=damage_speed, rates=fault_rates(faults))
    write_with_progress(stage(made, span, DEMO_WISHES) if staged else made, span, folders)
    say(f"history in {out}, truth in {folders.truth}, checkpoint in {folders.checkpoint}")


def a_scenario(machines: int, seed: int, *, accelerometers: bool = False) -> Scenario:
    """Give the factory of the catalogue with so many machines."""
    plant, shifts = build_factory(load_catalogue(), machines)
    return Scenario(plant=with_accelerometers(plant) if accelerometers else plant, seed=seed, shifts=shifts)


def _of_plant(path: Path, shifts: str, seed: int) -> Scenario:
    if shifts not in SHIFTS:
        raise typer.BadParameter(f"{shifts}: no such shifts; there are {', '.join(SHIFTS)}")
    plant = load_plant(path)
    return Scenario(plant=plant, seed=seed, shifts={machine.id: SHIFTS[shifts] for machine in plant.machines})


def write_with_progress(scenario: Scenario, span: Span, folders: HistoryFolders) -> None:
    """Write a history and show how far it is."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("history", total=1.0)
        write_history(scenario, span, folders, lambda share: bar.update(task, completed=share))


def span_until(end: str, years: float, folders: HistoryFolders) -> Span:
    """Give the span that was asked for; for `now` that of an unfinished history of the same length."""
    span = history_span(moment(end), years)
    unfinished = unfinished_span(folders)
    if end != "now" or unfinished is None:
        return span
    as_long = abs((unfinished.end_s - unfinished.start_s) - (span.end_s - span.start_s)) < 7200.0
    return unfinished if as_long else span
