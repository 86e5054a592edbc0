"""The page of settings is complete and current."""

from pathlib import Path

import pytest

from configs.settings import each_setting, variable_of
from configs.settings_reference import render_reference

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"


def test_the_page_in_the_docs_is_what_the_code_says() -> None:
    renew = "docs/settings.md is old: python -m configs.settings_reference > docs/settings.md"
    assert PAGE.read_text(encoding="utf-8") == render_reference(), renew


@pytest.mark.parametrize("name", [name for name, _ in each_setting()])
def test_the_page_names_the_setting_and_its_variable(name: str) -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert f"| `{name}` |" in page
    assert f"`{variable_of(name)}`" in page


def test_every_setting_has_a_description_and_a_default() -> None:
    lacking = [name for name, field in each_setting() if not field.description or field.is_required()]
    assert lacking == []
