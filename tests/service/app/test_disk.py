"""A disk that fills up is said before it is full, and once it has room again."""

from pathlib import Path

from service.app.disk import ALARM_BYTES, DiskWatch


def test_little_room_is_an_alarm_before_there_is_none() -> None:
    free = [10_000_000_000]
    watch = DiskWatch(Path("/data"), lambda _: (100_000_000_000, 0, free[0]))
    assert watch.readiness().ready
    assert watch.metrics() == {"size_bytes": 1e11, "free_bytes": 1e10}
    free[0] = ALARM_BYTES - 1
    for _ in range(2):
        found = watch.readiness()
        assert not found.ready
        assert "only 537 MB are free on the disk of /data" in found.detail
    free[0] = ALARM_BYTES
    assert watch.readiness().ready


def test_on_a_small_disk_the_alarm_comes_later(tmp_path: Path) -> None:
    assert DiskWatch(tmp_path, lambda _: (6_000_000, 0, 200_000)).readiness().ready
    assert not DiskWatch(tmp_path, lambda _: (6_000_000, 0, 100_000)).readiness().ready


def test_the_disk_of_a_real_folder_is_looked_at(tmp_path: Path) -> None:
    assert DiskWatch(tmp_path).metrics()["size_bytes"] > 0
