"""The state database: where it is, and that it is at the newest revision before anything reads it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from configs.errors import ConfigurationError
from configs.settings import StateSettings
from service.state.database import StateDatabase, sqlite_url

FILE_NAME = "state.sqlite"


@contextmanager
def open_state(settings: StateSettings, data_dir: Path) -> Iterator[StateDatabase]:
    """Open and migrate the state database, and close it when the context ends."""
    database = StateDatabase(state_url(settings, data_dir))
    try:
        database.migrate()
        yield database
    finally:
        database.close()


def state_url(settings: StateSettings, data_dir: Path) -> str:
    """Return the address of the state database: as set, from the file that holds it, or SQLite in the data folder."""
    if settings.url is not None:
        return settings.url.get_secret_value()
    if settings.url_file is not None:
        return _read(settings.url_file)
    return sqlite_url(data_dir.absolute() / FILE_NAME)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        mistake = f"state.url_file {path}: cannot be read ({error.strerror}); correct the path or its rights"
        raise ConfigurationError("settings", (mistake,)) from error
