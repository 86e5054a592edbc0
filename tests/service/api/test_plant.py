"""The plant file, read anew while the service runs."""

from pathlib import Path

import pytest

from configs.plant import SiteId
from configs.plant_file import dump_plant, load_plant
from service.actor import SYSTEM
from service.api.plant import PlantSchema
from service.app.plant import open_plant_book
from service.errors import InvalidRequestError, NotAllowedError
from service.security.rights import Role
from tests.fakes.houses import MORNING, House
from tests.fakes.plants import a_plant

PLUGS = '\n[[mapping]]\nid = "plugs"\nlike = "tasmota"\n'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "plant.toml"
    path.write_text(dump_plant(a_plant()), encoding="utf-8")
    return path


def test_mapping_that_is_written_into_the_file_counts_without_a_restart(house: House, file: Path) -> None:
    book = open_plant_book(file, load_plant(file))
    followed = []
    book.follow(followed.append)
    file.write_text(dump_plant(a_plant()) + PLUGS, encoding="utf-8")
    plant = book.reread(house.database, SYSTEM, now=MORNING)
    assert PlantSchema.of(plant) == PlantSchema(revision=1, machines=2, mappings=("plugs",))
    assert followed == [plant]
    assert book.current is plant


@pytest.mark.parametrize("mistake", ["[[mapping]]\nid = 3\n", "[[", '[[mapping]]\nid = "a"\nlike = "tasmotta"\n'])
def test_mistake_in_the_file_is_told_and_changes_nothing(house: House, file: Path, mistake: str) -> None:
    book = open_plant_book(file, load_plant(file))
    before = book.current
    good = file.read_text(encoding="utf-8")
    file.write_text(f"{good}\n{mistake}", encoding="utf-8")
    with pytest.raises(InvalidRequestError, match=r"plant\.toml: "):
        book.reread(house.database, SYSTEM, now=MORNING)
    assert book.current is before
    file.write_text(good + PLUGS, encoding="utf-8")
    assert [mapping.id for mapping in book.reread(house.database, SYSTEM, now=MORNING).mappings] == ["plugs"]


def test_file_that_is_gone_is_told(house: House, file: Path) -> None:
    book = open_plant_book(file, load_plant(file))
    file.unlink()
    with pytest.raises(InvalidRequestError, match="cannot be read"):
        book.reread(house.database, SYSTEM, now=MORNING)


def test_plant_without_a_file_says_so(house: House) -> None:
    answer = house.client(Role.ENGINEER).post("/api/v1/plant/reading")
    assert answer.status_code == 422
    assert "there is no plant file to read" in answer.json()["detail"]


def test_only_who_answers_for_every_site_reads_it_anew(house: House) -> None:
    assert house.client(Role.TECHNICIAN).post("/api/v1/plant/reading").status_code == 403
    some = house.client(Role.ENGINEER, sites=frozenset({SiteId("busan")}))
    assert some.post("/api/v1/plant/reading").status_code == 403
    with pytest.raises(NotAllowedError, match="every site"):
        house.services.plants.reread(house.database, _of_one_site(), now=MORNING)


def _of_one_site():  # type: ignore[no-untyped-def]
    return SYSTEM.__class__(id="e", name="e", role=Role.ENGINEER, sites=frozenset({SiteId("busan")}))
