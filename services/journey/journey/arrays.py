"""Arrays of ids as tables for joins."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import TableValuedAlias, Uuid, bindparam, cast, column, func
from sqlalchemy.dialects.postgresql import ARRAY

from journey.touchpoints.spelling import spell_id


def ids_in(name: str) -> TableValuedAlias:
    """Returns the array parameter `name` as a table with the column `id`.

    For a join, because a prepared `= ANY` of thousands may become a scan that compares each row
    with each id.
    """
    ids: ARRAY[object] = ARRAY(Uuid())
    return (
        func.unnest(cast(bindparam(name), ids))
        .table_valued(column("id", Uuid()))
        .render_derived(name=name)
    )


def array_of(ids: Iterable[UUID]) -> str:
    """Returns an array of ids as text, as a parameter: psycopg's own is made id by id."""
    return "{" + ",".join(map(spell_id, ids)) + "}"
