"""The state database is tidied at the start and again and again, and one that is away stops nothing."""

import threading
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select
from structlog.testing import capture_logs

from configs.instant import ns_of
from ingest.stores.waveform_files import WaveformFiles, WaveformPolicy
from service.app.tidying import run_tidying, tidy_state
from service.state import idempotency
from service.state.database import StateDatabase, sqlite_url
from service.state.idempotency import KeptAnswer
from service.state.tables import IdempotencyRow
from tests.fakes.conclusions import NOW
from tests.fakes.waveforms import a_waveform


def test_what_has_served_its_time_goes_at_the_start_and_each_time_again(
    sqlite_database: StateDatabase, tmp_path: Path
) -> None:
    waveforms = WaveformFiles(tmp_path, WaveformPolicy(days=1))
    waveforms.keep(a_waveform(event_time_ns=ns_of(NOW - timedelta(days=3))))
    answer = KeptAnswer(request_digest="d", status=200, body=b"")
    with sqlite_database.transaction() as session:
        idempotency.keep(session, "caller", "old", answer, now=NOW - timedelta(days=2))
    rounds = threading.Semaphore(0)

    def clock():
        rounds.release()
        return NOW

    with run_tidying(sqlite_database, waveforms, clock=clock, every_s=0.01):
        assert all(rounds.acquire(timeout=10) for _ in range(3))
    with sqlite_database.reading() as session:
        assert session.scalar(select(func.count()).select_from(IdempotencyRow)) == 0
    assert list(tmp_path.glob("????-??-??")) == []


def test_a_database_that_is_away_is_logged_and_waits(tmp_path: Path) -> None:
    database = StateDatabase(sqlite_url(tmp_path / "missing/state.sqlite"))
    with capture_logs() as said:
        tidy_state(database, now=NOW)
    assert [line["event"] for line in said] == ["tidying_failed"]
