import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from configs.errors import ConfigurationError, YejiError
from ingest.errors import StoreUnavailableError
from service.errors import (
    ConflictError,
    InvalidRequestError,
    NotAllowedError,
    NotFoundError,
    NotSignedInError,
    PreconditionError,
    StateUnavailableError,
    TooManyAttemptsError,
)
from service.http.problems import Problem, install_problems

MEDIA_TYPE = "application/problem+json"


def an_error_page(request: Request, problem: Problem) -> Response:
    return PlainTextResponse(f"page: {problem.title}", status_code=problem.status)


def client_of(error: Exception) -> TestClient:
    app = FastAPI()

    @app.get("/api/v1/thing")
    @app.post("/api/v1/thing")
    @app.get("/thing")
    def raise_it(number: int = 0) -> int:
        raise error

    install_problems(app, an_error_page)
    return TestClient(app, base_url="http://127.0.0.1", headers={"accept-language": "en"})


@pytest.mark.parametrize(
    ("error", "status", "kind"),
    [
        (NotFoundError("no pump"), 404, "not-found"),
        (ConflictError("kim was first"), 409, "conflict"),
        (PreconditionError("changed"), 412, "changed-meanwhile"),
        (NotAllowedError("no"), 403, "not-allowed"),
        (NotSignedInError("who"), 401, "not-signed-in"),
        (InvalidRequestError("bad"), 422, "invalid-request"),
        (StateUnavailableError("full"), 503, "unavailable"),
        (StoreUnavailableError("full"), 503, "unavailable"),
        (TooManyAttemptsError("slow down", retry_after_s=2.5), 429, "too-many-requests"),
        (YejiError("else"), 500, "internal-error"),
        (ConfigurationError("file", ("wrong",)), 500, "internal-error"),
    ],
)
def test_every_error_of_the_service_has_its_status(error: YejiError, status: int, kind: str) -> None:
    answer = client_of(error).get("/api/v1/thing")
    assert answer.status_code == status
    assert answer.headers["content-type"] == MEDIA_TYPE
    body = answer.json()
    assert body["type"] == f"/problems/{kind}"
    assert body["detail"] == str(error)
    assert body["instance"] == "/api/v1/thing"


def test_too_many_attempts_say_when_to_come_again() -> None:
    answer = client_of(TooManyAttemptsError("slow down", retry_after_s=2.5)).get("/api/v1/thing")
    assert answer.headers["retry-after"] == "3"


@pytest.mark.parametrize(("language", "title"), [("en", "Not found"), ("ko", "찾을 수 없습니다")])
def test_the_title_is_in_the_readers_language(language: str, title: str) -> None:
    answer = client_of(NotFoundError("x")).get("/api/v1/thing", headers={"accept-language": language})
    assert answer.json()["title"] == title


def test_an_unknown_address_a_wrong_method_and_a_wrong_value_are_problems_too() -> None:
    client = client_of(NotFoundError("x"))
    unknown, method = client.get("/api/v1/nothing"), client.delete("/api/v1/thing")
    value = client.get("/api/v1/thing", params={"number": "many"})
    assert [answer.status_code for answer in (unknown, method, value)] == [404, 405, 422]
    assert {answer.headers["content-type"] for answer in (unknown, method, value)} == {MEDIA_TYPE}
    assert method.headers["allow"]
    assert value.json()["errors"][0]["pointer"] == "#/query/number"


def test_a_person_gets_a_page_and_a_stranger_the_way_to_sign_in() -> None:
    html = {"accept": "text/html"}
    missing = client_of(NotFoundError("x")).get("/thing", headers=html)
    assert (missing.status_code, missing.text) == (404, "page: Not found")
    stranger = client_of(NotSignedInError("x")).get("/thing?a=1", headers=html, follow_redirects=False)
    assert (stranger.status_code, stranger.headers["location"]) == (303, "/sign-in?next=/thing%3Fa%3D1")


def test_a_fragment_of_a_page_sends_the_whole_page_to_sign_in() -> None:
    answer = client_of(NotSignedInError("x")).get("/thing", headers={"hx-request": "true"})
    assert (answer.status_code, answer.headers["hx-redirect"]) == (401, "/sign-in")
