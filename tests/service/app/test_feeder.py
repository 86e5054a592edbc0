from datetime import timedelta

from service.app.feeder import Feeder
from service.live import LiveFeed
from tests.fakes.houses import House
from tests.fakes.live_feeds import Ear
from tests.fakes.readings import NOON_NS, SECOND_NS, a_batch, an_intake_batch


def sensors_told(ear: Ear) -> list[list[tuple[str, float]]]:
    return [[(row.sensor, row.value) for row in payload["values"]] for _, _, payload in ear.told]


def test_only_what_changed_is_told_and_silence_is_broken_every_two_seconds(house: House) -> None:
    ear = Ear()
    feeder = Feeder(house.store, ear, house.services.plant, clock=house.services.clock)
    house.store.commit(an_intake_batch(a_batch(("pump1", NOON_NS, {"vib": 0.5, "temp": 40.0}))))
    feeder.feed()
    feeder.feed()
    house.store.commit(an_intake_batch(a_batch(("pump1", NOON_NS + SECOND_NS, {"vib": 0.6}))))
    feeder.feed()
    house.now[0] += timedelta(seconds=2)
    feeder.feed()
    assert sensors_told(ear) == [[("vib", 0.5), ("temp", 40.0)], [("vib", 0.6)], []]
    assert {(event, site) for event, site, _ in ear.told} == {("tick", "busan")}


def test_the_thread_stops_when_told_and_twice_does_no_harm(house: House) -> None:
    feeder = Feeder(house.store, LiveFeed(), house.services.plant, clock=house.services.clock)
    feeder.stop(1)
    feeder.start()
    feeder.stop(5)
    feeder.stop(5)
