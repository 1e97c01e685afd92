"""Variants that are sold as gift cards: each is a denomination."""

from typing import Final

from gateway.contracts.rpc import rpc
from gateway.endpoints.access import staff
from gateway.endpoints.endpoint import WHOLE, Endpoint
from sojourn.catalog.v1.gift_card_variants_pb2_grpc import GiftCardVariantServiceServicer

_CATALOG: Final = staff("catalog.write")
_PATH: Final = "/v1/staff/gift-card-variants/{sku}"
ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path=_PATH,
        rpc=rpc(GiftCardVariantServiceServicer.GetGiftCardVariant),
        callers=_CATALOG,
        touchpoint=None,
        text="The gift card of a SKU, and what its cards are worth where that is not their price.",
    ),
    Endpoint(
        method="PUT",
        path=_PATH,
        rpc=rpc(GiftCardVariantServiceServicer.PutGiftCardVariant),
        callers=_CATALOG,
        touchpoint=None,
        body=WHOLE,
        is_keyed=True,
        example={"face_values": [{"amount_minor": 5500, "currency": "EUR"}]},
        text="Makes a variant a gift card, or changes what its cards are worth. It has no stock, "
        "never sells out, is not sent and not taxed when it is sold.",
    ),
    Endpoint(
        method="DELETE",
        path=_PATH,
        rpc=rpc(GiftCardVariantServiceServicer.DeleteGiftCardVariant),
        callers=_CATALOG,
        touchpoint=None,
        status=204,
        text="Makes the variant a thing again. Cards that were sold stay good.",
    ),
)
