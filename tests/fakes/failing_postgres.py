"""PostgreSQL servers that a test stops, kills, fills up, makes read-only or promotes."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import psycopg

from tests.fakes.postgres_server import NoServerError, initialise

DATABASE: Final = "minerwatch"
_SETTINGS: Final = (
    "listen_addresses=",
    "shared_buffers=16MB",
    "wal_keep_size=64MB",
    "restart_after_crash=on",
    "log_timezone=UTC",
)
_WAIT_S: Final = 30


class FailingServer:
    """A server of a test's own, with an empty database; it is durable, unlike the one that tests share."""

    def __init__(self, folder: Path, programs: Path, user: str | None) -> None:
        self.folder, self._programs, self._user = folder, programs, user

    @property
    def url(self) -> str:
        """The address of its database."""
        return url_of(self)

    def start(self, *settings: str) -> None:
        """Start it and wait until it answers."""
        options = " ".join(f"-c {setting}" for setting in (*_SETTINGS, *settings))
        command = ("-w", "-l", str(self.folder / "log"), "-o", f"-k {self.folder} {options}")
        self._control("start", *command)

    def stop(self, mode: str = "fast") -> None:
        """Stop it: `fast` cuts the connections, `immediate` as a power cut."""
        self._control("stop", "-m", mode)

    def kill(self) -> None:
        """End it with SIGKILL, as the machine's end would; its processes follow, which is waited for."""
        pid = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        os.kill(pid, signal.SIGKILL)
        while any(Path(f"/proc/{child}").exists() for child in children):
            time.sleep(0.01)

    def promote(self) -> None:
        """Make a standby the primary."""
        self._control("promote", "-w")

    def execute(self, statement: str, database: str = DATABASE) -> list[tuple[object, ...]]:
        """Run a statement as the superuser."""
        with psycopg.connect(_url((self.folder,), database), autocommit=True) as admin:
            admin.execute("SET default_transaction_read_only = off")
            cursor = admin.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def standby(self) -> "FailingServer":
        """Make another server that follows this one, not started yet."""
        other = FailingServer(_owned(self.folder / "standby", self._user), self._programs, self._user)
        source = f"host={self.folder} user=postgres application_name=standby"
        command = ("-D", str(other.folder / "data"), "-d", source, "-R", "-c", "fast", "-X", "stream")
        self._run("pg_basebackup", *command)
        return other

    def _control(self, what: str, *options: str) -> None:
        self._run("pg_ctl", what, "-s", "-D", str(self.folder / "data"), "-t", str(_WAIT_S), *options)

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [self._programs / program, *arguments],
            user=self._user,
            cwd="/",
            check=True,
            timeout=2 * _WAIT_S,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


def url_of(*servers: FailingServer, **parameters: str) -> str:
    """The address of one database on several servers, as libpq tries them in turn."""
    return _url([server.folder for server in servers], DATABASE, **parameters)


def _url(folders: Sequence[Path], database: str, **parameters: str) -> str:
    hosts = ",".join(map(str, folders))
    rest = "".join(f"&{name}={value}" for name, value in parameters.items())
    return f"postgresql://postgres@/{database}?host={hosts}{rest}"


@contextmanager
def failing_server(folder: Path | None = None, *settings: str) -> Iterator[FailingServer]:
    """Give a server that runs, in a new folder or an empty one. Raises NoServerError."""
    user = "nobody" if os.geteuid() == 0 else None  # PostgreSQL refuses to run as root
    place = Path(tempfile.mkdtemp(prefix="minerwatch-postgres-")) if folder is None else folder
    try:
        programs = initialise(_owned(place, user) / "data", user)
        server = FailingServer(place, programs, user)
        server.start(*settings)
        server.execute(f"CREATE DATABASE {DATABASE}", "postgres")
        with ended(server):
            yield server
    finally:
        if folder is None:
            shutil.rmtree(place, ignore_errors=True)


@contextmanager
def ended(server: FailingServer) -> Iterator[FailingServer]:
    """End a server with the context, if it has not ended before."""
    try:
        yield server
    finally:
        with suppress(subprocess.SubprocessError):
            server.stop("immediate")


@contextmanager
def small_disk(megabytes: int) -> Iterator[Path]:
    """A file system for a server, which can be full. Raises NoServerError where none can be mounted."""
    place = Path(tempfile.mkdtemp(prefix="minerwatch-disk-"))
    try:
        options = ("-o", f"size={megabytes}m,mode=0777")
        done = subprocess.run(
            ["mount", "-t", "tmpfs", *options, "minerwatch-test", place],
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            raise NoServerError(f"no small file system can be mounted here ({done.stderr.strip()})")
        try:
            yield place
        finally:
            subprocess.run(["umount", "-l", place], check=True)
    except FileNotFoundError as error:
        raise NoServerError(f"no small file system can be mounted here ({error})") from None
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _owned(folder: Path, user: str | None) -> Path:
    folder.mkdir(exist_ok=True)
    if user is not None:
        shutil.chown(folder, user)
    return folder
