"""Intake put together over fakes or the real thing, as the wiring does it."""

from contextlib import nullcontext

from configs.plant import Plant
from ingest.decode.time_window import TimeWindow
from ingest.intake.examination import Examiner
from ingest.intake.letter_desk import LetterDesk
from ingest.intake.writer import Intake, IntakeOptions
from ingest.ports import IntakeBatch, IntakeStore, MessageSource
from ingest.quality import QualityRules
from tests.fakes.plants import a_plant
from tests.fakes.readings import SECOND_NS

WINDOW = TimeWindow(past_ns=30 * 86_400 * SECOND_NS, future_ns=300 * SECOND_NS)


def an_examiner(store: IntakeStore, plant: Plant | None = None) -> Examiner:
    return Examiner(plant or a_plant(), WINDOW, QualityRules(), store.load())


def a_letter_desk(store: IntakeStore, plant: Plant | None = None) -> LetterDesk:
    """Return a desk that nobody writes beside; each turn begins where the store stands."""

    def commit(batch: IntakeBatch) -> bool:
        store.commit(batch)
        return True

    return LetterDesk(an_examiner(store, plant), commit, nullcontext)


def an_intake(source: MessageSource, store: IntakeStore, *, plant: Plant | None = None, **more: object) -> Intake:
    options = IntakeOptions(quiet_s=0.0, linger_s=0.0, commit_messages=1) if not more else IntakeOptions(**more)  # type: ignore[arg-type]
    return Intake(source, an_examiner(store, plant), store, options=options)
