import json
import os
from pathlib import Path

import pytest

from tests.fakes.houses import House

COMMITTED = Path(__file__).parents[3] / "docs/openapi.json"
"""Renew it with `YEJI_RENEW=1 python -m pytest tests/service/api/test_openapi.py`, and look at the difference."""


def test_the_committed_description_is_what_the_program_publishes(house: House) -> None:
    document = house.app.openapi() | {"info": house.app.openapi()["info"] | {"version": "v1"}}
    text = json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    if os.environ.get("YEJI_RENEW"):
        COMMITTED.write_text(text, encoding="utf-8")
    assert COMMITTED.read_text(encoding="utf-8") == text


def test_every_operation_has_a_short_name_of_its_own_a_summary_and_its_problems(house: House) -> None:
    operations = [
        (path, method, operation)
        for path, methods in house.app.openapi()["paths"].items()
        for method, operation in methods.items()
    ]
    names = [operation["operationId"] for _, _, operation in operations]
    assert len(set(names)) == len(names)
    for path, method, operation in operations:
        assert operation["description"], (path, method)
        assert operation["operationId"].isidentifier()
        if operation["security"]:
            assert "application/problem+json" in operation["responses"]["401"]["content"]


def test_no_page_is_in_the_description(house: House) -> None:
    paths = house.app.openapi()["paths"]
    assert all(path.startswith(("/api/v1/", "/livez", "/readyz", "/metrics")) for path in paths)


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json"])
def test_there_is_no_page_that_loads_from_elsewhere(house: House, path: str) -> None:
    assert house.client().get(path).status_code == 404
