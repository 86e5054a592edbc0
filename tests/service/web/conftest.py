import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from configs.plant import Plant
from service.web.words import Words
from tests.fakes import sample_factory
from tests.fakes.houses import House
from tests.fakes.translations import compile_translations

SEOUL = ZoneInfo("Asia/Seoul")


@pytest.fixture(scope="session", autouse=True)
def _translations() -> None:
    compile_translations()


@pytest.fixture
def ko() -> Words:
    """Words in Korean on Tuesday, 24 November 2026, 17:05 in Seoul."""
    return Words(language="ko", zone=SEOUL, now=sample_factory.NOW)


@pytest.fixture
def en(ko: Words) -> Words:
    return replace(ko, language="en")


@pytest.fixture(scope="session")
def plant() -> Plant:
    return sample_factory.sample_plant()


@pytest.fixture(scope="session")
def filled_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the files of the sample factory, to be copied."""
    folder = tmp_path_factory.mktemp("factory")
    with sample_factory.a_filled_house(folder):
        return folder


@pytest.fixture
def factory(filled_folder: Path, tmp_path: Path) -> Iterator[House]:
    """The sample factory behind the whole web application."""
    shutil.copytree(filled_folder, tmp_path, dirs_exist_ok=True)
    with sample_factory.a_filled_house(tmp_path) as opened:
        yield opened
