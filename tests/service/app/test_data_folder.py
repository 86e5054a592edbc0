import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from configs.errors import ConfigurationError
from service.app.data_folder import holder_of, open_data_folder, translate_disk_errors

HOLD = """
import sys, pathlib
from service.app.data_folder import open_data_folder
with open_data_folder(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_the_folder_is_made_for_its_owner_alone_and_free_again_afterwards(tmp_path: Path) -> None:
    folder = tmp_path / "a/b"
    with open_data_folder(folder):
        assert folder.stat().st_mode & 0o777 == 0o700
        assert holder_of(folder) == os.getpid()
    assert holder_of(folder) is None
    with open_data_folder(folder):
        pass


def test_a_folder_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    with open_data_folder(tmp_path):
        assert tmp_path.stat().st_mode & 0o777 == 0o700


def test_a_folder_that_all_share_on_purpose_stays_as_it_is(tmp_path: Path) -> None:
    tmp_path.chmod(0o1777)
    with open_data_folder(tmp_path):
        assert tmp_path.stat().st_mode & 0o7777 == 0o1777


def test_a_second_process_is_told_which_one_holds_the_folder(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        assert holder_of(tmp_path) == holder.pid
        with pytest.raises(ConfigurationError, match=f"in use by process {holder.pid}"), open_data_folder(tmp_path):
            pass
        holder.kill()
        holder.wait()
    with open_data_folder(tmp_path):
        assert holder_of(tmp_path) == os.getpid()


def test_nobody_holds_a_folder_that_was_never_opened(tmp_path: Path) -> None:
    assert holder_of(tmp_path) is None


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match=r"cannot be used .*--data"), open_data_folder(tmp_path / "file/data"):
        pass


@pytest.mark.parametrize(
    ("number", "line"),
    [("ENOSPC", "the disk is full"), ("EROFS", "cannot be written by user"), ("EACCES", "cannot be written by user")],
)
def test_what_the_disk_says_becomes_a_line_that_says_how_to_mend_it(number: str, line: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=line), translate_disk_errors(tmp_path):
        raise OSError(getattr(errno, number), "x")
