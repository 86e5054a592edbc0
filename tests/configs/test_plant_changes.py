from configs.catalogue.load import load_catalogue
from configs.plant_change import ChangedKind, PlantChange
from configs.plant_changes import plant_with, text_with
from configs.plant_file import dump_plant
from tests.fakes.plants import a_plant


def change(kind: ChangedKind, name: str, /, **table: object) -> PlantChange:
    return PlantChange(kind=kind, id=name, table=table)


def test_changes_are_laid_over_the_file_in_their_order() -> None:
    text = dump_plant(a_plant())
    changes = [
        change(ChangedKind.LINE, "b", name="B", site="busan"),
        change(ChangedKind.MACHINE, "pump9", name="Pump 9", line="a", type="pump"),
        change(ChangedKind.MACHINE, "pump9", line="b"),
        change(ChangedKind.SENSOR, "pump9/vib", range_high=80.0),
        change(ChangedKind.SENSOR, "pump9/vib", range_low=-5.0),
        change(ChangedKind.SENSOR, "nobody/vib", range_low=-5.0),
        change(ChangedKind.MACHINE, "pump2", absent=True),
    ]
    plant = plant_with(text, load_catalogue(), "plant", changes, revision=8)
    assert [(machine.id, machine.line) for machine in plant.machines] == [("pump1", "a"), ("pump9", "b")]
    (vib,) = (sensor for sensor in plant.machines[1].sensors if sensor.id == "vib")
    assert (vib.range_low, vib.range_high, plant.revision) == (-5.0, 80.0, 8)


def test_without_changes_the_text_is_taken_as_it_is() -> None:
    assert plant_with(dump_plant(a_plant()), load_catalogue(), "plant", (), revision=1) == a_plant()
    assert text_with("", ()) == ""
