"""Reads of variants that are gift cards."""

from catalog.errors import GiftCardVariantNotFound
from catalog.gift_card_variants.model import GiftCardVariant
from catalog.stock.queries import variant_of
from chassis.data.tx import Read


async def get_gift_card_variant(read: Read, sku: str) -> GiftCardVariant:
    """Returns the gift card of a SKU. Raises VariantNotFound, GiftCardVariantNotFound."""
    variant = await variant_of(read, sku)
    found = await read.get(GiftCardVariant, variant.id)
    if found is None:
        raise GiftCardVariantNotFound(sku=sku[:80])
    return found
