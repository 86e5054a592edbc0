import pytest
from starlette.requests import Request

from service.http.language import language_of, negotiate


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "ko"),
        ("ko-KR,ko;q=0.9,en;q=0.8", "ko"),
        ("en-GB,en;q=0.9,ko;q=0.5", "en"),
        ("de,en;q=0.3", "en"),
        ("de", "ko"),
        ("en;q=nonsense", "ko"),
        ("ko;q=0.1, en;q=0.2", "en"),
    ],
)
def test_the_best_language_of_the_browser_is_taken_else_korean(header: str, language: str) -> None:
    assert negotiate(header) == language


@pytest.mark.parametrize(("cookie", "language"), [("en", "en"), ("ko", "ko"), ("fr", "ko")])
def test_a_chosen_language_wins_over_the_browser(cookie: str, language: str) -> None:
    headers = [(b"cookie", f"yeji_language={cookie}".encode()), (b"accept-language", b"ko")]
    assert language_of(Request({"type": "http", "headers": headers})) == language
