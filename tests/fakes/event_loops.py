"""An event loop of its own for a test, whatever loop a browser driver has left in this thread."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

LONGEST_S = 10.0


def run_async(test: Callable[[], Awaitable[None]]) -> None:
    """Run a coroutine to its end in a thread of its own; what it raises is raised here."""

    async def bounded() -> None:
        await asyncio.wait_for(test(), LONGEST_S)

    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(bounded())).result()


@contextmanager
def main_thread_without_loop() -> Iterator[None]:
    """Put aside the loop that a browser driver keeps running in the main thread, for what must run there itself."""
    left = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    try:
        yield
    finally:
        asyncio._set_running_loop(left)
