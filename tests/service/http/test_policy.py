import pytest
from fastapi import APIRouter, FastAPI
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from service.actor import Role
from service.http.policy import OpenToAll, Viewer, routes_without_policy
from tests.fakes.houses import House


def test_every_route_of_the_program_says_who_may_use_it(house: House) -> None:
    assert routes_without_policy(house.app.routes) == ()


def test_a_route_without_a_policy_is_found_however_deep_it_lies() -> None:
    inner, outer, app = APIRouter(), APIRouter(), FastAPI(openapi_url=None)

    @inner.get("/bare")
    def bare() -> int:
        return 1

    @inner.get("/open", dependencies=[OpenToAll])
    def is_open() -> int:
        return 1

    @inner.get("/closed")
    def closed(actor: Viewer) -> int:
        return 1

    outer.include_router(inner, prefix="/inner")
    app.include_router(outer, prefix="/outer")
    app.mount("/files", StaticFiles(directory="."))
    assert set(routes_without_policy(app.routes)) == {"/outer/inner/bare", "/files"}


def test_static_files_are_open() -> None:
    assert routes_without_policy([Mount("/static", app=StaticFiles(directory="."))]) == ()


@pytest.mark.parametrize("path", ["/api/v1/machines", "/api/v1/stream", "/metrics", "/api/v1/openapi.json"])
def test_nobody_gets_in_without_a_key(house: House, path: str) -> None:
    answer = house.client(role=None).get(path)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("key", ["", "nonsense", "yeji_1_2"])
def test_a_wrong_key_does_not_get_in(house: House, key: str) -> None:
    answer = house.client(role=None).get("/api/v1/machines", headers={"authorization": f"Bearer {key}"})
    assert answer.status_code == 401


def test_a_role_too_low_is_told_which_one_it_needs(house: House) -> None:
    answer = house.client(Role.VIEWER).get("/api/v1/dead-letters")
    assert answer.status_code == 403
    assert answer.json()["detail"] == "VIEWER is a viewer; this needs the role engineer"


@pytest.mark.parametrize(("path", "word"), [("/livez", "live"), ("/readyz", "ready")])
def test_a_supervisor_needs_no_key(house: House, path: str, word: str) -> None:
    answer = house.client(role=None).get(path)
    assert (answer.status_code, answer.text) == (200, word)
