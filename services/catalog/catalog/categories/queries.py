"""Reads of categories as staff keep them, and of the record of changes."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, func
from sqlmodel import col, select

from catalog.products.model import Product
from chassis.data.audit import Audit
from chassis.data.statements import prepare
from chassis.data.tx import Read
from chassis.rpc.errors import InvalidPageToken

_COUNTS: Final = prepare(
    select(col(Product.category_id), func.count())
    .where(col(Product.category_id).is_not(None), col(Product.deleted_at).is_(None))
    .group_by(col(Product.category_id))
)
_LAST_ID: Final = UUID(int=2**128 - 1)
_changes: Final = (
    select(Audit)
    .where(col(Audit.id) < bindparam("before"))
    .order_by(col(Audit.id).desc())
    .limit(bindparam("size"))
)
_CHANGES: Final = prepare(_changes)
_CHANGES_OF: Final = prepare(_changes.where(col(Audit.subject) == bindparam("subject")))


async def product_counts(read: Read) -> dict[UUID, int]:
    """Returns how many products are directly in each category, hidden ones too."""
    return dict(await read.all(_COUNTS))


async def list_changes(
    read: Read, subject: str, *, after: Sequence[Any] | None, size: int
) -> list[Audit]:
    """Returns the next changes of a subject, or of all, newest first. Raises InvalidPageToken."""
    try:
        before = UUID(str(after[0])) if after is not None else _LAST_ID
    except ValueError as error:
        raise InvalidPageToken from error
    if subject:
        return await read.all(_CHANGES_OF, before=before, size=size, subject=subject)
    return await read.all(_CHANGES, before=before, size=size)
