"""A spool in front of a running InfluxDB, as the service has it."""

import itertools
import time
from pathlib import Path

from configs.plant import LineId, SiteId
from ingest.spool.spool import Spool
from ingest.spool.spooled_store import SpooledStore
from ingest.stores.influxdb_lines import Places
from ingest.stores.influxdb_link import InfluxDBAddress
from ingest.stores.influxdb_store import InfluxDBBuckets, InfluxDBStore
from tests.fakes.influxdb import TOKEN, InfluxDB

PLACES = Places(of=lambda machine: (SiteId("busan"), LineId("a")) if machine.startswith("pump") else None)
_numbers = itertools.count()


def fresh_buckets(influx: InfluxDB) -> InfluxDBBuckets:
    """Make two buckets that nobody has written to."""
    number = next(_numbers)
    buckets = InfluxDBBuckets(readings=f"yeji{number}", rollups=f"yeji{number}_rollups")
    for name in (buckets.readings, buckets.rollups):
        influx.run(f'create database "{name}"')
    return buckets


def an_influxdb_store(url: str, buckets: InfluxDBBuckets, token: str = TOKEN) -> InfluxDBStore:
    """Return the store on a server, without a spool."""
    return InfluxDBStore(InfluxDBAddress(url=url, token=token, timeout_s=10.0), buckets, PLACES, host="here")


def a_spooled_store(
    influx: InfluxDB, buckets: InfluxDBBuckets, path: Path, *, raw_days: float = 30.0, spool_mb: float = 50.0
) -> SpooledStore:
    """Open the spool at `path` in front of the server."""
    spool = Spool(path, limit_bytes=int(spool_mb * 1e6), dead_letters_per_device=1_000)
    try:
        return SpooledStore(
            spool,
            an_influxdb_store(influx.url, buckets),
            raw_days=raw_days,
            clock_ns=time.time_ns,
            topic_of=lambda machine: f"yeji/v1/busan/a/{machine}/telemetry",
        )
    except BaseException:
        spool.close()
        raise
