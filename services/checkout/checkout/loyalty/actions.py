"""Changes of loyalty rules by staff, and of points: redeemed, adjusted and forgotten."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from chassis.data.audit import record_audit
from chassis.data.tx import Tx
from chassis.runtime.clock import uuid7
from checkout.errors.loyalty import (
    InvalidLoyaltyRule,
    InvalidPoints,
    NotEnoughPoints,
    PointsNotRedeemedHere,
)
from checkout.loyalty.model import (
    LoyaltyAccount,
    LoyaltyRule,
    PointEntry,
    PointEntryKind,
)
from checkout.loyalty.queries import GROUP, find_lots
from checkout.merchant_settings.actions import (
    Subject,
    delete_setting,
    require_version,
    store_setting,
)
from checkout.store_credit.actions import credit_points

_KIND: Final = "loyalty_rule"


async def put_loyalty_rule(
    tx: Tx, draft: LoyaltyRule, *, actor_id: UUID, expected_version: int = 0
) -> LoyaltyRule:
    """Stores a rule by code. A repeat changes nothing.

    Raises InvalidLoyaltyRule, VersionMismatch.
    """
    await GROUP.lock(tx)
    before = await tx.lock(LoyaltyRule, draft.code)
    require_version(before, expected_version)
    other = await tx.fetch_one(
        "SELECT code FROM loyalty_rule WHERE channel = %s AND currency = %s AND code <> %s",
        [draft.channel, draft.currency, draft.code],
    )
    if other:
        problem = f"{other[0]} is the rule of this channel and currency"
        raise InvalidLoyaltyRule(path="loyalty_rule.channel", problem=problem)
    if await store_setting(tx, Subject(_KIND, draft.code), draft, before, actor_id=actor_id):
        await GROUP.revise(tx)
    return draft


async def delete_loyalty_rule(
    tx: Tx, code: str, *, actor_id: UUID, expected_version: int = 0
) -> None:
    """Deletes a rule. Idempotent. Raises VersionMismatch."""
    await GROUP.lock(tx)
    before = await tx.lock(LoyaltyRule, code) if code.isprintable() else None
    if before is None:
        return
    require_version(before, expected_version)
    await delete_setting(tx, Subject(_KIND, code), before, actor_id=actor_id)
    await GROUP.revise(tx)


async def redeem_points(
    tx: Tx, customer_id: UUID, points: int, rule: LoyaltyRule | None, *, channel: str
) -> None:
    """Turns points into store credit, those that expire first in front.

    Raises PointsNotRedeemedHere, InvalidPoints, NotEnoughPoints.
    """
    if rule is None or not rule.redeemed_points or not rule.redeemed_minor:
        raise PointsNotRedeemedHere
    if points % rule.redeemed_points or points < rule.least_points:
        raise InvalidPoints(path="points", step=rule.redeemed_points, least=rule.least_points)
    await lock_account(tx, customer_id)
    await take_points(tx, customer_id, points)
    worth = rule.worth(points)
    await tx.insert(
        PointEntry(
            id=uuid7(),
            customer_id=customer_id,
            kind=PointEntryKind.REDEEMED,
            points=-points,
            currency=worth.currency,
            redeemed_minor=worth.amount_minor,
            at=tx.now,
        )
    )
    await credit_points(tx, customer_id, worth, channel=channel)


async def adjust_points(
    tx: Tx,
    customer_id: UUID,
    points: int,
    *,
    reason: str,
    expires_at: datetime | None,
    actor_id: UUID,
) -> None:
    """Adds points, or takes them off, for a reason that the customer sees.

    Raises InvalidPoints, NotEnoughPoints.
    """
    if not points:
        raise InvalidPoints(path="points", step=1, least=1)
    if expires_at is not None and expires_at <= tx.now:
        raise InvalidPoints(path="expires_at", step=1, least=1)
    await lock_account(tx, customer_id)
    if points < 0:
        await take_points(tx, customer_id, -points)
    await tx.insert(
        PointEntry(
            id=uuid7(),
            customer_id=customer_id,
            kind=PointEntryKind.ADJUSTED,
            points=points,
            left=max(points, 0),
            reason=reason,
            actor_id=actor_id,
            expires_at=expires_at if points > 0 else None,
            at=tx.now,
        )
    )
    record_audit(tx, actor_id, "points.adjust", f"customer:{customer_id}", after={"points": points})


async def forget_points(tx: Tx, owner_ids: Sequence[UUID]) -> None:
    """Deletes the points of an erased customer, and what became of them. Idempotent."""
    ids = list(owner_ids)
    await tx.run("DELETE FROM loyalty_entry WHERE customer_id = ANY(%s)", [ids])
    await tx.run("DELETE FROM loyalty_account WHERE customer_id = ANY(%s)", [ids])


async def lock_account(tx: Tx, customer_id: UUID) -> None:
    """Makes the account of a customer if there is none, and locks it: one change at a time."""
    await tx.insert_new(LoyaltyAccount(customer_id=customer_id, created_at=tx.now))
    await tx.lock(LoyaltyAccount, customer_id)


async def take_points(tx: Tx, customer_id: UUID, points: int) -> None:
    """Takes points that are good now off their lots. The account is locked.

    Raises NotEnoughPoints.
    """
    lots = [one for one in await find_lots(tx, customer_id) if one.is_good(tx.now)]
    available = sum(one.left for one in lots)
    if available < points:
        raise NotEnoughPoints(available=available)
    for lot in lots:
        taken = min(lot.left, points)
        lot.left -= taken
        points -= taken
        await tx.update(lot)
        if not points:
            return
