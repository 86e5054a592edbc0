"""Faults of the process and of its messages: kills, crash points, slowness, repeats, poison, stops, replays."""

import time
from dataclasses import replace
from pathlib import Path

from benchmarks.faults.rig import Rig, Verdict, moments, wait_for
from benchmarks.kill9_oracle import POISON_EVERY

CRASH_POINTS = ("before commit", "in commit", "after commit", "half of the acknowledgements")


def random_kills(
    folder: Path, *, kills: int, rate: float = 1_000.0, longest_s: float = 3.0, mutant: str = ""
) -> Verdict:
    """D1: kill -9 at random moments under load."""
    rig, when = _rig(folder), moments(1)
    try:
        rig.start_service(mutant=mutant)
        rig.wait_subscribed()
        with rig.publishing(rate):
            for _ in range(kills):
                time.sleep(when.uniform(1.0, longest_s))
                rig.kill_service()
                rig.start_service(mutant=mutant)
                rig.wait_subscribed()
            time.sleep(1.0)
        return rig.judge()
    finally:
        rig.close()


def crash_points(
    folder: Path, *, times: int, rate: float = 1_000.0, points: tuple[str, ...] = CRASH_POINTS, mutant: str = ""
) -> Verdict:
    """D2: kill -9 at each point between a message and its acknowledgement."""
    rig, when, wrong = _rig(folder), moments(2), []
    try:
        _begin_session(rig)
        rig.connect_oracle()
        for number in range(times * len(points)):
            point = points[number % len(points)]
            with rig.publishing(rate):
                rig.start_service(fault=point, at=when.randint(2, 12), seed=number, mutant=mutant)
                if not rig.wait_dead(60):
                    wrong.append(f"{point}: the process did not reach it")
        rig.start_service(mutant=mutant)
        rig.wait_subscribed()
        return rig.judge(wrong=tuple(wrong))
    finally:
        rig.close()


def slow_store(folder: Path, *, backlog: int, mutant: str = "") -> Verdict:
    """D5: a store that takes half a second a commit, and a backlog that waits: bounded memory, nothing stranded."""
    rig = _rig(folder)
    try:
        _make_backlog(rig, backlog)
        rig.start_service(fault="slow", mutant=mutant)
        rig.wait_subscribed()
        begun = rig.told["rss_mib"]
        rig.settle(within_s=backlog / 500 + 120)
        grown = max(told["rss_mib"] for told in rig.all_told) - begun
        lost_contact = rig.told["reconnects"]
        verdict = rig.judge()
        wrong = (
            () if grown <= 64 and not lost_contact else (f"memory grew by {grown:.0f} MiB, {lost_contact} reconnects",)
        )
        return replace(verdict, wrong=wrong, figures={"RSS growth, MiB": grown})
    finally:
        rig.close()


def dead_thread(folder: Path, *, kills: int = 1) -> Verdict:
    """D7: the network thread dies of an error in a callback: the process ends for its supervisor, and loses nothing."""
    rig, worst = _rig(folder), 0.0
    try:
        for _ in range(kills):
            rig.start_service(mutant="deaf", at=200)
            with rig.publishing(1_000.0):
                wait_for(lambda: rig.told.get("received", 0) >= 200 or rig.is_dead, 180, "the fault was met")
                started = time.monotonic()
                noticed = rig.wait_dead(30)
                worst = max(worst, time.monotonic() - started if noticed else 99.0)
        rig.start_service()
        rig.wait_subscribed()
        wrong = () if worst <= 10 else (f"a dead thread was noticed after {worst:.0f} s",)
        return rig.judge(wrong=wrong, figures={"noticed after, s": worst})
    finally:
        rig.close()


def clean_stops(folder: Path, *, stops: int, rate: float = 1_000.0) -> Verdict:
    """D23: SIGTERM under load: quick, and nothing that was stored comes again."""
    rig, longest, again = _rig(folder), 0.0, 0
    try:
        rig.connect_oracle()
        with rig.publishing(rate):
            for _ in range(stops):
                rig.start_service()
                rig.wait_subscribed()
                wait_for(lambda: rig.told.get("stored", 0) > 500, 30, "messages are stored")
                longest = max(longest, rig.stop_service())
                again += rig.told["duplicates"]
        rig.start_service()
        rig.wait_subscribed()
        verdict = rig.judge()
        wrong = () if longest <= 10 and not again else (f"a stop took {longest:.1f} s, {again} came again",)
        return replace(verdict, wrong=wrong, figures={"longest stop, s": longest, "repeats": float(again)})
    finally:
        rig.close()


def poison(folder: Path, *, messages: int) -> Verdict:
    """D6: every message that cannot be stored is in the dead letters, whole, and the good ones are stored."""
    rig = _rig(folder)
    try:
        rig.start_service()
        rig.wait_subscribed()
        oracle = rig.connect_oracle()
        with rig.publishing(2_000.0):
            wait_for(lambda: oracle.published >= messages, messages / 500, "messages are out")
        verdict = rig.judge()
        expected = -(-oracle.published // POISON_EVERY)
        refused = rig.told["refused"]
        wrong = () if refused == expected else (f"{refused} of {expected} bad messages are in the dead letters",)
        return replace(verdict, wrong=wrong, figures={"dead letters": float(refused)})
    finally:
        rig.close()


def _begin_session(rig: Rig) -> None:
    """Let the broker know intake's session: what is published before it exists goes to nobody."""
    rig.start_service()
    rig.wait_subscribed()
    rig.stop_service()


def _make_backlog(rig: Rig, messages: int) -> None:
    """Publish while nobody reads."""
    _begin_session(rig)
    oracle = rig.connect_oracle()
    with rig.publishing(20_000.0):
        wait_for(lambda: oracle.published >= messages, messages / 500 + 60, "the backlog is out")
    oracle.wait_taken(messages / 500 + 60)


def _rig(folder: Path) -> Rig:
    rig = Rig(folder)
    rig.start_broker()
    return rig
