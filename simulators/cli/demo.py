"""`yeji-simulate demo`: Yeji with a simulated factory around it."""

import os
import shutil
from pathlib import Path
from typing import Annotated

import typer

from simulators.cli.history import DEMO_MACHINES, DEMO_SEED, a_scenario, span_until, write_with_progress
from simulators.cli.options import page_port
from simulators.cli.output import say
from simulators.cli.running import Line, People, run_live, stop_on_signals
from simulators.demo import DemoFolders, Service, free_port, import_history, yeji_command
from simulators.errors import SimulatorError
from simulators.history import HistoryFolders
from simulators.staging import DEMO_WISHES, stage
from simulators.technician import Technician


def demo(
    *,
    data: Annotated[Path, typer.Option(help="Folder of the demonstration.")] = Path("var/demo"),
    port: Annotated[int | None, typer.Option(help="Port of the pages; default YEJI_PORT or 8000.")] = None,
    speed_up_damage: Annotated[float, typer.Option(help="How many times faster parts wear from now on.")] = 1.0,
) -> None:
    """Show Yeji with a simulated factory: the first time with a year of history, later from where it stopped."""
    folders = DemoFolders(root=data.absolute())
    pages = port if port is not None else page_port(os.environ.get("YEJI_PORT", "8000"))
    broker_port = free_port()
    environment = os.environ | {
        "YEJI_SIMULATED": "true",
        "YEJI_PORT": str(pages),
        "YEJI_MQTT__PORT": str(broker_port),
    }
    _prepare(folders)
    import_history(folders, environment, say)
    arguments = ["run", "--data", str(folders.data), "--print-link", "--api-key-file", str(folders.api_key)]
    service = Service([yeji_command(), *arguments], environment)
    try:
        address = f"http://127.0.0.1:{pages}"
        service.wait_ready(address)
        stop = stop_on_signals()
        line = Line(address=("127.0.0.1", broker_port))
        people = People(technician=Technician(address, folders.api_key))
        say(f"the factory is running; open {address} (Ctrl-C stops everything)")
        run_live(folders.checkpoint, line, people, speed_up_damage, lambda: stop() or not service.is_running())
        if not stop():
            raise SimulatorError("yeji run ended by itself; its last line says why; the next start goes on from here")
    finally:
        service.stop()


def _prepare(folders: DemoFolders) -> None:
    if folders.checkpoint.joinpath("state.json").exists():
        return
    folders.imported.unlink(missing_ok=True)
    shutil.rmtree(folders.data, ignore_errors=True)
    history_folders = HistoryFolders(bundle=folders.bundle, truth=folders.truth, checkpoint=folders.checkpoint)
    span = span_until("now", 1.0, history_folders)
    say("first run: making a year of history of 24 machines (about half a minute)")
    scenario = stage(a_scenario(DEMO_MACHINES, DEMO_SEED, accelerometers=True), span, DEMO_WISHES)
    write_with_progress(scenario, span, history_folders)
