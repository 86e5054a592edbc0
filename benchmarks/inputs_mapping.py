"""JSON of other programs by mapping: the pace on one core."""

from dataclasses import replace
from time import process_time

import orjson

from benchmarks.report import Bar, Sense
from configs.input_forms import read_mappings
from ingest.decode.mapping import MappingDecoder
from ingest.decode.time_window import TimeWindow
from ingest.parcel import Parcel
from tests.fakes.plants import a_fleet

MESSAGES = 5_000
VALUES = 8


def bars() -> list[Bar]:
    """Return what was measured of mappings."""
    mappings, _ = read_mappings([{"id": "gateway", "like": "thingsboard_gateway"}], {})
    decoder = MappingDecoder(replace(a_fleet(10), mappings=mappings), TimeWindow(past_ns=10**18, future_ns=10**18))
    said = [
        orjson.dumps({f"m{i % 10}": [{"ts": 1_795_521_600_000 + i, "values": {f"s{s}": i + s for s in range(VALUES)}}]})
        for i in range(MESSAGES)
    ]
    started = process_time()
    read = [decoder.decode("v1/gateway/telemetry", payload, 1_795_521_600_000_000_000) for payload in said]
    took = process_time() - started
    right = sum(
        isinstance(each, Parcel) and each.messages[0].values[0] == tuple(float(i + s) for s in range(VALUES))
        for i, each in enumerate(read)
    )
    return [
        Bar(
            name="mapped messages read as they were meant",
            value=100 * right / MESSAGES,
            unit="%",
            must=100,
            sense=Sense.AT_LEAST,
        ),
        Bar(name="mapped values decoded a second of one core", value=MESSAGES * VALUES / took, unit="/s", must=None),
    ]
