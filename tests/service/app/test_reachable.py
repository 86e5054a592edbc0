import pytest

from service.app.reachable import reachable


@pytest.mark.parametrize(
    ("listens_on", "reached_at"),
    [("0.0.0.0", "127.0.0.1"), ("::", "::1"), ("192.168.0.10", "192.168.0.10"), ("localhost", "localhost")],
)
def test_what_listens_everywhere_is_reached_at_loopback_and_all_else_where_it_listens(
    listens_on: str, reached_at: str
) -> None:
    assert reachable(listens_on) == reached_at
