"""Options as people type them, turned into what the simulator takes."""

from datetime import UTC, datetime

import typer

from simulators.scenario import Rates, only


def moment(text: str) -> datetime:
    """Read `now` or a time with its distance from UTC."""
    if text == "now":
        return datetime.now(tz=UTC)
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text}: not a time; write 2026-11-24T08:00:00Z or now") from None
    if read.tzinfo is None:
        raise typer.BadParameter(f"{text}: lacks its distance from UTC; add Z or +09:00")
    return read


def host_port(text: str) -> tuple[str, int]:
    """Read the address of a broker."""
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit():
        raise typer.BadParameter(f"{text}: not host:port; write 127.0.0.1:1883")
    return host, int(port)


def page_port(text: str) -> int:
    """Read the port that the environment names for the pages."""
    if not text.isdigit() or not 0 < int(text) < 65_536:
        raise typer.BadParameter(f"YEJI_PORT is {text}: not a port; set it to a number from 1 to 65535")
    return int(text)


def fault_rates(text: str) -> Rates:
    """Read which faults of measuring and of the network happen: `usual`, `none`, or kinds by comma."""
    if text == "usual":
        return Rates()
    return only(() if text == "none" else tuple(kind.strip() for kind in text.split(",")))
