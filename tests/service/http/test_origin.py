import pytest
from starlette.datastructures import Headers

from service.http.origin import host_name, is_cross_site, is_known_host

NAMES = frozenset({"localhost", "yeji.factory.local"})


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1:8000", "192.168.0.20", "[::1]:8000", "localhost:8000", "yeji.factory.local", "LOCALHOST"],
)
def test_addresses_and_own_names_are_known(host: str) -> None:
    assert is_known_host(host, NAMES)


@pytest.mark.parametrize(
    "host", ["", "evil.example", "127.0.0.1.evil.example", "yeji.factory.local.evil", "[::1", "a b"]
)
def test_a_foreign_name_is_not_known_even_when_it_leads_here(host: str) -> None:
    assert not is_known_host(host, NAMES)


def test_host_name_leaves_port_and_brackets_away() -> None:
    assert host_name("[::1]:8000") == "::1"
    assert host_name("a.b:1") == "a.b"


@pytest.mark.parametrize(
    ("headers", "has_session", "refused"),
    [
        ({"origin": "http://127.0.0.1:8000"}, True, False),
        ({"origin": "http://evil.example"}, True, True),
        ({"origin": "http://evil.example"}, False, True),
        ({"origin": "null"}, True, True),
        ({"sec-fetch-site": "same-origin", "origin": "http://127.0.0.1:8000"}, True, False),
        ({"sec-fetch-site": "none"}, True, False),
        ({"sec-fetch-site": "cross-site"}, True, True),
        ({"sec-fetch-site": "same-site"}, True, True),
        ({}, True, True),
        ({}, False, False),
        ({"authorization": "Bearer x", "origin": "http://evil.example"}, False, False),
    ],
)
def test_a_change_is_taken_only_from_our_own_page_or_a_program(
    headers: dict[str, str], has_session: bool, refused: bool
) -> None:
    all_headers = Headers({"host": "127.0.0.1:8000", **headers})
    assert is_cross_site("POST", all_headers, has_session=has_session) is refused


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_reading_is_never_refused(method: str) -> None:
    assert not is_cross_site(method, Headers({"host": "a", "origin": "http://evil.example"}), has_session=True)
