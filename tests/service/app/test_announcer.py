from dataclasses import replace

from configs.plant import MachineId
from service.actions.conclusions import Conclusions, record
from service.app.announcer import Announcer
from tests.fakes.conclusions import NOW, a_health, a_prediction, an_anomaly, an_assessment
from tests.fakes.houses import House
from tests.fakes.live_feeds import Ear


def test_what_a_round_changed_is_told_to_the_site(house: House) -> None:
    concluded = Conclusions(
        plant=house.services.plant,
        assessments=(an_assessment(an_anomaly(), predictions=(a_prediction(),)),),
        health=(a_health(),),
        watermarks=(),
    )
    kept = record(house.database, concluded, now=NOW)
    recorded = replace(kept, health=(*kept.health, a_health("stranger")))
    ear = Ear()
    Announcer(ear, house.services.plant).announce(recorded)
    told = {event: payload for event, site, payload in ear.told if site == "busan"}
    assert (told["case"]["machine"], told["case"]["state"]) == ("pump1", "raised")
    assert told["prediction"] == {"items": [{"machine": "pump1", "slot": "seal"}]}
    assert [each["machine"] for each in told["health"]["items"]] == [MachineId("pump1")]
