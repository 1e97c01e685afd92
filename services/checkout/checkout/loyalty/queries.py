"""Reads of loyalty rules and points."""

from typing import Final
from uuid import UUID

from sqlalchemy import bindparam
from sqlmodel import col, select

from chassis.data.isolation import Loop, find_readable
from chassis.data.statements import prepare
from chassis.data.tx import Read
from checkout.errors.loyalty import LoyaltyRuleNotFound
from checkout.loyalty.model import LoyaltyRule, LoyaltyRuleRevision, LoyaltyTable, PointEntry
from checkout.merchant_settings.group import SettingsGroup

GROUP: Final = SettingsGroup("loyalty_rule", LoyaltyRuleRevision)
_LOOP: Final = Loop("loyalty rules")
# Those that expire first are redeemed first; an expiry of NULL is the last.
_LOTS: Final = prepare(
    select(PointEntry)
    .where(col(PointEntry.customer_id) == bindparam("customer_id"), col(PointEntry.left) > 0)
    .order_by(col(PointEntry.expires_at), col(PointEntry.id))
)
_OF_ORDER: Final = prepare(
    select(PointEntry)
    .where(col(PointEntry.order_id) == bindparam("order_id"))
    .order_by(col(PointEntry.id))
)


async def load_loyalty_table(read: Read, revision: int) -> LoyaltyTable:
    """Returns all rules. One that cannot be read is left out: it earns nothing."""
    rows = await find_readable(
        read, LoyaltyRule, select(LoyaltyRule).order_by(col(LoyaltyRule.code)), loop=_LOOP
    )
    return LoyaltyTable(rows, revision=revision)


async def get_loyalty_rule(read: Read, code: str) -> LoyaltyRule:
    """Returns a rule. Raises LoyaltyRuleNotFound."""
    found = await read.get(LoyaltyRule, code) if code.isprintable() else None
    if found is None:
        raise LoyaltyRuleNotFound(code=code[:40])
    return found


async def list_loyalty_rules(read: Read, *, after: str, size: int) -> list[LoyaltyRule]:
    """Returns rules after a code, in the order of their codes."""
    query = select(LoyaltyRule).where(col(LoyaltyRule.code) > after)
    return await read.all(query.order_by(col(LoyaltyRule.code)).limit(size))


async def find_lots(read: Read, customer_id: UUID) -> list[PointEntry]:
    """Returns a customer's points that are left, those that expire first in front."""
    return await read.all(_LOTS, customer_id=customer_id)


async def find_entries_of_order(read: Read, order_id: UUID) -> list[PointEntry]:
    """Returns what an order earned, and what was revoked of it."""
    return await read.all(_OF_ORDER, order_id=order_id)


async def list_point_entries(
    read: Read, customer_id: UUID, *, before: UUID | None, limit: int
) -> list[PointEntry]:
    """Returns entries of a customer, newest first, those before an id."""
    query = select(PointEntry).where(PointEntry.customer_id == customer_id)
    if before is not None:
        query = query.where(PointEntry.id < before)
    return await read.all(query.order_by(col(PointEntry.id).desc()).limit(limit))
