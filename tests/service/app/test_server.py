import socket
from contextlib import closing

import pytest

from configs.errors import ConfigurationError
from service.app.server import address_of, bind


def test_port_0_takes_a_free_one_and_the_address_is_for_a_browser_here() -> None:
    with closing(bind("0.0.0.0", 0)) as listener:
        assert address_of(listener) == f"http://127.0.0.1:{listener.getsockname()[1]}"
    with closing(bind("127.0.0.1", 0)) as listener:
        assert address_of(listener).startswith("http://127.0.0.1:")


def test_a_taken_port_is_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigurationError, match=f"address 127.0.0.1:{port}: another program has this port"):
            bind("127.0.0.1", port)


def test_an_address_of_another_computer_is_one_line() -> None:
    with pytest.raises(ConfigurationError, match="YEJI_HOST"):
        bind("192.0.2.1", 0)


def test_six_is_an_address_too() -> None:
    try:
        listener = bind("::1", 0)
    except ConfigurationError:
        pytest.skip("this machine has no IPv6")
    with closing(listener):
        assert address_of(listener).startswith("http://[::1]:")
