"""Events of carts."""

from uuid import UUID

from cart.carts.links import RestoreLinks
from cart.carts.model import Cart, Line
from chassis.money import MOST_MINOR
from chassis.rpc import wire
from sojourn.cart.v1 import events_pb2 as pb


def cart_line_added(cart: Cart, line: Line) -> pb.CartLineAdded:
    return pb.CartLineAdded(
        cart_id=str(cart.id),
        version=cart.version,
        owner_id=str(cart.owner_id),
        variant_id=str(line.variant_id),
        quantity=wire.quantity(line.seen.quantity(line.quantity)),
        channel=cart.channel,
        product_slug=line.seen.product_slug,
    )


def cart_price_overridden(cart: Cart, line: Line) -> pb.CartPriceOverridden:
    return pb.CartPriceOverridden(
        cart_id=str(cart.id),
        version=cart.version,
        owner_id=str(cart.owner_id),
        variant_id=str(line.variant_id),
        unit_price=wire.money(line.override.unit_price_minor, line.override.currency)
        if line.override
        else None,
        channel=cart.channel,
    )


def cart_reminder_requested(cart: Cart) -> pb.CartReminderRequested:
    return pb.CartReminderRequested(
        cart_id=str(cart.id),
        version=cart.version,
        owner_id=str(cart.owner_id),
        email=cart.email,
        locale=cart.locale,
        channel=cart.channel,
    )


def cart_merged(cart: Cart, *, guest_id: UUID, customer_id: UUID) -> pb.CartMerged:
    return pb.CartMerged(
        cart_id=str(cart.id),
        version=cart.version,
        guest_id=str(guest_id),
        customer_id=str(customer_id),
    )


def cart_restored(cart: Cart, *, saved_cart_id: UUID) -> pb.CartRestored:
    return pb.CartRestored(
        cart_id=str(cart.id),
        version=cart.version,
        owner_id=str(cart.owner_id),
        saved_cart_id=str(saved_cart_id),
    )


def cart_abandoned(cart: Cart, links: RestoreLinks) -> pb.CartAbandoned:
    # Prices may have risen beyond what an amount may be since the cart was filled.
    subtotal_minor = min(
        sum(line.seen.subtotal_minor(line.quantity) for line in cart.lines), MOST_MINOR
    )
    return pb.CartAbandoned(
        cart_id=str(cart.id),
        version=cart.version,
        owner_id=str(cart.owner_id),
        email=cart.email if cart.may_remind else "",
        locale=cart.locale,
        channel=cart.channel,
        lines=[
            pb.AbandonedLine(
                variant_id=str(line.variant_id),
                title=line.seen.title,
                quantity=wire.quantity(line.seen.quantity(line.quantity)),
            )
            for line in cart.lines
        ],
        last_activity_at=wire.timestamp(cart.updated_at),
        restore_token=links.token(cart.id) if cart.email else "",
        subtotal=wire.money(subtotal_minor, cart.currency),
    )
