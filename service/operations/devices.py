"""`yeji broker write` and `yeji device`: a production broker's files, and who may connect to it."""

from pathlib import Path

from configs.plant import MachineId
from configs.settings import Settings
from service.errors import NotFoundError
from service.operations import broker_files
from service.operations.broker_files import Listening
from service.operations.result import Output
from service.operations.setup import plant_for

FOLDER = "mosquitto"
RELOAD = "let the broker read its files again: `sudo systemctl reload mosquitto`, or send it SIGHUP"


def write_broker(settings: Settings, folder: Path | None, listening: Listening, output: Output) -> None:
    """Write the files of a production Mosquitto, and say what to do with them."""
    where = _folder(settings, folder)
    config = broker_files.write_broker_files(where, listening)
    lines = [
        f"written: {config}",
        f"start it: mosquitto -c {config}   (or include it from /etc/mosquitto/conf.d; mosquitto must be able to read the folder)",
        f"tell Yeji: mqtt.broker = 'external', mqtt.username = '{broker_files.OWN_NAME}', mqtt.password_file = '{where / broker_files.OWN_PASSWORD}'",
        "then: yeji doctor",
    ]
    if listening.certificates is None:
        lines.append(
            "without certificates passwords pass in the clear; for devices on a network name them with --ca, --certificate and --key"
        )
    output.show({"config": str(config), "folder": str(where)}, "\n".join(lines))


def add_device(settings: Settings, folder: Path | None, name: str, machine_id: str, output: Output) -> None:
    """Let a device write its machine's topic; its password is shown once."""
    machine = plant_for(settings).machine(MachineId(machine_id))
    if machine is None:
        raise NotFoundError(f"there is no machine {machine_id} in {settings.plant_path}")
    issued = broker_files.add_device(_folder(settings, folder), name, machine)
    row = {"device": issued.name, "machine": issued.machine, "topic": issued.topic, "password": issued.password}
    text = f"user name: {issued.name}\npassword: {issued.password}   (shown this once)\ntopic: {issued.topic}\n{RELOAD}"
    output.show(row, text)


def list_devices(settings: Settings, folder: Path | None, output: Output) -> None:
    """Show who may connect, and for which machine."""
    found = broker_files.devices_in(_folder(settings, folder))
    rows = [{"device": name, "machine": machine} for name, machine in sorted(found.items())]
    output.show_rows(rows, "no devices yet; add one with `yeji device add NAME --machine MACHINE`")


def revoke_device(settings: Settings, folder: Path | None, name: str, output: Output) -> None:
    """Let a device connect no more."""
    broker_files.revoke_device(_folder(settings, folder), name)
    output.show({"device": name, "revoked": True}, f"{name} is revoked; {RELOAD}")


def _folder(settings: Settings, folder: Path | None) -> Path:
    return folder or settings.data_dir / FOLDER
