from service.observability.health import PartReadiness, Pulse, assess_readiness


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_pulse_is_ready_while_it_beats_and_says_for_how_long_it_has_not() -> None:
    clock = Clock()
    pulse = Pulse(clock)
    assert pulse.check("monitor", within_s=5).detail == "has not started yet"
    pulse.beat()
    clock.now += 5
    assert pulse.check("monitor", within_s=5) == PartReadiness(name="monitor", ready=True, detail="")
    clock.now += 1
    late = pulse.check("monitor", within_s=5)
    assert not late.ready
    assert late.detail == "no progress for 6 s (allowed: 5 s)"


def test_trouble_holds_until_the_next_beat() -> None:
    pulse = Pulse(Clock())
    pulse.beat()
    pulse.fail("the disk is full")
    assert pulse.check("store", within_s=5) == PartReadiness(name="store", ready=False, detail="the disk is full")
    pulse.beat()
    assert pulse.check("store", within_s=5).ready


def test_the_program_is_ready_when_every_part_is() -> None:
    good = PartReadiness(name="a", ready=True, detail="")
    bad = PartReadiness(name="b", ready=False, detail="away")
    assert assess_readiness([lambda: good]).ready
    assert not assess_readiness([lambda: good, lambda: bad]).ready
