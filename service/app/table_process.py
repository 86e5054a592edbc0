"""Reading tables in a process of their own, `python -m service.app.table_process FD`, with bounds on memory and time.

A workbook of 200 MB may want gigabytes, and one that was made to harm all there is: then the child ends, and not the
service.
"""

import os
import resource
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from multiprocessing import Pipe
from multiprocessing.connection import Connection

from configs.errors import YejiError
from ingest.errors import TableFileError
from service.app.table_reading import Bounds, Question, Reply, read_table
from service.http.table_desk import SheetPreview

NICENESS = 5
ENDED = "reading this table ended early (the service's log says more); split it by year or by machine"
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}


def read_apart(question: Question, bounds: Bounds | None = None) -> tuple[SheetPreview, ...]:
    """Return what the file of an import holds, read in a child process.

    Raises
    ------
    TableFileError
        The file is no table, or reading it takes more than the bounds.
    """
    bounds = bounds or Bounds()
    ours, theirs = Pipe()
    command = [sys.executable, "-m", "service.app.table_process", str(theirs.fileno())]
    with ours, subprocess.Popen(command, pass_fds=[theirs.fileno()], env=_environment()) as child:
        theirs.close()
        try:
            answer = _asked(ours, question, bounds)
        finally:
            child.kill()
    if answer.trouble is not None:
        raise TableFileError(answer.trouble)
    return answer.sheets


def _asked(line: Connection, question: Question, bounds: Bounds) -> Reply:
    with suppress(EOFError, ConnectionError):
        line.send((_plain(question), bounds))
        if not line.poll(bounds.seconds):
            return Reply(trouble=bounds.too_slow)
        reply: Reply = line.recv()
        return reply
    return Reply(trouble=ENDED)


def _plain(question: Question) -> Question:
    """Return the question without what tables are not read against."""
    plant = question.around.plant
    sites = tuple(replace(site, calendar=None) for site in plant.sites)
    bare = replace(plant, sites=sites, mappings=(), devices=())
    return replace(question, around=replace(question.around, plant=bare))


def main() -> None:
    """Answer one question."""
    with Connection(int(sys.argv[1])) as line:
        question, bounds = line.recv()
        os.nice(NICENESS)
        resource.setrlimit(resource.RLIMIT_AS, (bounds.memory, bounds.memory))
        line.send(_reply(lambda: read_table(question), bounds))


def _reply(read: Callable[[], tuple[SheetPreview, ...]], bounds: Bounds) -> Reply:
    try:
        return Reply(sheets=read())
    except MemoryError:
        return Reply(trouble=bounds.too_large)
    except YejiError as error:
        return Reply(trouble=str(error))


def _environment() -> dict[str, str]:
    """Return what a child needs of the environment to find Python and this program."""
    paths = [path for path in sys.path if path]
    return {"PATH": os.defpath, "PYTHONPATH": os.pathsep.join(paths), **_ONE_THREAD}


if __name__ == "__main__":
    main()
