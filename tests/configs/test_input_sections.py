"""`[[sparkplug]]`, `[[mapping]]` and `[machine.waveforms]` in a plant file."""

import pytest

from configs.catalogue.load import load_catalogue
from configs.errors import ConfigurationError
from configs.measuring_points import Quantity, derived_sensors
from configs.plant import Plant
from configs.plant_file import dump_plant, parse_plant

BASE = """
[[site]]
id = "busan"
name = "부산"
time_zone = "Asia/Seoul"

[[line]]
id = "a"
name = "A"
site = "busan"

[[machine]]
id = "pump1"
name = "펌프"
line = "a"
type = "centrifugal_pump"
"""
POINT = """
[machine.waveforms.drive_end]
name = { ko = "구동측", en = "Drive end" }
slot = "bearing"
rpm = 1480
bearing = { rolling_elements = 9, element_diameter_mm = 7.94, pitch_diameter_mm = 39.04 }

[machine.waveforms.free_end]

[machine.sensors.drive_end_velocity_rms]
limits = [{ level = "warning", value = 4.5 }]
"""
NAMES = """
[[sparkplug]]
group = "G"
edge_node = "gw"
device = "P-01"
machine = "pump1"
metrics = { "Motor/Vib" = "vib", "Run" = "state" }

[[sparkplug]]
edge_node = "gw"
machine = "pump1"

[[mapping]]
id = "air"
like = "tasmota"
machines = { plug1 = "pump1" }
sensors = { ENERGY_Power = "vib" }
words = { ON = 1 }
ignore = ["Id"]

[[mapping]]
id = "own"
topic = "f/{machine}"
state = "$.state"
states = { RUN = "executing" }
time = "$.t"
time_zone = "Asia/Seoul"

[[mapping.value]]
path = "$.v"
sensor = "vib"
unit = "in/s"
"""


def parsed(text: str) -> Plant:
    return parse_plant(text, load_catalogue(), "plant.toml")


def mistakes(text: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        parsed(text)
    return str(caught.value)


def test_a_plant_with_inputs_survives_being_written() -> None:
    plant = parsed(BASE + POINT + NAMES)
    assert parsed(dump_plant(plant)) == plant
    assert [len(plant.devices), len(plant.mappings), len(plant.machines[0].points)] == [2, 2, 2]


def test_a_measuring_point_brings_its_sensors_and_they_can_be_changed() -> None:
    (machine,) = parsed(BASE + POINT).machines
    names = [sensor.id for sensor in machine.sensors]
    assert [name for name in names if name.startswith("drive_end_")] == [f"drive_end_{each}" for each in Quantity]
    assert "free_end_envelope_1x" in names
    assert "free_end_envelope_bpfo" not in names
    changed = next(sensor for sensor in machine.sensors if sensor.id == "drive_end_velocity_rms")
    assert [limit.value for limit in changed.limits] == [4.5]
    assert len(derived_sensors(machine.points[0])) == len(Quantity)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[machine.waveforms.a]\nslot = "bering"', "no slot bering; did you mean bearing?"),
        ("[machine.waveforms.a]\nrpm = -1", "machine pump1, waveform a: rpm"),
        (
            "[machine.waveforms.a]\nbearing = { rolling_elements = 9, element_diameter_mm = 40, pitch_diameter_mm = 39 }",
            "must be below pitch_diameter_mm",
        ),
        ("[machine.waveforms.a]\n[machine.waveforms.b]\nspeed = 3", "waveform b: speed: is not a key of this table"),
        ('[[sparkplug]]\nedge_node = "gw"\nmachine = "pump9"', "there is no machine 'pump9'; did you mean pump1?"),
        ('[[sparkplug]]\nedge_node = "g/w"\nmachine = "pump1"', "one level of a topic"),
        (
            '[[sparkplug]]\nedge_node = "gw"\nmachine = "pump1"\nmetrics = { a = "vibb" }',
            "no sensor vibb; did you mean vib?",
        ),
        (
            '[[sparkplug]]\nedge_node = "gw"\nmachine = "pump1"\nmetrics = { a = "vib", b = "vib" }',
            "two metrics are called vib",
        ),
        ('[[sparkplug]]\nedge_node = "gw"\nmachine = "pump1"\n' * 2, "is there twice"),
        ('[[mapping]]\nid = "m"\nlike = "tasmata"', "no ready-made mapping 'tasmata'; did you mean tasmota?"),
        ('[[mapping]]\nid = "m"\nlike = "umh"\n' * 2, "is there twice"),
        ('[[mapping]]\nid = "m"', "topic: is missing"),
        ('[[mapping]]\nid = "m"\ntopic = "+/#"\nvalue = [{ path = "$" }]', "every topic"),
        ('[[mapping]]\nid = "m"\ntopic = "f/{machine}/{sensor}"\nvalue = [{ path = "x" }]', "begin with $"),
        ('[[mapping]]\nid = "m"\ntopic = "f/{machine}"\nvalue = [{ path = "$" }]', "sensor needs {sensor}"),
        ('[[mapping]]\nid = "m"\ntopic = "f/{sensor}"\nvalue = [{ path = "$" }]', "machine needs {machine}"),
        ('[[mapping]]\nid = "m"\nlike = "umh"\nstates = { RUN = "run" }', "no operating state"),
        ('[[mapping]]\nid = "m"\nlike = "umh"\ntime_zone = "Mars"', "not a time zone"),
        ('[[mapping]]\nid = "m"\nlike = "umh"\nmachines = { x = "pump9" }', "there is no machine 'pump9'"),
        ('[[mapping]]\nid = "m"\nlike = "umh"\nsensors = { x = "vibb" }', "no machine has a sensor 'vibb'"),
    ],
)
def test_a_mistake_is_one_line_that_says_how_to_mend_it(text: str, says: str) -> None:
    assert says in mistakes(BASE + text)


def test_a_point_may_not_take_the_name_of_a_sensor() -> None:
    own = 'id = "x"\nname = "x"\nunit = ""\nrange_low = 0\nrange_high = 9\nnormal_low = 0\nnormal_high = 3\n'
    kind = f'[[equipment_type]]\nid = "rig"\nname = "r"\n[[equipment_type.sensor]]\n{own}'.replace(
        'id = "x"', 'id = "a_kurtosis"'
    )
    text = BASE.replace("centrifugal_pump", "rig") + "[machine.waveforms.a]\n" + kind
    assert "a_kurtosis is a sensor of the machine's type; rename the point" in mistakes(text)
