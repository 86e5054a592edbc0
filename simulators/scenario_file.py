"""Keeps a scenario beside its checkpoint: the plant, the seed, the shifts and the rates."""

import json
from dataclasses import asdict
from pathlib import Path

from configs.errors import ConfigurationError
from configs.plant import MachineId
from configs.plant_file import dump_plant, load_plant
from simulators.calendar import SHIFTS
from simulators.errors import SimulatorError
from simulators.scenario import Rates, Scenario


def write_scenario(folder: Path, scenario: Scenario) -> None:
    """Write `plant.toml` and `scenario.json` into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "plant.toml").write_text(dump_plant(scenario.plant), encoding="utf-8")
    note = {
        "seed": scenario.seed,
        "damage_speed": scenario.damage_speed,
        "steady": scenario.steady,
        "shifts": {machine: shifts.name for machine, shifts in scenario.shifts.items()},
        "rates": asdict(scenario.rates),
    }
    (folder / "scenario.json").write_text(json.dumps(note, indent=1) + "\n", encoding="utf-8")


def read_scenario(folder: Path) -> Scenario:
    """Read a scenario back.

    Raises
    ------
    SimulatorError
        When the folder holds none, or one that cannot be used.
    """
    try:
        note = json.loads((folder / "scenario.json").read_text(encoding="utf-8"))
        plant = load_plant(folder / "plant.toml")
        shifts = {MachineId(machine): SHIFTS[name] for machine, name in note["shifts"].items()}
        rates = Rates(**note["rates"])
        return Scenario(
            plant=plant, seed=note["seed"], shifts=shifts, rates=rates, damage_speed=note["damage_speed"],
            steady=note["steady"],
        )  # fmt: skip
    except FileNotFoundError:
        raise SimulatorError(f"{folder}: no checkpoint here; write a history first (yeji-simulate history)") from None
    except (ValueError, KeyError, TypeError) as problem:
        raise SimulatorError(f"{folder}/scenario.json: not a scenario ({problem}); write a new history") from None
    except ConfigurationError as problem:
        raise SimulatorError(f"{folder}/plant.toml: {'; '.join(problem.mistakes)}") from None
