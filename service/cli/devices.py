"""Verbs of the broker and of the devices that may connect to it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.cli.options import AsJson, DataFolder, PlantFile, SettingsFile, output, settings_from

if TYPE_CHECKING:
    from service.operations.broker_files import Certificates

app = typer.Typer(help="Devices that may connect to the broker.", no_args_is_help=True)
broker = typer.Typer(help="The files of a production broker.", no_args_is_help=True)

Files = Annotated[Path | None, typer.Option("--files", help="Folder of the broker's files; <data>/mosquitto without.")]
Name = Annotated[str, typer.Argument(help="Name of the device, by which it signs in.")]


@broker.command("write")
def write_broker(  # noqa: PLR0913 (one argument an option)
    *,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "0.0.0.0",  # noqa: S104
    port: Annotated[int | None, typer.Option(help="Port; 8883 with certificates, else 1883.")] = None,
    ca: Annotated[Path | None, typer.Option(help="Certificate of the authority (PEM).")] = None,
    certificate: Annotated[Path | None, typer.Option(help="The broker's certificate (PEM).")] = None,
    key: Annotated[Path | None, typer.Option(help="The broker's key (PEM).")] = None,
    files: Files = None,
    settings: SettingsFile = None,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Write the configuration, passwords and access rules of a production Mosquitto."""
    from service.operations import devices
    from service.operations.broker_files import Listening

    certificates = _certificates(ca, certificate, key)
    listening = Listening(host=host, port=port or (8883 if certificates else 1883), certificates=certificates)
    devices.write_broker(settings_from(settings, data), files, listening, output(as_json=as_json))


@app.command("add")
def add_device(  # noqa: PLR0913 (one argument an option)
    name: Name,
    *,
    machine: Annotated[str, typer.Option(help="The machine whose readings it sends.")],
    files: Files = None,
    settings: SettingsFile = None,
    data: DataFolder = None,
    plant: PlantFile = None,
    as_json: AsJson = False,
) -> None:
    """Let a device connect and write its own machine's topic; prints its password once."""
    from service.operations import devices

    devices.add_device(settings_from(settings, data, plant), files, name, machine, output(as_json=as_json))


@app.command("list")
def list_devices(
    *, files: Files = None, settings: SettingsFile = None, data: DataFolder = None, as_json: AsJson = False
) -> None:
    """Show who may connect."""
    from service.operations import devices

    devices.list_devices(settings_from(settings, data), files, output(as_json=as_json))


@app.command("revoke")
def revoke_device(
    name: Name, *, files: Files = None, settings: SettingsFile = None, data: DataFolder = None, as_json: AsJson = False
) -> None:
    """Let a device connect no more."""
    from service.operations import devices

    devices.revoke_device(settings_from(settings, data), files, name, output(as_json=as_json))


def _certificates(ca: Path | None, certificate: Path | None, key: Path | None) -> "Certificates | None":
    from service.errors import InvalidRequestError
    from service.operations.broker_files import Certificates

    if ca is None and certificate is None and key is None:
        return None
    if ca is None or certificate is None or key is None:
        raise InvalidRequestError("--ca, --certificate and --key go together")
    return Certificates(authority=ca, certificate=certificate, key=key)
