"""Whatever is sent, the API answers as its description says; bounded, because every example is a real request."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.types import Receive, Scope, Send

from service.actor import Role
from tests.fakes.houses import BASE, House
from tests.fakes.sample_factory import a_filled_house

COMMITTED = Path(__file__).parents[3] / "docs/openapi.json"
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


class FrontDoor:
    """Stands for the application while tests are collected; leads into the house while they run."""

    house: House | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self.house is not None
        await self.house.app(scope, receive, send)


door = FrontDoor()
schema = schemathesis.openapi.from_path(COMMITTED).exclude(path="/api/v1/stream")
schema.app = door


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    with a_filled_house(tmp_path_factory.mktemp("house")) as house:
        door.house = house
        yield {"authorization": f"Bearer {house.key(Role.ADMINISTRATOR)}"}
        door.house = None


@schema.parametrize()
@settings(max_examples=6, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
def test_any_request_is_answered_as_described(case: schemathesis.Case, key: dict[str, str]) -> None:
    case.call_and_validate(base_url=BASE, headers=dict(key), checks=CHECKS)
