"""Training in a process of its own: `python -m service.app.training_process train|evaluate FOLDER` reads the extract there.

It says how far it is, a share a line on standard output, and leaves its lessons, or its report, beside the extract. The
process runs at low priority with one thread, so that the service keeps its pace.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from models.errors import NotEnoughDataError
from models.training.evaluate import evaluate
from models.training.plant_history import PlantHistory
from models.training.prognosis import learn_lessons
from service.app.evaluation_report import report_of
from service.app.training_files import LessonsByType, read_history, read_lessons, write_lessons
from service.errors import ServiceError

NICENESS = 10
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
_ERROR_SHOWN = 300
EVALUATE = "evaluate"
REPORT_FILE = "report.html"


def main() -> None:
    """Learn from the extract in the folder that is named, or judge predictions on it."""
    os.nice(NICENESS)
    verb, folder = sys.argv[1], Path(sys.argv[2])
    history = read_history(folder)
    if verb == EVALUATE:
        (folder / REPORT_FILE).write_text(_report(history), encoding="utf-8")
    else:
        write_lessons(folder, learn_lessons(history, _say))


def _report(history: PlantHistory) -> str:
    try:
        return report_of(evaluate(history, _say))
    except NotEnoughDataError as error:
        sys.exit(str(error))


def _say(share: float) -> None:
    sys.stdout.write(f"{share:.4f}\n")
    sys.stdout.flush()


def train_apart(folder: Path, progress: Callable[[float], None], started: Callable[[int], None]) -> LessonsByType:
    """Learn in a child process and return the lessons; `started` is told its process id.

    Raises
    ------
    ServiceError
        The process ended without lessons.
    """
    _apart("train", folder, progress, started)
    return read_lessons(folder)


def evaluate_apart(folder: Path, progress: Callable[[float], None], started: Callable[[int], None]) -> str:
    """Judge predictions in a child process and return the report as HTML; as `train_apart`."""
    _apart(EVALUATE, folder, progress, started)
    return (folder / REPORT_FILE).read_text(encoding="utf-8")


def _apart(verb: str, folder: Path, progress: Callable[[float], None], started: Callable[[int], None]) -> None:
    environment = {**_inherited(), **_ONE_THREAD}
    command = [sys.executable, "-m", "service.app.training_process", verb, str(folder)]
    with (folder / "errors.txt").open("w+", encoding="utf-8") as errors:
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, env=environment) as child:
            started(child.pid)
            for line in child.stdout or ():
                with suppress(ValueError):
                    progress(float(line))
        if child.returncode != 0:
            errors.seek(0)
            last = (errors.read().strip().splitlines() or ["no message"])[-1][:_ERROR_SHOWN]
            raise ServiceError(f"the work ended early with code {child.returncode}: {last}")


def _inherited() -> dict[str, str]:
    """Return what a child needs of the environment to find Python and this program."""
    paths = [path for path in sys.path if path]
    return {"PATH": os.defpath, "PYTHONPATH": os.pathsep.join(paths)}


if __name__ == "__main__":
    main()
