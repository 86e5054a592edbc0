"""Heaps are shared where the C library can, and nothing breaks where it cannot."""

import platform

from service.app.memory import share_heaps


def test_heaps_are_shared_with_glibc() -> None:
    assert share_heaps() is (platform.libc_ver()[0] == "glibc")
