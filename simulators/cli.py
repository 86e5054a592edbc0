"""The `yeji-simulate` command: history, live, inject and the demonstration."""

import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from typer.exceptions import TyperException

from configs.catalogue.load import load_catalogue
from configs.errors import ConfigurationError, YejiError
from simulators.demo import DemoFolders, Service, free_port, import_history, yeji_command
from simulators.errors import SimulatorError
from simulators.factory import build_factory
from simulators.history import HistoryFolders, Span, history_span, unfinished_span, write_history
from simulators.injection import Injection, decode_injection, encode_injection, injection_topic
from simulators.live import Clock, LiveFactory
from simulators.publish import Publisher
from simulators.scenario import Scenario
from simulators.scenario_file import read_scenario
from simulators.simulation import resume_simulation
from simulators.staging import DEMO_WISHES, stage
from simulators.technician import Technician

DEMO_SEED = 5
DEMO_MACHINES = 24
INTERRUPTED = 130
"""What Typer returns after Ctrl-C, as shells do."""

app = typer.Typer(
    name="yeji-simulate",
    help="A factory that breaks on purpose, with its truth written down.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
_console = Console(stderr=True, highlight=False)


@app.command()
def history(  # noqa: PLR0913 (one argument an option)
    *,
    out: Annotated[Path, typer.Option(help="Folder for the bundle; truth and checkpoint go beside it.")],
    years: Annotated[float, typer.Option(help="How long a history.", min=0.003, max=10)] = 1.0,
    machines: Annotated[int, typer.Option(help="How many machines.", min=1, max=10_000)] = DEMO_MACHINES,
    seed: Annotated[int, typer.Option(help="The same seed makes the same factory.", min=0)] = DEMO_SEED,
    end: Annotated[str, typer.Option(help="When it ends: `now` or a time such as 2026-11-24T08:00:00Z.")] = "now",
    damage_speed: Annotated[float, typer.Option(help="How many times faster parts wear.")] = 1.0,
    staged: Annotated[bool, typer.Option(help="Choose machine ages so that some parts are close to failing.")] = True,
) -> None:
    """Write a history bundle that `yeji import` reads; a run that was cut short goes on where it stopped."""
    folders = HistoryFolders(
        bundle=out, truth=out.with_name(out.name + "-truth"), checkpoint=out.with_name(out.name + "-checkpoint")
    )
    span = _span(end, years, folders)
    scenario = _scenario(machines, seed, damage_speed)
    _write(stage(scenario, span, DEMO_WISHES) if staged else scenario, span, folders)
    _say(f"history in {out}, truth in {folders.truth}, checkpoint in {folders.checkpoint}")


@app.command()
def live(  # noqa: PLR0913 (one argument an option)
    *,
    checkpoint: Annotated[Path, typer.Option(help="Checkpoint that a history left.")],
    broker: Annotated[str, typer.Option(help="MQTT broker as host:port.")] = "127.0.0.1:1883",
    api: Annotated[str | None, typer.Option(help="Address of Yeji, to report repairs to.")] = None,
    api_key_file: Annotated[Path | None, typer.Option(help="File that holds the API key.")] = None,
    user: Annotated[str | None, typer.Option(help="User name at the broker.")] = None,
    password_file: Annotated[Path | None, typer.Option(help="File that holds the password.")] = None,
    speed_up_damage: Annotated[float, typer.Option(help="How many times faster parts wear from now on.")] = 1.0,
) -> None:
    """Publish in real time over MQTT, from where the history ended; Ctrl-C stops the factory."""
    if (api is None) != (api_key_file is None):
        raise typer.BadParameter("--api and --api-key-file go together")
    if (user is None) != (password_file is None):
        raise typer.BadParameter("--user and --password-file go together")
    stop = _stop_on_signals()
    technician = Technician(api, api_key_file) if api is not None and api_key_file is not None else None
    publisher = Publisher("yeji-simulator", (user, password_file) if user and password_file else None)
    publisher.connect(*_host_port(broker), timeout_s=10.0)
    _run_live(checkpoint, publisher, technician, speed_up_damage, stop)


@app.command()
def inject(
    *,
    machine: Annotated[str, typer.Option(help="Machine id.")],
    fault: Annotated[str, typer.Option(help="Slot to wear out, or stuck, drift, noise_rise.")],
    sensor: Annotated[str | None, typer.Option(help="Sensor, for a sensor fault.")] = None,
    minutes: Annotated[float, typer.Option(help="Operating minutes until the part fails.", min=0.5)] = 10.0,
    broker: Annotated[str, typer.Option(help="MQTT broker as host:port.")] = "127.0.0.1:1883",
) -> None:
    """Ask a running simulator for a fault: damage hurries, the clock does not."""
    publisher = Publisher(f"yeji-inject-{os.getpid()}")
    publisher.connect(*_host_port(broker), timeout_s=10.0)
    request = Injection(machine=machine, fault=fault, sensor=sensor, minutes=minutes)
    publisher.publish(injection_topic(machine), encode_injection(request))
    publisher.flush(5.0)
    publisher.close()


@app.command()
def demo(
    *,
    data: Annotated[Path, typer.Option(help="Folder of the demonstration.")] = Path("var/demo"),
    port: Annotated[int | None, typer.Option(help="Port of the pages; default YEJI_PORT or 8000.")] = None,
    speed_up_damage: Annotated[float, typer.Option(help="How many times faster parts wear from now on.")] = 1.0,
) -> None:
    """Show Yeji with a simulated factory: the first time with a year of history, later from where it stopped."""
    folders = DemoFolders(root=data.absolute())
    page_port = port if port is not None else _port_of(os.environ.get("YEJI_PORT", "8000"))
    broker_port = free_port()
    environment = os.environ | {
        "YEJI_SIMULATED": "true",
        "YEJI_PORT": str(page_port),
        "YEJI_MQTT__PORT": str(broker_port),
    }
    _prepare(folders)
    import_history(folders, environment, _say)
    arguments = ["run", "--data", str(folders.data), "--print-link", "--api-key-file", str(folders.api_key)]
    service = Service([yeji_command(), *arguments], environment)
    try:
        address = f"http://127.0.0.1:{page_port}"
        service.wait_ready(address)
        stop = _stop_on_signals()
        publisher = Publisher("yeji-simulator")
        publisher.connect("127.0.0.1", broker_port, timeout_s=20.0)
        technician = Technician(address, folders.api_key)
        _say(f"the factory is running; open {address} (Ctrl-C stops everything)")
        _run_live(
            folders.checkpoint, publisher, technician, speed_up_damage, lambda: stop() or not service.is_running()
        )
        if not stop():
            raise SimulatorError("yeji run ended by itself; its last line says why; the next start goes on from here")
    finally:
        service.stop()


def main() -> None:
    """Run the command line; people get one line, never a traceback."""
    sys.exit(exit_code(sys.argv[1:]))


def exit_code(arguments: list[str]) -> int:
    """Return 0, 1 for what went wrong on the way, or 2 for a wrong argument; say it in one line."""
    try:
        result = app(arguments, standalone_mode=False)
    except TyperException as error:
        return _complain(error.format_message() or "see --help", 2)
    except ConfigurationError as error:
        return _complain(str(error), 2)
    except YejiError as error:
        return _complain(str(error), 1)
    if result == INTERRUPTED:
        return _complain("stopped; the same command goes on from here", INTERRUPTED)
    return result if isinstance(result, int) else 0


def _prepare(folders: DemoFolders) -> None:
    if folders.checkpoint.joinpath("state.json").exists():
        return
    folders.imported.unlink(missing_ok=True)
    shutil.rmtree(folders.data, ignore_errors=True)
    history_folders = HistoryFolders(bundle=folders.bundle, truth=folders.truth, checkpoint=folders.checkpoint)
    span = _span("now", 1.0, history_folders)
    _say("first run: making a year of history of 24 machines (about half a minute)")
    scenario = stage(_scenario(DEMO_MACHINES, DEMO_SEED, 1.0), span, DEMO_WISHES)
    _write(scenario, span, history_folders)


def _run_live(
    checkpoint: Path, publisher: Publisher, technician: Technician | None, speed: float, stop: Callable[[], bool]
) -> None:
    scenario = replace(read_scenario(checkpoint), damage_speed=speed)
    simulation = resume_simulation(scenario, checkpoint)
    if technician is not None:
        technician.load(checkpoint / "reports.json")
    factory = LiveFactory(simulation, publisher, technician, checkpoint.with_name("truth") / "live.jsonl")

    def take_request(_topic: str, payload: bytes) -> None:
        request = decode_injection(payload)
        if request is not None:
            factory.requests.append(request)

    publisher.listen(take_request)
    try:
        factory.run(_clock(stop), checkpoint)
    finally:
        publisher.close()


def _clock(stop: Callable[[], bool]) -> Clock:
    def wait_until(at_s: float) -> bool:
        while not stop():
            ahead = at_s - time.time()
            if ahead <= 0:
                return True
            time.sleep(min(ahead, 0.5))
        return False

    return Clock(now_s=time.time, wait_until=wait_until)


def _stop_on_signals() -> Callable[[], bool]:
    asked = threading.Event()

    def ask(_number: int, _frame: FrameType | None) -> None:
        asked.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, ask)
    return asked.is_set


def _scenario(machines: int, seed: int, damage_speed: float) -> Scenario:
    plant, shifts = build_factory(load_catalogue(), machines)
    return Scenario(plant=plant, seed=seed, shifts=shifts, damage_speed=damage_speed)


def _write(scenario: Scenario, span: Span, folders: HistoryFolders) -> None:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=_console) as bar:
        task = bar.add_task("history", total=1.0)
        write_history(scenario, span, folders, lambda share: bar.update(task, completed=share))


def _span(end: str, years: float, folders: HistoryFolders) -> Span:
    span = history_span(_moment(end), years)
    unfinished = unfinished_span(folders)
    if end != "now" or unfinished is None:
        return span
    as_long = abs((unfinished.end_s - unfinished.start_s) - (span.end_s - span.start_s)) < 7200.0
    return unfinished if as_long else span


def _moment(text: str) -> datetime:
    if text == "now":
        return datetime.now(tz=UTC)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text}: not a time; write 2026-11-24T08:00:00Z or now") from None
    if moment.tzinfo is None:
        raise typer.BadParameter(f"{text}: lacks its distance from UTC; add Z or +09:00")
    return moment


def _port_of(text: str) -> int:
    if not text.isdigit() or not 0 < int(text) < 65_536:
        raise typer.BadParameter(f"YEJI_PORT is {text}: not a port; set it to a number from 1 to 65535")
    return int(text)


def _host_port(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit():
        raise typer.BadParameter(f"{text}: not host:port; write 127.0.0.1:1883")
    return host, int(port)


def _say(line: str) -> None:
    _console.print(f"yeji-simulate: {line}", soft_wrap=True)


def _complain(line: str, code: int) -> int:
    print(f"yeji-simulate: {' '.join(line.split())}", file=sys.stderr)
    return code
