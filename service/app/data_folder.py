"""The data folder: made, checked and locked before anything else opens a file in it."""

import errno
import fcntl
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from configs.errors import ConfigurationError

LOCK_NAME = "yeji.lock"
NEEDED_BYTES = 64 * 1024 * 1024
PROBE_BYTES = 64 * 1024


@contextmanager
def open_data_folder(folder: Path) -> Iterator[Path]:
    """Make the folder, for its owner alone, and hold its lock while the context lasts; leave no lock behind.

    Raises
    ------
    ConfigurationError
        The folder cannot be written, the disk is full, or another process holds the folder.
    """
    with translate_disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = (folder / LOCK_NAME).open("a+", encoding="ascii")
    with lock:
        _take(lock, folder)
        with translate_disk_errors(folder):
            _close_to_others(folder)
            _check_space(folder)
            _write_pid(lock)
        yield folder


def holder_of(folder: Path) -> int | None:
    """Return the process that holds the folder now, or None where nobody does; 0 where it is not known which."""
    path = folder / LOCK_NAME
    if not path.exists():
        return None
    with path.open("r", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return _pid_in(lock)
    return None


@contextmanager
def translate_disk_errors(folder: Path) -> Iterator[None]:
    """Turn what the disk says into one line for a person."""
    try:
        yield
    except OSError as error:
        raise ConfigurationError(f"data folder {folder}", (_mend(error),)) from error


def _mend(error: OSError) -> str:
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return "the disk is full; free some space, or name another folder with --data"
    if error.errno in {errno.EROFS, errno.EACCES, errno.EPERM}:
        return f"cannot be written by user {os.geteuid()}; give that user the folder, or name another one with --data"
    return f"cannot be used ({error.strerror}); name another one with --data"


def _take(lock: IO[str], folder: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        mistake = f"in use by process {_pid_in(lock) or 'unknown'}; stop that one, or name another folder with --data"
        raise ConfigurationError(f"data folder {folder}", (mistake,)) from None


def _close_to_others(folder: Path) -> None:
    """Leave the folder to its owner alone: readings and people are in it; one that is shared on purpose stays so."""
    found = folder.stat()
    if found.st_uid == os.geteuid() and not found.st_mode & stat.S_ISVTX and found.st_mode & 0o077:
        folder.chmod(0o700)


def _pid_in(lock: IO[str]) -> int:
    lock.seek(0)
    text = lock.read().strip()
    return int(text) if text.isdecimal() else 0


def _write_pid(lock: IO[str]) -> None:
    lock.seek(0)
    lock.truncate()
    lock.write(f"{os.getpid()}\n")
    lock.flush()


def _check_space(folder: Path) -> None:
    free = shutil.disk_usage(folder).free
    if free < NEEDED_BYTES:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    probe = folder / ".probe"
    with probe.open("wb") as file:
        file.write(bytes(PROBE_BYTES))
        file.flush()
        os.fsync(file.fileno())
    probe.unlink()
