"""Reads of credit limits, and of what is outstanding."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlmodel import col, select

from chassis.data.tx import Read, Tx
from checkout.credit_limits.model import CreditLimit
from checkout.errors.payments import CreditLimitExceeded, CreditLimitNotFound

# Orders that were refused or cancelled owe nothing, whatever their payments say.
_OUTSTANDING: Final = (
    "SELECT p.credit_limit, sum(p.amount_minor)::bigint FROM payment p"
    " JOIN orders o ON o.id = p.order_id"
    " WHERE p.credit_limit = ANY(%s) AND p.status = 'pending'"
    " AND o.status NOT IN ('refused', 'cancelled') GROUP BY p.credit_limit"
)


async def find_outstanding(read: Read, codes: Sequence[str]) -> dict[str, int]:
    """Returns what is outstanding of limits by their codes; one that owes nothing is not there."""
    rows = await read.fetch(_OUTSTANDING, [list(codes)])
    return {str(row[0]): int(row[1]) for row in rows}


async def get_credit_limit(read: Read, code: str) -> CreditLimit:
    """Returns a limit. Raises CreditLimitNotFound."""
    found = await read.get(CreditLimit, code) if code.isprintable() else None
    if found is None:
        raise CreditLimitNotFound(code=code[:40])
    return found


async def list_credit_limits(
    read: Read, *, customer_id: UUID | None, organization_id: UUID | None, after: str, size: int
) -> list[CreditLimit]:
    """Returns limits after a code, in the order of their codes."""
    query = select(CreditLimit).where(col(CreditLimit.code) > after)
    if customer_id:
        query = query.where(col(CreditLimit.customer_id) == customer_id)
    if organization_id:
        query = query.where(col(CreditLimit.organization_id) == organization_id)
    return await read.all(query.order_by(col(CreditLimit.code)).limit(size))


async def find_credit_limit(
    read: Read, *, customer_id: UUID | None, organization_id: UUID | None, currency: str
) -> CreditLimit | None:
    """Returns the limit of an organization, or else of a customer, if it is good for orders."""
    for column, owner_id in (
        (CreditLimit.organization_id, organization_id),
        (CreditLimit.customer_id, customer_id),
    ):
        if owner_id is None:
            continue
        query = select(CreditLimit).where(col(column) == owner_id, CreditLimit.currency == currency)
        found: CreditLimit | None = await read.one(query)
        if found is not None:
            return found if found.is_enabled else None
    return None


async def take_credit(tx: Tx, code: str, amount_minor: int) -> None:
    """Locks a limit until the commit, and checks that an amount is left of it.

    Raises CreditLimitExceeded.
    """
    limit = await tx.lock(CreditLimit, code)
    if limit is None or not limit.is_enabled:
        raise CreditLimitExceeded("the limit was revoked", available_minor=0)
    available = limit.limit_minor - (await find_outstanding(tx, [code])).get(code, 0)
    if amount_minor > available:
        raise CreditLimitExceeded(available_minor=max(available, 0), currency=limit.currency)
