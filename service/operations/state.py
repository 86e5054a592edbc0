"""`yeji db upgrade`: the tables of the state database."""

from configs.settings import Settings
from service.app.data_folder import translate_disk_errors
from service.app.state import open_state
from service.operations.result import Output


def upgrade_state(settings: Settings, output: Output) -> None:
    """Bring the tables to the newest revision; nothing happens where they are there already."""
    with translate_disk_errors(settings.data_dir):
        settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    with open_state(settings.state, settings.data_dir) as database:
        current = database.is_current()
    output.show({"current": current}, "the state database is at the newest revision")
