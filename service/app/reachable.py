"""Where a program is reached that listens on every address."""

_OF_EVERY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 (compared, not bound)


def reachable(host: str) -> str:
    """Return the host by which this computer reaches what listens on `host`: its loopback for "every address"."""
    return _OF_EVERY_ADDRESS.get(host, host)
