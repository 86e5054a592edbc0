"""Verbs of people: who may sign in, and keys for programs."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from service.cli.options import AsJson, DataFolder, SettingsFile, output, settings_from

if TYPE_CHECKING:
    from service.operations.people import Rights

app = typer.Typer(help="People, their sign-in links, and keys for programs.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="Name to sign in with.")]
RoleName = Annotated[str, typer.Option("--role", help="viewer, operator, technician, engineer or administrator.")]
SiteNames = Annotated[list[str] | None, typer.Option("--site", help="A site it is for; repeat for more. All without.")]


@app.command("add")
def add_user(  # noqa: PLR0913 (one argument an option)
    name: Name,
    *,
    role: RoleName = "operator",
    site: SiteNames = None,
    display_name: Annotated[str | None, typer.Option("--display-name", help="Name shown on the pages.")] = None,
    settings: SettingsFile = None,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Add a person, and print the link that lets him or her in once."""
    from service.operations import people

    people.add_user(
        settings_from(settings, data),
        name,
        display_name=display_name,
        rights=_rights(role, site),
        output=output(as_json=as_json),
    )


@app.command("list")
def list_users(*, settings: SettingsFile = None, data: DataFolder = None, as_json: AsJson = False) -> None:
    """Show everybody."""
    from service.operations import people

    people.list_users(settings_from(settings, data), output(as_json=as_json))


@app.command("disable")
def disable_user(
    name: Name, *, settings: SettingsFile = None, data: DataFolder = None, as_json: AsJson = False
) -> None:
    """Let a person in no more, from now on."""
    from service.operations import people

    people.disable_user(settings_from(settings, data), name, output(as_json=as_json))


@app.command("password")
def set_password(
    name: Name, *, settings: SettingsFile = None, data: DataFolder = None, as_json: AsJson = False
) -> None:
    """Give a person a new password; it is asked for, or read from standard input."""
    from service.operations import people

    asks = sys.stdin.isatty()
    password = typer.prompt("New password", hide_input=True, confirmation_prompt=True) if asks else sys.stdin.readline()
    people.set_user_password(settings_from(settings, data), name, password.rstrip("\n"), output(as_json=as_json))


@app.command("link")
def link_user(name: Name, *, settings: SettingsFile = None, data: DataFolder = None, as_json: AsJson = False) -> None:
    """Print a link that lets a person in once, for 15 minutes."""
    from service.operations import people

    people.link_user(settings_from(settings, data), name, output(as_json=as_json))


@app.command("key")
def issue_key(  # noqa: PLR0913 (one argument an option)
    name: Annotated[str, typer.Argument(help="What the key is for.")],
    *,
    role: RoleName = "viewer",
    site: SiteNames = None,
    days: Annotated[int | None, typer.Option(help="Days that it is valid; for good without.", min=1)] = None,
    settings: SettingsFile = None,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Print a new API key for a program; it cannot be shown again."""
    from service.operations import people

    people.issue_user_key(
        settings_from(settings, data),
        name,
        rights=_rights(role, site),
        valid_days=days,
        output=output(as_json=as_json),
    )


def _rights(role: str, sites: list[str] | None) -> "Rights":
    from service.operations.people import Rights, role_named

    return Rights(role=role_named(role), sites=tuple(sites or ()))
