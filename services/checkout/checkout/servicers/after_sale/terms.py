"""Terms of replacements of goods."""

from collections.abc import Collection
from uuid import UUID

from checkout.exchanges.model import ExchangeTerms
from checkout.orders.model import Order
from checkout.placing.model import OrderTerms
from checkout.wiring import Components


async def exchange_terms(
    components: Components, order: Order, variant_ids: Collection[UUID]
) -> ExchangeTerms:
    """Returns the terms of a replacement for an order. Ask without a connection out."""
    settings = components.settings
    channel = settings.channel(order.channel_id)
    return ExchangeTerms(
        await components.offers.find(variant_ids, order) if variant_ids else {},
        channel,
        await components.tables(),
        OrderTerms(
            settings.reservation_seconds,
            settings.resume_after_seconds,
            channel.order_prefix,
            settings.transfer_days,
        ),
    )
