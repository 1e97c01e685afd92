"""Reads of limits, settings and risks of orders."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select

from chassis.data.isolation import Loop, find_readable
from chassis.data.statements import one_of
from chassis.data.tx import Read
from checkout.errors.fraud import FraudLimitNotFound, OrderReviewNotFound
from checkout.fraud.model import (
    FraudLimit,
    FraudRevision,
    FraudSettings,
    FraudTable,
    OrderRisk,
    ReviewStatus,
    no_settings,
)
from checkout.merchant_settings.group import SettingsGroup

GROUP: Final = SettingsGroup("fraud", FraudRevision)
# Verbatim as in the partial index `order_risk_undecided`.
_IS_UNDECIDED: Final = text("status IN ('open', 'releasing')")
_LOOP: Final = Loop("fraud limits")


async def load_fraud_table(read: Read, revision: int) -> FraudTable:
    """Returns all limits and settings. A row that cannot be read is left out, and logged."""
    limits = await find_readable(
        read, FraudLimit, select(FraudLimit).order_by(col(FraudLimit.code)), loop=_LOOP
    )
    settings = await find_readable(read, FraudSettings, select(FraudSettings), loop=_LOOP)
    return FraudTable(tuple(limits), tuple(settings), revision)


async def get_fraud_limit(read: Read, code: str) -> FraudLimit:
    """Returns a limit. Raises FraudLimitNotFound."""
    found = await read.get(FraudLimit, code) if code.isprintable() else None
    if found is None:
        raise FraudLimitNotFound(code=code[:40])
    return found


async def list_fraud_limits(read: Read, *, after: str, size: int) -> list[FraudLimit]:
    """Returns limits after a code, in the order of their codes."""
    query = select(FraudLimit).where(col(FraudLimit.code) > after)
    return await read.all(query.order_by(col(FraudLimit.code)).limit(size))


async def get_fraud_settings(read: Read, channel: str) -> FraudSettings:
    """Returns what holds in a channel; version 0 where nothing was set for it."""
    found = await read.get(FraudSettings, channel) if channel.isprintable() else None
    return found or no_settings(channel)


async def find_risk(read: Read, order_id: UUID) -> OrderRisk | None:
    """Returns the risk of an order, if it was screened."""
    return await read.get(OrderRisk, order_id)


async def find_risks(read: Read, order_ids: Sequence[UUID]) -> dict[UUID, OrderRisk]:
    """Returns the risks of orders that were screened, by order."""
    found = await read.all(select(OrderRisk).where(one_of(OrderRisk.order_id, order_ids)))
    return {risk.order_id: risk for risk in found}


async def find_undecided(read: Read, order_ids: Sequence[UUID]) -> set[UUID]:
    """Returns the orders that are under review."""
    query = select(OrderRisk.order_id).where(_IS_UNDECIDED, one_of(OrderRisk.order_id, order_ids))
    return set(await read.all(query))


async def get_review(read: Read, order_id: UUID) -> OrderRisk:
    """Returns the risk of an order with a review. Raises OrderReviewNotFound."""
    risk = await read.get(OrderRisk, order_id)
    if risk is None or risk.status is None:
        raise OrderReviewNotFound(order_id=order_id)
    return risk


async def list_reviews(
    read: Read, *, status: ReviewStatus, channel: str, after: UUID | None, limit: int
) -> list[OrderRisk]:
    """Returns reviews after an order's id, oldest order first; an empty channel is each."""
    query = select(OrderRisk).where(col(OrderRisk.status) == status)
    if channel:
        query = query.where(col(OrderRisk.channel_id) == channel)
    if after is not None:
        query = query.where(col(OrderRisk.order_id) > after)
    return await read.all(query.order_by(col(OrderRisk.order_id)).limit(limit))
