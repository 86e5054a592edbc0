"""`yeji-simulate live` and `inject`: the factory in real time, and faults on request."""

import os
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from simulators.api_client import ApiClient
from simulators.cli.options import host_port
from simulators.cli.running import Format, Line, People, run_live, stop_on_signals
from simulators.foreman import Foreman
from simulators.injection import Injection, encode_injection, injection_topic
from simulators.network_faults import Packet
from simulators.publish import Publisher
from simulators.technician import Technician


def live(  # noqa: PLR0913 (one argument an option)
    *,
    checkpoint: Annotated[Path, typer.Option(help="Checkpoint that a history left.")],
    broker: Annotated[str, typer.Option(help="MQTT broker as host:port.")] = "127.0.0.1:1883",
    api: Annotated[str | None, typer.Option(help="Address of Yeji, to report repairs to.")] = None,
    api_key_file: Annotated[Path | None, typer.Option(help="File that holds the API key.")] = None,
    answers: Annotated[
        bool, typer.Option("--answers", help="Have somebody answer the alerts, now and then wrongly.")
    ] = False,
    user: Annotated[str | None, typer.Option(help="User name at the broker.")] = None,
    password_file: Annotated[Path | None, typer.Option(help="File that holds the password.")] = None,
    speed_up_damage: Annotated[float, typer.Option(help="How many times faster parts wear from now on.")] = 1.0,
    batched: Annotated[bool, typer.Option("--batched", help="Send ten seconds at once, as column batches.")] = False,
    spoken: Annotated[
        Format,
        typer.Option("--format", help="Yeji's own JSON, or Sparkplug B as one edge node with a device a machine."),
    ] = Format.NATIVE,
) -> None:
    """Publish in real time over MQTT, from where the history ended; Ctrl-C stops the factory."""
    if (api is None) != (api_key_file is None):
        raise typer.BadParameter("--api and --api-key-file go together")
    if (user is None) != (password_file is None):
        raise typer.BadParameter("--user and --password-file go together")
    stop = stop_on_signals()
    if answers and api is None:
        raise typer.BadParameter("--answers needs --api and --api-key-file")
    people = People()
    if api is not None and api_key_file is not None:
        client = ApiClient(api, api_key_file)
        people = People(
            technician=Technician(api, api_key_file),
            foreman=Foreman(client, np.random.default_rng(1)) if answers else None,
        )
    login = (user, password_file) if user and password_file else None
    line = Line(address=host_port(broker), login=login, format=spoken, batched=batched)
    run_live(checkpoint, line, people, speed_up_damage, stop)


def inject(
    *,
    machine: Annotated[str, typer.Option(help="Machine id.")],
    fault: Annotated[
        str, typer.Option(help="Slot to wear out, a kind of sensor fault, or half_open, last_will, retained.")
    ],
    sensor: Annotated[str | None, typer.Option(help="Sensor, for a sensor fault.")] = None,
    minutes: Annotated[
        float, typer.Option(help="Operating minutes until the part fails, or how long a fault lasts.", min=0.5)
    ] = 10.0,
    broker: Annotated[str, typer.Option(help="MQTT broker as host:port.")] = "127.0.0.1:1883",
) -> None:
    """Ask a running simulator for a fault: damage hurries, the clock does not."""
    publisher = Publisher(f"yeji-inject-{os.getpid()}")
    publisher.connect(*host_port(broker), timeout_s=10.0)
    request = Injection(machine=machine, fault=fault, sensor=sensor, minutes=minutes)
    publisher.publish(Packet(topic=injection_topic(machine), payload=encode_injection(request), machine=machine, seq=0))
    publisher.flush(5.0)
    publisher.close()
