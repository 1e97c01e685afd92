"""PostgreSQL for one home: the server, and a database with two roles for each service."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from signal import SIGINT
from threading import Event
from typing import Final

import psutil
import psycopg
from psycopg import sql

from stack import binaries
from stack.embedded.processes import Launch, ProcessTable
from stack.errors import StackError
from stack.home import Home, random_token
from stack.ports import accepts, require_free

NAME: Final = "postgres"
INITDB: Final = "postgres-initdb"
SUPERUSER: Final = "postgres"
MAX_CONNECTIONS: Final = 300
START_SECONDS: Final = 60.0
STOP_SECONDS: Final = 20.0
INITDB_SECONDS: Final = 120.0
ORPHAN_SECONDS: Final = 10.0
UNSAFE_BUT_FAST: Final = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
# Serializes the statements on shared catalogues, which PostgreSQL refuses to run side by side
# ("tuple concurrently updated").
ROLES_LOCK: Final = 7_310_001


_FOLDER: Final = "postgres.folder"


class Postgres:
    """One server per home, on the loopback by TCP only.

    Without `durable`, a crash of the machine may lose it (tests).

    `host` is where those who get a DSN find it.
    """

    def __init__(
        self, home: Path, port: int, durable: bool = True, *, host: str = "127.0.0.1"
    ) -> None:
        self.home = Home(home)
        self.host = host
        self.port = port
        self.durable = durable
        self.table = ProcessTable(self.home)

    @property
    def folder(self) -> Path:
        """Folder of the data: in the home, or, as root, one that `nobody` can enter."""
        if not binaries.is_root():
            return self.home.path / "postgres"
        # Named by a secret of the home, so that a home made anew at the same path does not meet the
        # old data.
        return (
            binaries.shared_root()
            / f"data-{self.home.secret(_FOLDER, lambda: secrets.token_hex(8))}"
        )

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def pid(self) -> int | None:
        """The postmaster's pid while it runs."""
        recorded = self.table.get(NAME)
        return recorded.pid if recorded and self.table.is_alive(NAME) else None

    def is_running(self) -> bool:
        return self.table.is_alive(NAME)

    def start(self, cancelled: Event | None = None) -> None:
        """Starts the server, creating its data at the first time, and returns when it answers.

        Idempotent.

        Raises PortInUse, ComponentFailed or StackError.
        """
        self._adopt_survivor()
        if not self.is_running():
            require_free(NAME, [("postgres.sql", self.port)])
            self._prepare(cancelled)
            self._clear_after_crash()
            self.table.start(NAME, self._launch())
        self.table.wait_until(
            NAME, self._answers, within_seconds=START_SECONDS, cancelled=cancelled
        )
        self._close_to_the_public()

    def stop(self) -> None:
        """Ends the server in its fast mode: open transactions roll back, the data is flushed.

        Idempotent.
        """
        self.table.stop(NAME, by=SIGINT, within_seconds=STOP_SECONDS)

    def purge(self) -> None:
        """Stops the server and deletes its data and the roles' passwords."""
        self.stop()
        if not binaries.is_root() or self.home.has_secret(_FOLDER):
            shutil.rmtree(self.folder, ignore_errors=True)

    def superuser_dsn(self, database: str = "postgres") -> str:
        return self._dsn(SUPERUSER, database)

    def service_dsn(self, name: str, database: str | None = None) -> str:
        """Connects as the serving role of service `name`: rows, but no DDL."""
        return self._dsn(name, database or name)

    def owner_dsn(self, name: str, database: str | None = None) -> str:
        """Connects as the owner role of service `name`, for migrations."""
        return self._dsn(f"{name}_owner", database or name)

    def create_service_database(self, name: str) -> None:
        """Creates the database `name` and its two roles, owner and service; no other may connect.

        Idempotent.
        """
        owner = f"{name}_owner"
        with self._administering() as connection:
            for role in (owner, name):
                self._ensure_role(connection, role)
            self._ensure_database(connection, name, owner, template=None)
        with psycopg.connect(self.superuser_dsn(name), autocommit=True) as connection:
            for statement in (
                "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
                "GRANT USAGE ON SCHEMA public TO {role}",
                "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} GRANT SELECT, INSERT, UPDATE, DELETE "
                "ON TABLES TO {role}",
                "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} GRANT USAGE, SELECT ON SEQUENCES TO "
                "{role}",
            ):
                connection.execute(
                    sql.SQL(statement).format(
                        role=sql.Identifier(name), owner=sql.Identifier(owner)
                    )
                )

    def create_from_template(self, new: str, template: str) -> None:
        """Creates the database `new` as a copy of a service's database, open to the same two roles.

        Nobody may be connected to `template`. Idempotent. Raises StackError if there is no such
        template.
        """
        with self._administering() as connection:
            found = connection.execute(
                "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = %s", (template,)
            ).fetchone()
            if found is None:
                raise StackError(
                    f"there is no database {template}",
                    advice="create it with create_service_database",
                )
            self._ensure_database(connection, new, str(found[0]), template=template)

    def drop(self, name: str) -> None:
        """Drops a database, ending the connections to it; the roles stay. Idempotent."""
        with self._administering() as connection:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
            )

    def _dsn(self, role: str, database: str) -> str:
        return f"postgresql://{role}:{self.home.secret(f'postgres.{role}')}@{self.host}:{self.port}/{database}"

    @contextlib.contextmanager
    def _administering(self) -> Iterator[psycopg.Connection]:
        with psycopg.connect(self.superuser_dsn(), autocommit=True) as connection:
            connection.execute("SELECT pg_advisory_lock(%s)", (ROLES_LOCK,))
            yield connection

    def _ensure_role(self, connection: psycopg.Connection, role: str) -> None:
        known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone()
        verb = sql.SQL("ALTER" if known else "CREATE")
        password = sql.Literal(self.home.secret(f"postgres.{role}"))
        connection.execute(
            sql.SQL("{} ROLE {} LOGIN PASSWORD {}").format(verb, sql.Identifier(role), password)
        )

    def _ensure_database(
        self, connection: psycopg.Connection, name: str, owner: str, *, template: str | None
    ) -> None:
        if not connection.execute(
            "SELECT 1 FROM pg_database WHERE datname = %s", (name,)
        ).fetchone():
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}").format(
                    sql.Identifier(name),
                    sql.Identifier(owner),
                    sql.Identifier(template or "template1"),
                )
            )
        role = owner.removesuffix("_owner")
        names = {
            "name": sql.Identifier(name),
            "owner": sql.Identifier(owner),
            "role": sql.Identifier(role),
        }
        connection.execute(sql.SQL("REVOKE ALL ON DATABASE {name} FROM PUBLIC").format(**names))
        connection.execute(
            sql.SQL("GRANT CONNECT ON DATABASE {name} TO {owner}, {role}").format(**names)
        )

    def _close_to_the_public(self) -> None:
        with self._administering() as connection:
            for database in ("postgres", "template1"):
                connection.execute(
                    sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(
                        sql.Identifier(database)
                    )
                )

    def is_ready(self) -> bool:
        """True if it takes connections."""
        return accepts(self.port)

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.superuser_dsn(), connect_timeout=2).close()
        except psycopg.OperationalError as error:
            if "password authentication failed" in str(error):
                raise self.table.failure(
                    NAME,
                    "its data was made with other secrets than the home's",
                    advice="delete it with `down --purge`",
                ) from error
            return False
        return True

    def _launch(self) -> Launch:
        flags = self._flags(
            listen_addresses="127.0.0.1", port=str(self.port), unix_socket_directories=""
        )
        return self._as_its_user(
            str(binaries.postgres_bin() / "postgres"), "-D", str(self.data), *flags
        )

    def _flags(self, **more: str) -> list[str]:
        """The server's settings as arguments."""
        settings = {
            "max_connections": str(MAX_CONNECTIONS),
            "shared_buffers": "64MB",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "password_encryption": "scram-sha-256",
            **({} if self.durable else UNSAFE_BUT_FAST),
            **more,
        }
        return [flag for name, value in settings.items() for flag in ("-c", f"{name}={value}")]

    def _as_its_user(self, *command: str) -> Launch:
        user = binaries.nobody() if binaries.is_root() else None
        env = {
            "PATH": os.defpath,
            "HOME": str(self.folder),
            "TZ": "UTC",
            "LC_ALL": "C",
            "PGTZ": "UTC",
        }
        return Launch(
            command=command, env=env, cwd=self.folder, ports={"sql": self.port}, user=user
        )

    def _prepare(self, cancelled: Event | None) -> None:
        """Creates the data unless it is there.

        An initdb that is cut short leaves only a folder that the next one removes.
        """
        self.table.stop(INITDB)
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if binaries.is_root():
            os.chown(self.folder, *binaries.nobody())
        for unfinished in self.folder.glob("initdb-*"):
            shutil.rmtree(unfinished, ignore_errors=True)
        if self.data.exists():
            return
        temporary = Path(tempfile.mkdtemp(dir=self.folder, prefix="initdb-"))
        password = temporary / "password"
        password.touch(mode=0o600)
        password.write_text(
            self.home.secret(f"postgres.{SUPERUSER}", random_token), encoding="utf-8"
        )
        if binaries.is_root():
            for path in (temporary, password):
                os.chown(path, *binaries.nobody())
        launch = self._initdb(temporary / "data", password)
        self.table.run(INITDB, launch, within_seconds=INITDB_SECONDS, cancelled=cancelled)
        (temporary / "data").rename(self.data)
        shutil.rmtree(temporary)

    def _initdb(self, data: Path, password: Path) -> Launch:
        # macOS has no C.UTF-8; there, C sorts the same way, by code point.
        locale = "C" if sys.platform == "darwin" else "C.UTF-8"
        return self._as_its_user(
            str(binaries.postgres_bin() / "initdb"),
            "-D",
            str(data),
            "-U",
            SUPERUSER,
            "--auth=scram-sha-256",
            # Its passwords are random and long: to stretch them only makes connecting slow.
            "-c",
            "scram_iterations=1",
            f"--pwfile={password}",
            "--encoding=UTF8",
            f"--locale={locale}",
            *([] if self.durable else ["--no-sync"]),
        )

    def _adopt_survivor(self) -> None:
        """Takes up a server that runs on our data although the home's record of it was lost."""
        pid = _pid_in(self.data / "postmaster.pid")
        if pid and not self.is_running() and self._serves_our_data(pid):
            self.table.adopt(NAME, pid, {"sql": self.port})

    def _clear_after_crash(self) -> None:
        """Removes the orphans and the pid file of a server that died, before a start."""
        pid = _pid_in(self.data / "postmaster.pid")
        if pid is None or self._serves_our_data(pid):
            return
        # Backends outlive a killed postmaster by a moment, and a second server beside them would
        # ruin the data.
        for straggler in psutil.wait_procs(self._backends(), timeout=ORPHAN_SECONDS)[1]:
            straggler.kill()
        psutil.wait_procs(self._backends(), timeout=ORPHAN_SECONDS)
        # PostgreSQL trusts the file if any process has that pid now, which after a reboot one
        # easily does.
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _backends(self) -> list[psutil.Process]:
        found = (
            process
            for process in psutil.process_iter(["name", "cwd"])
            if process.info["name"] == "postgres"
        )
        return [process for process in found if process.info["cwd"] == str(self.data)]

    def _serves_our_data(self, pid: int) -> bool:
        try:
            return str(self.data) in psutil.Process(pid).cmdline()
        except psutil.NoSuchProcess:
            return False


def _pid_in(path: Path) -> int | None:
    try:
        return int(path.read_text(encoding="utf-8").split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return None
