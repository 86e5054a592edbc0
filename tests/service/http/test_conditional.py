import pytest

from service.errors import InvalidRequestError
from service.http.conditional import etag, expected_version


def test_the_version_in_an_etag_comes_back() -> None:
    assert expected_version(etag(3)) == 3


@pytest.mark.parametrize("header", [None, "*", " * "])
def test_without_a_version_any_will_do(header: str | None) -> None:
    assert expected_version(header) is None


@pytest.mark.parametrize("header", ["3", 'W/"3"', '"abc"', "", '"-1"', '"' + "9" * 30 + '"'])
def test_anything_else_is_refused_with_an_example(header: str) -> None:
    with pytest.raises(InvalidRequestError, match="If-Match"):
        expected_version(header)
