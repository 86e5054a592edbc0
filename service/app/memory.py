"""Keeps the C library from holding memory that nobody uses any more."""

import ctypes
from ctypes.util import find_library

_ARENA_MAX = -8
ARENAS = 2
"""By default every thread gets a heap of its own, and each keeps what its largest array once needed (mallopt(3))."""


def share_heaps() -> bool:
    """Let all threads of this process share a few heaps; return whether the C library can (glibc). Call before any starts."""
    mallopt = getattr(ctypes.CDLL(find_library("c")), "mallopt", None)
    return mallopt is not None and mallopt(_ARENA_MAX, ARENAS) == 1
