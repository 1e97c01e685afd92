"""Use cases of agreed prices: agree one, and set their limit."""

from dataclasses import dataclass
from uuid import UUID

from cart.carts import events
from cart.carts.model import ChangeContext, PricedCart, PriceOverride, PriceOverrideReason
from cart.carts.store import lock_cart, store_change
from cart.errors import OutOfStock
from cart.price_overrides.model import PriceOverrideSettings, require_allowed
from cart.price_overrides.queries import get_price_override_settings
from chassis.data.audit import record_audit
from chassis.data.tx import Tx
from chassis.money import Money
from chassis.rpc.auth import Caller
from chassis.rpc.errors import Denied, VersionMismatch


@dataclass(frozen=True, slots=True)
class AgreedPrice:
    """A price of one unit of a line with its reason; without a price that of the catalogue."""

    cart_id: UUID
    line_id: UUID
    unit_price: Money | None
    reason: PriceOverrideReason


async def override_price(
    tx: Tx, wanted: AgreedPrice, context: ChangeContext, *, caller: Caller
) -> PricedCart:
    """Sets the price of a line for the quantity that it has; one that grows loses it.

    Emits CartPriceOverridden. Raises Denied for a shopper, PriceOverrideNotAllowed, LineNotFound,
    OutOfStock, CartNotFound, CartNotOpen, VersionMismatch.
    """
    if caller.acted_by is None:
        raise Denied("only staff who act for a shopper agree on prices", kind=caller.kind)
    cart = await lock_cart(tx, wanted.cart_id, caller.shopper_id, context)
    line = cart.line(wanted.line_id)
    before = {"unit_price_minor": line.override.unit_price_minor if line.override else None}
    if wanted.unit_price is None:
        line.override = None
    else:
        offer = context.offers.by_variant.get(line.variant_id)
        if offer is None:
            raise OutOfStock(variant_id=line.variant_id)
        limit = (await get_price_override_settings(tx, cart.channel)).most_basis_points
        require_allowed(wanted.unit_price, offer, line.quantity, most_basis_points=limit)
        line.override = PriceOverride(
            wanted.unit_price.amount_minor,
            wanted.unit_price.currency,
            wanted.reason,
            caller.acted_by,
        )
    priced = await store_change(tx, cart, context)
    after = {
        "line_id": str(line.id),
        "unit_price_minor": line.override.unit_price_minor if line.override else None,
        "reason": wanted.reason,
    }
    record_audit(
        tx, caller.acted_by, "override_price", f"cart:{cart.id}", before=before, after=after
    )
    await tx.emit(
        events.cart_price_overridden(cart, line), key=cart.id, synthetic=cart.is_synthetic
    )
    return priced


async def put_price_override_settings(
    tx: Tx, channel: str, most_basis_points: int, *, caller: Caller, expected_version: int = 0
) -> PriceOverrideSettings:
    """Sets the limit of a channel. Raises VersionMismatch."""
    found = await tx.lock(PriceOverrideSettings, channel)
    if expected_version and expected_version != (found.version if found else 0):
        raise VersionMismatch(version=found.version if found else 0)
    before = {"most_basis_points": found.most_basis_points if found else 0}
    if found is None:
        found = PriceOverrideSettings(channel=channel, most_basis_points=most_basis_points)
        await tx.insert(found)
    else:
        found.most_basis_points = most_basis_points
        await tx.update(found)
    record_audit(
        tx,
        caller,
        "put_price_override_settings",
        f"channel:{channel}",
        before=before,
        after={"most_basis_points": most_basis_points},
    )
    return found
