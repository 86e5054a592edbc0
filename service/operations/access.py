"""How the first person and the first program get in."""

import os
from datetime import datetime
from pathlib import Path

from configs.errors import ConfigurationError
from service.actor import SYSTEM, Role
from service.security.api_keys import NewKey, actor_of_key, issue_key
from service.security.links import issue_first_link
from service.security.people import list_people
from service.state.database import StateDatabase

KEY_NAME = "local"


def first_link(database: StateDatabase, *, always: bool, now: datetime) -> str | None:
    """Return a sign-in link's token for the first administrator: while nobody has a password yet, or always."""
    with database.reading() as session:
        is_settled = any(person.has_password for person in list_people(session, SYSTEM))
    if is_settled and not always:
        return None
    return issue_first_link(database, now=now)


def keep_api_key(database: StateDatabase, path: Path, *, now: datetime) -> None:
    """Leave the file as it is while its key is valid; else write a new key there, readable by its owner alone."""
    if _is_valid(database, path, now):
        return
    key = issue_key(database, SYSTEM, NewKey(name=KEY_NAME, role=Role.ADMINISTRATOR), now=now)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f"{path.name}.new")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(f"{key.text}\n")
        fresh.replace(path)
    except OSError as error:
        mistake = f"cannot be written ({error.strerror}); name another file with --api-key-file"
        raise ConfigurationError(str(path), (mistake,)) from error


def _is_valid(database: StateDatabase, path: Path, now: datetime) -> bool:
    try:
        text = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return False
    path.chmod(0o600)
    return actor_of_key(database, text, now=now) is not None
