"""Migrations: Alembic scripts of a service, run under an advisory lock by their own role."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from alembic import command, op
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from chassis import telemetry
from chassis.events.broker import Broker, create_dead_letters, create_streams
from chassis.events.subscription import Durable
from chassis.runtime.settings import Settings

log = telemetry.log("migrate")
_LOCK: Final = 0x50_4A_4D_47
WAIT_SECONDS: Final = 60.0


def create_chassis_tables() -> None:
    """Makes outbox, inbox, idempotency, timer and audit. For a service's first migration."""
    run_sql((files("chassis.data") / "tables.sql").read_text())


def run_sql(script: str) -> None:
    """Runs statements in the current migration verbatim: `:` and `%` have no meaning."""
    op.get_bind().exec_driver_sql(script.replace("%", "%%"))


@dataclass(frozen=True, slots=True)
class History:
    """A sequence of revisions: its package folder, and the table that names the current one."""

    package: str
    kind: str
    version_table: str

    @property
    def folder(self) -> Path:
        return Path(str(files(self.package) / "migrations")) / self.kind

    def config(self, connection: Connection | None = None) -> Config:
        """Returns Alembic's configuration of this history.

        All histories share the environment `chassis/migrations/env.py`.
        """
        config = Config(
            attributes={
                "connection": connection,
                "version_table": self.version_table,
                "package": self.package,
            }
        )
        config.set_main_option("script_location", str(files("chassis") / "migrations"))
        config.set_main_option("version_locations", str(self.folder))
        config.set_main_option("path_separator", "newline")
        return config


def histories_of(package: str, *, contract: bool = False) -> list[History]:
    """Returns the histories of a service's database: its own and the chassis's.

    The chassis's is separate, so that no service's revisions depend on it. With `contract` it
    returns the history that removes what no release in use needs.
    """
    found = [
        History(package, "versions", "alembic_version"),
        History("chassis", "versions", "alembic_version_chassis"),
    ]
    own = History(package, "contract", "alembic_version_contract")
    return [*found, own] if contract and own.folder.is_dir() else found


def scripts_of(package: str, kind: str = "versions") -> ScriptDirectory:
    """The migrations of a service's package:

    `versions`, which only add, or `contract`, which take away.
    """
    return ScriptDirectory.from_config(History(package, kind, "").config())


def upgrade(url: str, package: str, *, contract: bool = False, revision: str = "head") -> str:
    """Brings a database to the newest revision of `package`, or to another one.

    Returns the revision.

    Idempotent and safe to run twice at once. At a revision that this image does not know (a
    rollback), it does nothing and succeeds. With `contract` it also takes away what no release in
    use needs any more: only on request, a release after the code stopped using it.
    """
    engine = create_engine(
        url.replace("postgresql://", "postgresql+psycopg://", 1), poolclass=NullPool
    )
    try:
        with _patiently(engine) as connection:
            connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": _LOCK})
            connection.execute(text("SET lock_timeout = '5s'"))
            connection.commit()
            own, *others = histories_of(package, contract=contract)
            found = _bring_up(connection, own, revision)
            for history in others:
                _bring_up(connection, history)
            return found
    finally:
        engine.dispose()


def draft_revision(url: str, package: str, name: str) -> Path | None:
    """Drafts the next revision of a service from its classes and its migrated empty database.

    Returns the path of the new file, or None where there is no difference. CHECKs, names and
    storage options are not in a draft: add them by hand, and let the service's test of drift say
    what is missing.
    """
    head = upgrade(url, package)
    number = f"{int(head) + 1:04}"
    is_empty = False

    def drop_if_empty(_context: Any, _revision: Any, directives: list[Any]) -> None:
        nonlocal is_empty
        if is_empty := directives[0].upgrade_ops.is_empty():
            directives.clear()

    engine = create_engine(
        url.replace("postgresql://", "postgresql+psycopg://", 1), poolclass=NullPool
    )
    try:
        with engine.connect() as connection:
            history = History(package, "versions", "alembic_version")
            config = history.config(connection)
            config.attributes["drafts"] = True
            config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
            command.revision(
                config,
                message=name.replace("_", " "),
                autogenerate=True,
                rev_id=number,
                process_revision_directives=drop_if_empty,
            )
            return None if is_empty else next(history.folder.glob(f"{number}_*.py"))
    finally:
        engine.dispose()


def _bring_up(connection: Connection, history: History, revision: str = "head") -> str:
    config = history.config(connection)
    scripts = ScriptDirectory.from_config(config)
    current = MigrationContext.configure(
        connection, opts={"version_table": history.version_table}
    ).get_current_revision()
    known = {script.revision for script in scripts.walk_revisions()}
    if current is not None and current not in known:
        log.info("database is newer than this image", revision=current)
        return current
    # What looks at the database begins a transaction, in which Alembic would not commit.
    connection.commit()
    command.upgrade(config, revision)
    head = (scripts.get_current_head() or "") if revision == "head" else revision
    log.info("migrated", from_revision=current, to_revision=head, table=history.version_table)
    return head


def _patiently(engine: Engine) -> Connection:
    """A connection.

    In a cluster this may run before its database does, or before the database lets it in.
    """
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            return engine.connect()
        except OperationalError as error:
            if time.monotonic() > deadline:
                raise
            log.warning("the database does not answer yet", error=type(error.orig).__name__)
            time.sleep(1)


async def migrate(package: str, settings: Settings, durables: Sequence[Durable] = ()) -> None:
    """Runs the `migrate` command of a service: database, streams, the service's consumers."""
    url = (
        settings.migrate_database_url.get_secret_value() or settings.database_url.get_secret_value()
    )
    if url:
        await asyncio.to_thread(upgrade, url, package, contract=settings.migrate_contract)
    if (
        broker_url := settings.migrate_nats_url.get_secret_value()
        or settings.nats_url.get_secret_value()
    ):
        broker = Broker(broker_url, f"{package}-migrate")
        await broker.open()
        async with asyncio.timeout(WAIT_SECONDS):
            await broker.ready()
        await create_streams(broker.jetstream, replicas=settings.event_replicas)
        await create_dead_letters(broker.jetstream, package, replicas=settings.event_replicas)
        for durable in durables:
            await durable.create(broker.jetstream)
        await broker.close()
