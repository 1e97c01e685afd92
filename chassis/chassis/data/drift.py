"""Drift: differences between the database of the migrations and the one of the classes.

Alembic's comparison, which `make migration` drafts from, passes over CHECKs, partial indexes and
names. Here both databases exist, and PostgreSQL says what each holds.
"""

import pkgutil
from importlib import import_module
from typing import Final

import psycopg
from sqlalchemy import MetaData, create_engine
from sqlalchemy.pool import NullPool

from chassis.data.rows import metadata_of

_CHASSIS_MODULES: Final = ("outbox", "inbox", "idempotency", "timers", "audit", "isolation")
_ALEMBIC: Final = "alembic_version%"
_COLUMNS: Final = """
    SELECT c.relname || '.' || a.attname,
           format_type(a.atttypid, a.atttypmod) || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE ''
           END
           || coalesce(' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid), '')
           || CASE WHEN a.attidentity <> '' THEN ' IDENTITY ' || a.attidentity::text ELSE '' END
           || CASE WHEN a.attgenerated <> '' THEN ' GENERATED ' || a.attgenerated::text ELSE '' END
      FROM pg_attribute a
      JOIN pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p')
      LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
     WHERE c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped AND
     c.relname NOT LIKE %(alembic)s
"""
_CONSTRAINTS: Final = """
    SELECT c.relname || ' constraint ' || k.conname, pg_get_constraintdef(k.oid)
      FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
     WHERE c.relnamespace = 'public'::regnamespace AND k.contype <> 'n' AND c.relname NOT LIKE
     %(alembic)s
"""
_INDEXES: Final = """
    SELECT tablename || ' index ' || indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
    AND tablename NOT LIKE %(alembic)s
"""
_OPTIONS: Final = """
    SELECT relname || ' options', array_to_string(reloptions, ', ') FROM pg_class
     WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND reloptions IS NOT
     NULL AND relname NOT LIKE %(alembic)s
"""


def tables_of(package: str) -> MetaData:
    """Returns the tables of a package.

    Imports all its modules but those that migrate or start it, because a table is known by its
    class.
    """
    if package == "chassis":
        for name in _CHASSIS_MODULES:
            import_module(f"chassis.data.{name}")
        return metadata_of(package)
    module = import_module(package)
    for found in pkgutil.walk_packages(module.__path__, f"{package}."):
        if not found.name.endswith("__main__") and ".migrations" not in found.name:
            import_module(found.name)
    return metadata_of(package)


def create_tables(url: str, package: str) -> None:
    """Creates a service's and the chassis's tables in an empty database from their classes."""
    engine = create_engine(
        url.replace("postgresql://", "postgresql+psycopg://", 1), poolclass=NullPool
    )
    try:
        for name in (package, "chassis"):
            tables_of(name).create_all(engine)
    finally:
        engine.dispose()


def describe(url: str) -> dict[str, str]:
    """Returns the contents of a database's catalog by name, in PostgreSQL's own words.

    The contents are columns, constraints, indexes and storage options.
    """
    with psycopg.connect(url) as connection:
        queries = (_COLUMNS, _CONSTRAINTS, _INDEXES, _OPTIONS)
        return {
            name: text
            for query in queries
            for name, text in connection.execute(query, {"alembic": _ALEMBIC}).fetchall()
        }


def differences(migrated: dict[str, str], described: dict[str, str]) -> list[str]:
    """Returns the differences between two databases, a sentence each.

    One was made by migrations, the other one from the classes.
    """
    found = [
        f"only migrations have {name}: {migrated[name]}"
        for name in sorted(migrated.keys() - described.keys())
    ]
    found += [
        f"only the classes have {name}: {described[name]}"
        for name in sorted(described.keys() - migrated.keys())
    ]
    return found + [
        f"{name}: migrations say {migrated[name]!r}, the classes {described[name]!r}"
        for name in sorted(migrated.keys() & described.keys())
        if migrated[name] != described[name]
    ]
