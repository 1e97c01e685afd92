"""PostgreSQL and NATS as containers, from their official images."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping
from pathlib import Path
from threading import Event
from typing import Final

import psycopg
from docker.models.containers import Container

from stack.containers.boxes import CONFINED, Box
from stack.containers.table import ContainerTable
from stack.embedded import nats as nats_server
from stack.embedded import postgres as postgres_server
from stack.embedded.nats import Nats
from stack.embedded.postgres import Postgres
from stack.embedded.processes import answers_ready
from stack.home import random_token
from stack.permissions import Permissions
from stack.ports import require_free

POSTGRES_IMAGE: Final = "postgres:17"
NATS_IMAGE: Final = "nats:2"
SQL_PORT, CLIENT_PORT, MONITOR_PORT = 5432, 4222, 8222
POSTGRES_FILES: Final = "/var/lib/postgresql/data"
NATS_FILES: Final = Path("/data")
# 300 connections, 64 MB of shared buffers and the page cache of a small catalogue.
MEMORY: Final = "1g"


def make(
    containers: ContainerTable,
    ports: Mapping[str, int],
    *,
    durable: bool,
    users: Mapping[str, Permissions],
) -> tuple[Postgres, Nats]:
    """The servers of a stack, as this machine reaches them."""
    return (
        ContainerPostgres(containers, ports["postgres.sql"], durable=durable),
        ContainerNats(
            containers, ports["nats.client"], monitor_port=ports["nats.monitor"], users=users
        ),
    )


def seen_from_inside(home: Path, nats: Nats) -> tuple[Postgres, Nats]:
    """The same servers, as the containers of the network reach them."""
    return (
        Postgres(home, SQL_PORT, host=postgres_server.NAME),
        Nats(home, CLIENT_PORT, monitor_port=MONITOR_PORT, users=nats.users, host=nats_server.NAME),
    )


class ContainerPostgres(Postgres):
    """PostgreSQL in a container, its data in a volume."""

    def __init__(self, containers: ContainerTable, port: int, *, durable: bool) -> None:
        super().__init__(containers.home.path, port, durable, host=containers.at)
        self._containers = containers

    @property
    def pid(self) -> int | None:
        recorded = self._containers.get(postgres_server.NAME)
        return recorded.pid if recorded and self.is_running() else None

    def is_running(self) -> bool:
        return self._containers.is_alive(postgres_server.NAME)

    def start(self, cancelled: Event | None = None) -> None:
        if not self.is_running():
            require_free(postgres_server.NAME, [("postgres.sql", self.port)])
            self._containers.start_box(postgres_server.NAME, self._box())
        self._containers.wait_until(
            postgres_server.NAME,
            self.is_ready,
            within_seconds=postgres_server.START_SECONDS,
            cancelled=cancelled,
        )
        self._close_to_the_public()

    def stop(self) -> None:
        self._containers.stop(postgres_server.NAME, within_seconds=postgres_server.STOP_SECONDS)

    def purge(self) -> None:
        """Stops the server. Its data goes with the stack's volumes."""
        self.stop()

    def is_ready(self) -> bool:
        # A published port takes connections before the server does.
        try:
            psycopg.connect(self.superuser_dsn(), connect_timeout=2).close()
        except psycopg.OperationalError as error:
            if "password authentication failed" in str(error):
                raise self._containers.failure(
                    postgres_server.NAME,
                    "its data was made with other secrets than the home's",
                    advice="delete it with `down --purge`",
                ) from error
            return False
        return True

    def _box(self) -> Box:
        return Box(
            image=POSTGRES_IMAGE,
            command=("postgres", *self._flags()),
            env={
                "POSTGRES_PASSWORD": self.home.secret(
                    f"postgres.{postgres_server.SUPERUSER}", random_token
                ),
                # The locale of the databases, as the embedded server has it.
                "LANG": "C.UTF-8",
                "PGDATA": f"{POSTGRES_FILES}/pgdata",
            },
            ports={"sql": (SQL_PORT, self.port)},
            files=POSTGRES_FILES,
            # Its entry point starts as root, to give the volume to its own user.
            limits={
                "security_opt": ["no-new-privileges"],
                "mem_limit": MEMORY,
                "memswap_limit": MEMORY,
                "shm_size": "128m",
            },
        )


class ContainerNats(Nats):
    """NATS in a container, its streams and its configuration in a volume."""

    def __init__(
        self,
        containers: ContainerTable,
        port: int,
        *,
        monitor_port: int,
        users: Mapping[str, Permissions],
    ) -> None:
        super().__init__(
            containers.home.path, port, monitor_port=monitor_port, users=users, host=containers.at
        )
        self._containers = containers

    @property
    def pid(self) -> int | None:
        recorded = self._containers.get(nats_server.NAME)
        return recorded.pid if recorded and self.is_running() else None

    def is_running(self) -> bool:
        return self._containers.is_alive(nats_server.NAME)

    def start(self, cancelled: Event | None = None) -> None:
        if not self.is_running():
            require_free(
                nats_server.NAME, [("nats.client", self.port), ("nats.monitor", self.monitor_port)]
            )
            self._containers.start_box(nats_server.NAME, self._box(), before_start=self._put_config)
        self._containers.wait_until(
            nats_server.NAME,
            self.is_ready,
            within_seconds=nats_server.START_SECONDS,
            cancelled=cancelled,
        )

    def stop(self) -> None:
        self._containers.stop(nats_server.NAME, within_seconds=nats_server.STOP_SECONDS)

    def purge(self) -> None:
        """Stops the server. Its streams go with the stack's volumes."""
        self.stop()

    def is_ready(self) -> bool:
        return answers_ready(self.monitor_port, "/healthz", host=self.host)

    def _put_config(self, container: Container) -> None:
        # Copied, because an engine need not see this machine's files, and secrets belong into no
        # command line.
        text = self._config(
            host="0.0.0.0",  # noqa: S104 - a container's only interface
            port=CLIENT_PORT,
            monitor_port=MONITOR_PORT,
            folder=NATS_FILES,
        ).encode()
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as tar:
            entry = tarfile.TarInfo("server.conf")
            entry.size, entry.mode = len(text), 0o600
            tar.addfile(entry, io.BytesIO(text))
        container.put_archive(str(NATS_FILES), packed.getvalue())

    def _box(self) -> Box:
        return Box(
            image=NATS_IMAGE,
            command=("--config", str(NATS_FILES / "server.conf")),
            ports={
                "client": (CLIENT_PORT, self.port),
                "monitor": (MONITOR_PORT, self.monitor_port),
            },
            files=str(NATS_FILES),
            limits=CONFINED,
        )
