"""Readings that do not come by message, from tables and forms: the same ledger, checks and commit as for those that do."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

from configs.plant import Plant
from ingest.errors import StoreUnavailableError
from ingest.intake.examination import Examined, Examiner, HandedIn
from ingest.ports import IntakeBatch, IntakeState


class HandIn:
    """Takes readings in beside the source, in the caller's thread; any thread may call.

    Parameters
    ----------
    examiner
        What judges them; shared with the writer.
    commit
        Makes a batch durable; False where that cannot be any more.
    turn
        Gives the writer's turn for as long as its context lasts.
    """

    def __init__(
        self,
        examiner: Examiner,
        commit: Callable[[IntakeBatch], bool],
        turn: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self._examiner = examiner
        self._commit = commit
        self._turn = turn

    def take(self, handed: Sequence[HandedIn]) -> Examined:
        """Take readings in, durable when it returns; those that were handed in before count as duplicates.

        Raises
        ------
        StoreUnavailableError
            The store cannot write now; hand them in again.
        """
        with self._turn():
            examined = self._examiner.examine_columns(handed)
            if not self._commit(examined.batch):
                raise StoreUnavailableError("the service is stopping; hand it in again once it runs")
        return examined

    def replant(self, plant: Plant, load: Callable[[], IntakeState]) -> None:
        """Go by another plant from the next message on; `load` tells where everything stood at the last commit."""
        with self._turn():
            self._examiner.replant(plant, load())
