"""The desk for tables, in the running program or for a command that has the files to itself."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from ingest.intake.hand_in import HandIn
from service.app.foundations import Foundations
from service.app.table_desk import StoringTableDesk
from service.app.table_ports import DeskPorts
from service.app.table_process import read_apart


@contextmanager
def run_table_desk(base: Foundations, hand_in: HandIn, *, clock: Callable[[], datetime]) -> Iterator[StoringTableDesk]:
    """Open the desk while the context lasts; an import at work when it ends goes on when it is stored again."""
    desk = StoringTableDesk(
        DeskPorts(
            folder=base.folder,
            plants=base.plants,
            database=base.database,
            store=base.store,
            hand_in=hand_in,
            read=read_apart,
            clock=clock,
            raw=timedelta(days=base.settings.store.raw_days),
        )
    )
    try:
        yield desk
    finally:
        desk.stop()
