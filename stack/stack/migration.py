"""Drafts a migration from the difference between a service's classes and its migrations."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from stack.embedded.guardian import owning
from stack.embedded.postgres import Postgres
from stack.errors import StackError
from stack.ports import free_port


class NothingToDraft(StackError):
    """The classes describe what the migrations make, as far as a draft can tell."""


def draft(service: str, name: str) -> Path:
    """Writes the draft beside the service's other migrations, on a PostgreSQL of its own.

    Returns its path. Raises NothingToDraft.
    """
    from chassis.data.migrations import draft_revision

    home = Path(tempfile.mkdtemp(prefix="sojourn-migration-"))
    with owning(home, "make migration"):
        postgres = Postgres(home, free_port(), durable=False)
        try:
            postgres.start()
            url = f"postgresql://{_authority(postgres)}/postgres"
            found = draft_revision(url, service, name)
        finally:
            postgres.purge()
            shutil.rmtree(home, ignore_errors=True)
    if found is None:
        raise NothingToDraft(
            f"the tables of {service} are what its migrations make",
            advice="change a table's class first; CHECKs, names and storage options are compared "
            "by the service's test of drift only",
        )
    return found


def _authority(postgres: Postgres) -> str:
    from psycopg.conninfo import conninfo_to_dict

    parts = conninfo_to_dict(postgres.superuser_dsn())
    return f"{parts['user']}:{parts['password']}@{parts['host']}:{parts['port']}"
