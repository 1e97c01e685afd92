"""Alembic's environment of every history of revisions: a connection and the tables of a package, both given by `chassis.data.migrations`."""

from typing import Any, Literal

from alembic import context
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

from chassis.data.drift import tables_of
from chassis.data.rows import Code, Document

config = context.config
tables = tables_of(config.attributes["package"]) if config.attributes.get("drafts") else None


def _is_own(item: Any, name: str | None, kind: str, is_reflected: bool, compared_to: Any) -> bool:
    """The database also holds the chassis's tables and Alembic's."""
    return kind != "table" or (tables is not None and name in tables.tables)


def _render(kind: str, item: Any, autogenerate: Any) -> str | Literal[False]:
    """Column types in the words of SQLAlchemy: a migration does not import what it migrates."""
    if kind != "type":
        return False
    if isinstance(item, Code | AutoString):
        return "sa.Text()"
    if isinstance(item, Document):
        autogenerate.imports.add("from sqlalchemy.dialects import postgresql")
        return "postgresql.JSONB()"
    return "sa.DateTime(timezone=True)" if isinstance(item, UTCDateTime) else False


context.configure(
    connection=config.attributes["connection"],
    target_metadata=tables,
    version_table=config.attributes["version_table"],
    transaction_per_migration=True,
    compare_type=True,
    compare_server_default=True,
    include_object=_is_own,
    render_item=_render,
)
with context.begin_transaction():
    context.run_migrations()
