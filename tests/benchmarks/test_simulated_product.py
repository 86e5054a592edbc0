"""The product at the end of a simulated wire."""

from pathlib import Path

from benchmarks.simulated.product import a_product
from configs.plant import MachineId, SensorId
from ingest.reading import QualityFlag
from simulators.dialect import NativeDialect
from simulators.live import Clock, LiveFactory, Voice
from simulators.network_faults import Packet
from tests.simulators.test_live import NOON_S, a_running_simulation


def test_product_counts_what_came_twice_never_and_in_no_shape(tmp_path: Path) -> None:
    simulation = a_running_simulation()
    plant = simulation.scenario.plant
    topic = "yeji/v1/changwon/utilities/pump-01/telemetry"

    def said(seq: int) -> Packet:
        told = f'{{"v":1,"boot":"b","seq":{seq},"ts":{round(NOON_S + seq) * 1000},"values":{{"flow":40}}}}'
        return Packet(topic=topic, payload=told.encode(), machine="pump-01", seq=seq)

    with a_product(plant, tmp_path) as product:
        product.now_s = NOON_S + 10
        for packet in (said(1), said(2), said(2), said(5)):
            product.publish(packet)
        product.publish(Packet(topic=topic, payload=b"{", machine="pump-01", seq=6))
        product.flush(0.0)
        assert (product.duplicates, product.missing(), product.readings) == (1, 2, 3)
        assert product.refused() == {"malformed_json": 1}


def test_half_open_line_delivers_late(tmp_path: Path) -> None:
    simulation = a_running_simulation()
    with a_product(simulation.scenario.plant, tmp_path) as product:
        product.now_s = NOON_S
        product.fall_silent(600.0)

        def wait_until(at_s: float) -> bool:
            product.now_s = max(product.now_s, at_s)
            return product.now_s < NOON_S + 620

        voice = Voice(outlet=product, dialect=NativeDialect("b"))
        factory = LiveFactory(simulation, voice, None, tmp_path / "live.jsonl")
        factory.run(Clock(now_s=lambda: product.now_s, wait_until=wait_until), tmp_path / "checkpoint")
        assert product.flagged(QualityFlag.CLOCK_SKEW) > 0
        flags = product.flags(MachineId("pump-01"), SensorId("flow"), NOON_S, NOON_S + 100)
        assert flags & QualityFlag.CLOCK_SKEW
