"""What has served its time is forgotten, and nothing else."""

from datetime import timedelta

from sqlalchemy import func, select

from configs.plant import SiteId
from service.state import idempotency, outbox, sign_in_attempts
from service.state.database import StateDatabase
from service.state.idempotency import KeptAnswer
from service.state.outbox import Notice
from service.state.retention import tidy
from service.state.sign_in_attempts import AttemptKind, Attempts
from service.state.tables import IdempotencyRow, OutboxRow, SignInAttemptsRow
from tests.fakes.conclusions import NOW

DAY = timedelta(days=1)


def test_old_rows_go_and_new_ones_stay(database: StateDatabase) -> None:
    for days in (100, 0):
        at = NOW - days * DAY
        with database.transaction() as session:
            outbox.queue(session, Notice(key=f"k{days}", kind="k", site=SiteId("s"), body=""), now=at)
            answer = KeptAnswer(request_digest="d", status=200, body=b"")
            idempotency.keep(session, "caller", f"k{days}", answer, now=at)
            sign_in_attempts.save(session, AttemptKind.ACCOUNT, f"a{days}", Attempts(failures=1, last_at=at))
    with database.transaction() as session:
        tidy(session, now=NOW)
    with database.reading() as session:
        for table in (OutboxRow, IdempotencyRow, SignInAttemptsRow):
            assert session.scalar(select(func.count()).select_from(table)) == 1
