"""A program whose store has become useless ends by itself, and says that it must be started again."""

from contextlib import closing

import pytest

from ingest.errors import StoreBrokenError
from ingest.intake.status import IntakeStatus
from ingest.ports import SourceStatus
from service.app.running import Running
from service.app.server import bind
from tests.fakes.event_loops import main_thread_without_loop
from tests.fakes.houses import House


def broken_intake() -> IntakeStatus:
    return IntakeStatus(
        source=SourceStatus(
            alive=True, connected=True, subscribed=True, received=0, waiting=0, reconnects=0, trouble=None
        ),
        alive=False,
        broken=True,
        trouble="telemetry.duckdb: a write failed; restart the service",
        seconds_since_progress=0.0,
        last_commit_s=0.0,
        commits=0,
        failed_commits=1,
        messages=0,
        readings=0,
        duplicates=0,
        acknowledged=0,
        rejected=(),
    )


def test_a_store_that_only_a_new_process_can_open_ends_this_one(house: House) -> None:
    with closing(bind("127.0.0.1", 0)) as listener:
        running = Running(
            address="http://127.0.0.1",
            database=house.database,
            web=house.app,
            live=house.services.live,
            listener=listener,
            intake=broken_intake,
        )
        with main_thread_without_loop(), pytest.raises(StoreBrokenError, match="a write failed; restart the service"):
            running.serve()
