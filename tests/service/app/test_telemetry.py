"""Which store is opened, and what is done about settings and files that will not do."""

import threading
from pathlib import Path

import pytest

from configs.errors import ConfigurationError
from configs.settings import StoreKind, StoreSettings
from ingest.errors import StoreUnavailableError
from service.app.telemetry import FILE_NAME, SPOOL_NAME, look_at_store, open_store, store_metrics, store_readiness
from tests.fakes.plants import a_plant
from tests.fakes.readings import MINUTE_NS, NOON_NS, a_batch, an_intake_batch
from tests.fakes.waiting import wait_until


def readings(count: int = 5):
    return an_intake_batch(a_batch(*(("pump1", NOON_NS + i * MINUTE_NS, {"vib": float(i)}) for i in range(count))))


def away(folder: Path, **changes: object) -> StoreSettings:
    """Return settings that name a server that is not there."""
    token = folder / "token"
    token.write_text("yeji:secret\n")
    own = {"kind": StoreKind.INFLUXDB, "url": "http://127.0.0.1:1", "token_file": token, "timeout_s": 2.0}
    return StoreSettings(**(own | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize("cut", [100, 4096, -37])
def test_a_file_that_was_cut_short_is_set_aside_and_an_empty_store_begun(tmp_path: Path, cut: int) -> None:
    with open_store(StoreSettings(), tmp_path, a_plant) as store:
        store.commit(readings())
    path = tmp_path / FILE_NAME
    whole = path.read_bytes()
    path.write_bytes(whole[:cut])
    with open_store(StoreSettings(), tmp_path, a_plant) as store:
        assert store.progress() == []
        store.commit(readings(2))
    (aside,) = tmp_path.glob(f"{FILE_NAME}.damaged-*")
    assert aside.read_bytes() == whole[:cut]
    with open_store(StoreSettings(), tmp_path, a_plant) as store:
        assert store.progress()[0].changes == 2
    assert len(list(tmp_path.glob("*.damaged-*"))) == 1


def test_a_spool_that_was_cut_short_is_set_aside_too(tmp_path: Path) -> None:
    (tmp_path / SPOOL_NAME).write_bytes(b"SQLite format 3\0" + b"x" * 5000)
    with open_store(away(tmp_path), tmp_path, a_plant) as store:
        store.commit(readings())
        assert store.progress()[0].changes == 5
    assert len(list(tmp_path.glob(f"{SPOOL_NAME}.damaged-*"))) == 1


def test_an_embedded_store_is_always_within_reach(tmp_path: Path) -> None:
    with open_store(StoreSettings(), tmp_path, a_plant) as store:
        assert store_readiness(store).ready
        assert store_metrics(store) == {}
    assert "DuckDB" in look_at_store(StoreSettings())


def test_a_server_that_is_away_is_said_and_costs_nothing(tmp_path: Path) -> None:
    with open_store(away(tmp_path), tmp_path, a_plant) as store:
        store.commit(readings())
        wait_until(lambda: store_metrics(store)["failures_total"] > 0)
        found = store_readiness(store)
        assert found.ready, "it has not been away for a minute yet"
        assert "does not answer" in found.detail
        assert "1 commits" in found.detail
        assert "nothing is lost" in found.detail
        assert store.progress()[0].changes == 5
    assert not [thread for thread in threading.enumerate() if thread.name == "forwarder"]
    with open_store(away(tmp_path), tmp_path, a_plant) as store:
        assert store.progress()[0].changes == 5
    with pytest.raises(StoreUnavailableError, match="does not answer"):
        look_at_store(away(tmp_path))


def test_all_that_the_settings_lack_is_listed_at_once(tmp_path: Path) -> None:
    bare = StoreSettings(kind=StoreKind.INFLUXDB, bucket="same", rollup_bucket="same")
    with pytest.raises(ConfigurationError) as raised, open_store(bare, tmp_path, a_plant):
        pass
    assert [mistake.split(";")[0] for mistake in raised.value.mistakes] == [
        "store.url is missing",
        "store.token_file is missing",
        "store.bucket and store.rollup_bucket are the same",
    ]


@pytest.mark.parametrize(("content", "said"), [(None, "cannot be read"), (" \n", "is empty")])
def test_a_token_that_is_not_there_is_one_line(tmp_path: Path, content: str | None, said: str) -> None:
    settings = away(tmp_path)
    token = tmp_path / "token"
    token.unlink()
    if content is not None:
        token.write_text(content)
    with pytest.raises(ConfigurationError, match=said), open_store(settings, tmp_path, a_plant):
        pass
