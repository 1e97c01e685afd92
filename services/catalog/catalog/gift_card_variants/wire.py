"""Variants that are gift cards as messages, and back."""

from catalog.errors import InvalidGiftCardVariant
from catalog.gift_card_variants.actions import GiftCardVariantDraft
from catalog.gift_card_variants.model import GiftCardVariant
from chassis.rpc.wire import money, timestamp
from sojourn.catalog.v1 import gift_card_variants_pb2 as pb


def decode_gift_card_variant(request: pb.PutGiftCardVariantRequest) -> GiftCardVariantDraft:
    """Raises InvalidGiftCardVariant if a currency stands twice."""
    values = {each.currency: each.amount_minor for each in request.face_values}
    if len(values) != len(request.face_values):
        raise InvalidGiftCardVariant("a currency stands twice", path="face_values")
    return GiftCardVariantDraft(request.sku, values)


def encode_gift_card_variant(variant: GiftCardVariant, sku: str) -> pb.GiftCardVariant:
    return pb.GiftCardVariant(
        sku=sku,
        variant_id=str(variant.variant_id),
        face_values=[money(amount, currency) for currency, amount in variant.face_values.items()],
        updated_at=timestamp(variant.updated_at),
        version=variant.version,
    )
