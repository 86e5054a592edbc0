import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import InvalidRequestError
from service.http.paging import PageWish, decode_cursor, encode_cursor, page_of


@given(key=st.text(max_size=50, alphabet=st.characters(exclude_categories=["Cs"])))
def test_decoding_a_cursor_inverts_encoding_it(key: str) -> None:
    assert decode_cursor(encode_cursor(key)) == key


@pytest.mark.parametrize("cursor", ["%%%", "a", "gA", "한글"])
def test_a_cursor_of_somebody_else_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidRequestError, match="cursor"):
        decode_cursor(cursor)


@given(numbers=st.sets(st.integers(0, 10_000), max_size=40), limit=st.integers(1, 9))
def test_pages_together_are_the_list_and_each_item_comes_once(numbers: set[int], limit: int) -> None:
    items = [(f"{number:05d}", number) for number in sorted(numbers)]
    seen: list[int] = []
    cursor = None
    while True:
        page = page_of(items, PageWish(limit, cursor))
        assert len(page.items) <= limit
        seen += page.items
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == sorted(numbers)
