"""A throw-away PostgreSQL cluster on a unix socket, out of Debian's packages."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

BIN = Path("/usr/lib/postgresql/15/bin")
OWNER = "postgres"
_FAST = "-c fsync=off -c full_page_writes=off -c synchronous_commit=off -c max_connections=120 -c listen_addresses="


def is_installed() -> bool:
    """Whether the server's programs are there."""
    return (BIN / "postgres").is_file()


class PostgreSQL:
    """A running cluster in `folder`, which is also where its socket is."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def url(self, database: str) -> str:
        return f"postgresql://{OWNER}@/{database}?host={self.folder}"

    def run(self, *command: str) -> None:
        """Run one of the server's programs as the user that the server needs."""
        as_owner = ("runuser", "-u", OWNER, "--") if os.geteuid() == 0 else ()
        program, *rest = command
        done = subprocess.run(
            [*as_owner, str(BIN / program), *rest], cwd=self.folder, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise RuntimeError(f"{program}: {done.stdout}{done.stderr}")

    def sql(self, statement: str) -> None:
        """Run a statement outside of any transaction."""
        with psycopg.connect(f"host={self.folder} user={OWNER} dbname=postgres", autocommit=True) as connection:
            connection.execute(statement)


@contextmanager
def a_postgresql() -> Iterator[PostgreSQL]:
    """Give a running cluster, and leave nothing of it behind."""
    folder = Path(tempfile.mkdtemp(prefix="yeji-pg-"))
    if os.geteuid() == 0:
        owner = pwd.getpwnam(OWNER)
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    server = PostgreSQL(folder)
    data = str(folder / "data")
    try:
        server.run("initdb", "-D", data, "-U", OWNER, "-A", "trust", "-E", "UTF8", "--no-sync")
        options = f"{_FAST} -c unix_socket_directories={folder}"
        server.run("pg_ctl", "-D", data, "-o", options, "-l", str(folder / "log"), "-w", "-s", "start")
        try:
            yield server
        finally:
            server.run("pg_ctl", "-D", data, "-m", "immediate", "-s", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
