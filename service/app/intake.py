"""Intake from MQTT: the source, what examines its messages, and the writer between them and the store."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path

from configs.errors import ConfigurationError
from configs.plant import Plant
from configs.settings import IntakeSettings, Settings, SparkplugSettings
from ingest.decode.decoder import SPARKPLUG_TOPICS, mapped_topics
from ingest.decode.sparkplug import HostRules
from ingest.decode.time_window import TimeWindow
from ingest.intake.examination import Examined, Examiner
from ingest.intake.found import recall
from ingest.intake.hand_in import HandIn
from ingest.intake.high_water import HighWaterFile, WatchedStore
from ingest.intake.letter_desk import LetterDesk
from ingest.intake.status import IntakeStatus, unready_because
from ingest.intake.waveform_keeping import KeepingStore
from ingest.intake.writer import Intake, IntakeOptions
from ingest.ports import IntakeBatch, IntakeRecords, IntakeStore, SettledAs
from ingest.quality import QualityRules
from ingest.sources.mqtt import MqttOptions, MqttSource
from ingest.sources.sparkplug_host import SparkplugHost
from service.app.foundations import Foundations
from service.observability.health import PartReadiness

HIGH_WATER_NAME = "telemetry.high-water"
STOP_S = 8.0
MOST_LETTERS = 5_000
MOST_RECALLED = 500
SECOND_NS = 1_000_000_000
DAY_NS = 86_400 * SECOND_NS


@contextmanager
def run_intake(base: Foundations, *, broker: tuple[str, int], clock_ns: Callable[[], int]) -> Iterator[Intake]:
    """Take in messages while the context lasts; what is at hand when it ends is still stored and acknowledged."""
    settings, plant = base.settings, base.plant
    host = SparkplugHost(settings.sparkplug.host_id, clock_ns) if settings.sparkplug.enabled else None
    source = MqttSource(_options(settings, plant, broker, host), clock_ns)
    store = KeepingStore(_watched(settings, base.store, clock_ns), base.waveforms)
    examiner = Examiner(
        plant, _window(settings), quality_rules(settings.intake), store.load(), host=_host_rules(settings.sparkplug)
    )
    recall(base.found, base.store.dead_letters(MOST_RECALLED), {machine.id: machine for machine in plant.machines})
    intake = Intake(
        source,
        examiner,
        store,
        options=IntakeOptions(commit_messages=settings.intake.commit_messages),
        on_commit=lambda examined: _tell(base, examined, clock_ns()),
        on_turn=None if host is None else lambda: host.carry_out(examiner.due(clock_ns()), source.publish),
    )
    base.plants.follow(lambda changed: source.listen_to(_topics(settings, changed)))
    intake.start()
    try:
        yield intake
    finally:
        intake.stop(STOP_S)


def _tell(base: Foundations, examined: Examined, now_ns: int) -> None:
    base.found.note(examined.sightings, now_ns)
    base.presences.note(examined.presences)


def letter_desk(settings: Settings, plant: Plant, store: IntakeStore, *, clock_ns: Callable[[], int]) -> LetterDesk:
    """Return where dead letters are settled while no service runs and nobody else writes to the store."""
    watched = _watched(settings, store, clock_ns)
    examiner = Examiner(plant, _window(settings), quality_rules(settings.intake), watched.load())

    def commit(batch: IntakeBatch) -> bool:
        watched.commit(batch)
        return True

    return LetterDesk(examiner, commit, nullcontext)


def hand_in_alone(settings: Settings, plant: Plant, store: IntakeStore, *, clock_ns: Callable[[], int]) -> HandIn:
    """Return the way in for tables while no service runs and nobody else writes to the store."""
    watched = _watched(settings, store, clock_ns)
    examiner = Examiner(plant, _window(settings), quality_rules(settings.intake), watched.load())

    def commit(batch: IntakeBatch) -> bool:
        watched.commit(batch)
        return True

    return HandIn(examiner, commit, nullcontext)


def _watched(settings: Settings, store: IntakeStore, clock_ns: Callable[[], int]) -> WatchedStore:
    return WatchedStore(store, HighWaterFile(settings.data_dir / HIGH_WATER_NAME), clock_ns)


def intake_readiness(status: IntakeStatus) -> PartReadiness:
    """Return whether messages are being taken in."""
    reason = unready_because(status)
    return PartReadiness(name="intake", ready=reason is None, detail=reason or "")


def intake_metrics(status: IntakeStatus) -> Mapping[str, float]:
    """Return what intake counts."""
    counts = {
        "messages_total": float(status.messages),
        "readings_total": float(status.readings),
        "duplicates_total": float(status.duplicates),
        "acknowledged_total": float(status.acknowledged),
        "commits_total": float(status.commits),
        "failed_commits_total": float(status.failed_commits),
        "last_commit_seconds": status.last_commit_s,
        "waiting_messages": float(status.source.waiting),
        "connected": float(status.source.connected),
        "reconnects_total": float(status.source.reconnects),
        "canary_unanswered_seconds": status.source.unanswered_s,
    }
    return counts | {f"rejected_{reason}_total": float(count) for reason, count in status.rejected}


def record_metrics(records: IntakeRecords) -> Mapping[str, float]:
    """Return how many messages are missing now, in how many ranges, and how many kinds of refused ones are open."""
    gaps = records.gaps()
    letters = [each for each in records.dead_letters(MOST_LETTERS) if each.settled_as is SettledAs.OPEN]
    return {
        "missing_messages": float(sum(gap.last - gap.first + 1 for gap in gaps)),
        "missing_ranges": float(len(gaps)),
        "open_dead_letters": float(len(letters)),
    }


def _options(everything: Settings, plant: Plant, broker: tuple[str, int], herald: SparkplugHost | None) -> MqttOptions:
    (host, port), settings = broker, everything.mqtt
    return MqttOptions(
        host=host,
        port=port,
        client_id=settings.client_id,
        topics=_topics(everything, plant),
        herald=herald,
        username=settings.username,
        password=None if settings.password_file is None else _read_secret(settings.password_file),
        tls_ca_file=settings.tls_ca_file,
        keepalive_s=settings.keepalive_s,
        session_expiry_s=settings.session_expiry_s,
        canary_every_s=settings.canary_every_s,
        max_outstanding=settings.max_outstanding,
    )


def _topics(settings: Settings, plant: Plant) -> tuple[str, ...]:
    sparkplug = (SPARKPLUG_TOPICS,) if settings.sparkplug.enabled else ()
    return tuple(dict.fromkeys((*settings.mqtt.topics, *sparkplug, *mapped_topics(plant))))


def _host_rules(settings: SparkplugSettings) -> HostRules:
    return HostRules(host_id=settings.host_id, reorder_s=settings.reorder_s, ask_again_s=settings.ask_again_s)


def _window(settings: Settings) -> TimeWindow:
    return TimeWindow(
        past_ns=int(settings.store.raw_days * DAY_NS),
        future_ns=int(settings.intake.future_tolerance_s * SECOND_NS),
    )


def quality_rules(settings: IntakeSettings) -> QualityRules:
    """Return how quality is judged."""
    return QualityRules(gap_after_s=settings.gap_after_s, clock_skew_s=settings.future_tolerance_s)


def _read_secret(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        mistake = f"mqtt.password_file {path}: cannot be read ({error.strerror}); correct the path or its rights"
        raise ConfigurationError("settings", (mistake,)) from error
