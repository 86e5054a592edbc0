from datetime import UTC, datetime

from configs.plant import SiteId
from configs.plant_change import ChangedKind
from ingest.decode.table_records import MachineRow
from service.advisory.machine_list import changes_for
from tests.fakes.plants import a_plant

SITE = SiteId("busan")


def a_row(name: str, **changes: object) -> MachineRow:
    row: dict[str, object] = {
        "row": 2, "id": name, "name": name, "equipment_type": "pump", "line": "", "serial": "", "installed_at": None,
    }  # fmt: skip
    return MachineRow(**(row | changes))  # type: ignore[arg-type]


def test_machines_that_the_plant_has_are_left_as_they_are() -> None:
    assert changes_for([a_row("pump1")], a_plant(), SITE) == ()


def test_a_machine_without_a_line_stands_on_the_first_of_the_site() -> None:
    (change,) = changes_for([a_row("p9", serial="s", installed_at=datetime(2020, 3, 1, tzinfo=UTC))], a_plant(), SITE)
    assert change.table == {
        "name": "p9", "line": "a", "type": "pump", "serial": "s", "installed_at": "2020-03-01",
    }  # fmt: skip


def test_new_lines_are_made_once_and_named_so_that_devices_can_say_them() -> None:
    rows = [
        a_row("p8", line="주조 라인"),
        a_row("p9", line="주조라인"),
        a_row("p7", line="hall b"),
        a_row("p6", line="A"),
    ]
    changes = changes_for(rows, a_plant(), SITE)
    lines = [change for change in changes if change.kind is ChangedKind.LINE]
    assert [line.table["name"] for line in lines] == ["주조 라인", "hall b"]
    assert lines[0].id.startswith("line-")
    assert lines[1].id == "hall-b"
    machines = {change.id: change.table["line"] for change in changes if change.kind is ChangedKind.MACHINE}
    assert machines == {"p8": lines[0].id, "p9": lines[0].id, "p7": "hall-b", "p6": "a"}
