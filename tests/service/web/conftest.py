from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from configs.plant import Plant
from service.web.words import Words
from tests.fakes import sample_factory
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
