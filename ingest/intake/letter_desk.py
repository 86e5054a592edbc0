"""Where dead letters are taken up again: stored after a fix, or given up."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager

from ingest.errors import StoreUnavailableError
from ingest.intake.examination import Examiner, Reexamined
from ingest.ports import DeadLetter, IntakeBatch, Settlement


class LetterDesk:
    """Replays and settles dead letters beside the messages that come in; any thread may ask it.

    Parameters
    ----------
    examiner
        What reads the letters; the one that also reads what comes in, since it knows where everything stands.
    commit
        Makes a batch durable, however often it takes; False if that cannot be any more.
    turn
        Keeps the writer out meanwhile; StoreUnavailableError where it cannot.
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

    def preview(self, letters: Sequence[DeadLetter]) -> Mapping[str, str]:
        """Return why letters still cannot be stored, by id; one that is not among them could be."""
        read = ((letter.id, self._examiner.read_letter(letter)) for letter in letters)
        return {letter: why for letter, why in read if isinstance(why, str)}

    def replay(self, letters: Sequence[DeadLetter], *, by: str, at_ns: int) -> Reexamined:
        """Store letters that can be read now; durable when it returns.

        Raises
        ------
        StoreUnavailableError
            The store cannot write now.
        """
        with self._turn():
            again = self._examiner.examine_again(letters, by, at_ns)
            self._commit_or_raise(again.batch)
        return again

    def settle(self, settlements: Sequence[Settlement]) -> None:
        """Note that letters are done with, durable when it returns; StoreUnavailableError as for `replay`."""
        with self._turn():
            self._commit_or_raise(
                IntakeBatch(readings=(), rejections=(), ledgers=(), meters=(), settlements=tuple(settlements))
            )

    def _commit_or_raise(self, batch: IntakeBatch) -> None:
        if not self._commit(batch):
            raise StoreUnavailableError("the service is stopping; try again once it runs")
