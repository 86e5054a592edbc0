"""What a host says."""

import orjson

from configs.sparkplug_schema import payload_type
from ingest.decode.sparkplug import HostDuty
from ingest.decode.sparkplug_topic import EdgeNode
from ingest.ports import Outgoing
from ingest.sources.sparkplug_host import SparkplugHost
from tests.fakes.readings import NOON_NS

NOON_MS = NOON_NS // 1_000_000


def test_will_greeting_and_farewell_bear_one_time() -> None:
    host = SparkplugHost("plant-a", lambda: NOON_NS)
    said = [host.will(NOON_NS), host.greeting(), host.farewell()]
    assert {(each.topic, each.qos, each.retain) for each in said} == {("spBv1.0/STATE/plant-a", 1, True)}
    assert [orjson.loads(each.payload) for each in said] == [
        {"online": online, "timestamp": NOON_MS} for online in (False, True, False)
    ]


def test_duties_are_carried_out() -> None:
    host, sent = SparkplugHost("yeji", lambda: NOON_NS), list[Outgoing]()

    def publish(message: Outgoing) -> bool:
        sent.append(message)
        return True

    host.carry_out(HostDuty(rebirths=(EdgeNode("g", "n"),), deny_death=True), publish)
    assert [each.topic for each in sent] == ["spBv1.0/STATE/yeji", "spBv1.0/g/NCMD/n"]
    command = payload_type().FromString(sent[1].payload)
    assert (command.timestamp, command.metrics[0].name, command.metrics[0].boolean_value) == (
        NOON_MS, "Node Control/Rebirth", True,
    )  # fmt: skip
    host.carry_out(HostDuty(rebirths=(), deny_death=False), publish)
    assert len(sent) == 2
