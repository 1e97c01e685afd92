"""Gift cards and store credit as staff issue, look up and change them.

A balance is the sum of its entries.
"""

from typing import Final

from gateway.composed.orders import checkout_page
from gateway.contracts.query_models import Parameters
from gateway.contracts.rpc import rpc
from gateway.endpoints.access import SHOPPER, Limit, staff
from gateway.endpoints.endpoint import KIB, WHOLE, Endpoint, KeyRule
from sojourn.checkout.v1.gift_cards_pb2_grpc import (
    GiftCardServiceServicer,
    ShopperGiftCardServiceServicer,
)

_READ: Final = staff("gift_cards.read", or_scope="gift_cards.write")
_WRITE: Final = staff("gift_cards.write")
_PATH: Final = "/v1/staff/gift-cards/{gift_card_id}"
_IN_CHECKOUT: Final = "/v1/checkouts/{checkout_id}/gift-cards"
PUBLIC_TEXT: Final = "Gift cards of shoppers. Whoever has the code of a card may use it."
PUBLIC_ENDPOINTS: Final = (
    Endpoint(
        method="POST",
        path="/v1/gift-cards/balance",
        rpc=rpc(ShopperGiftCardServiceServicer.CheckGiftCardBalance),
        callers=SHOPPER,
        touchpoint="gift_card.balance",
        body=WHOLE,
        is_secret=True,
        key=KeyRule.NONE,
        limit=Limit.CODE,
        text="What is left on the card of a code. The code is a secret, and so is posted.",
    ),
    Endpoint(
        method="POST",
        path=_IN_CHECKOUT,
        rpc=rpc(ShopperGiftCardServiceServicer.ApplyGiftCard),
        callers=SHOPPER,
        touchpoint="checkout.gift_card",
        body=WHOLE,
        compose=checkout_page,
        key=KeyRule.OPTIONAL,
        limit=Limit.CODE,
        text="Lets a gift card pay of a checkout as much as it can, after the cards that are there "
        "already. `gift_cards` shows what each pays, `due` what is left for the payment method. A "
        "repeat changes nothing.",
    ),
    Endpoint(
        method="DELETE",
        path=f"{_IN_CHECKOUT}/{{gift_card_id}}",
        rpc=rpc(ShopperGiftCardServiceServicer.RemoveGiftCard),
        callers=SHOPPER,
        touchpoint="checkout.gift_card",
        compose=checkout_page,
        text="Takes a gift card out of a checkout. A repeat is fine.",
    ),
    Endpoint(
        method="GET",
        path="/v1/orders/{order_id}/gift-cards",
        rpc=rpc(ShopperGiftCardServiceServicer.ListOrderGiftCards),
        callers=SHOPPER,
        touchpoint="order.gift_cards",
        is_secret=True,
        text="The gift cards that an order bought, once it is paid; with their codes, unless they "
        "are mailed to another person.",
    ),
)
ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/v1/staff/gift-cards",
        rpc=rpc(GiftCardServiceServicer.ListGiftCards),
        callers=_READ,
        touchpoint=None,
        query=Parameters(defaults={"page_size": 50}),
        text="Gift cards, newest first, also those of a state, an origin, an order, or the last "
        "four characters of their code.",
    ),
    Endpoint(
        method="POST",
        path="/v1/staff/gift-cards",
        rpc=rpc(GiftCardServiceServicer.IssueGiftCard),
        callers=_WRITE,
        touchpoint=None,
        body=WHOLE,
        status=201,
        is_secret=True,
        text="Makes a gift card. The answer has its code, which no other call tells; a repeat of "
        "the key answers the same.",
    ),
    Endpoint(
        method="POST",
        path="/v1/staff/gift-cards/find",
        rpc=rpc(GiftCardServiceServicer.FindGiftCard),
        callers=_READ,
        touchpoint=None,
        body=WHOLE,
        key=KeyRule.NONE,
        text="The gift card of a code. The code is a secret, and so is posted.",
    ),
    Endpoint(
        method="POST",
        path="/v1/staff/gift-cards/import",
        rpc=rpc(GiftCardServiceServicer.ImportGiftCards),
        callers=_WRITE,
        touchpoint=None,
        body=WHOLE,
        most_bytes=1024 * KIB,
        text="Brings gift cards of another system with their codes and what is left on them, all "
        "or none. One that is there already stays as it is.",
    ),
    Endpoint(
        method="GET",
        path=_PATH,
        rpc=rpc(GiftCardServiceServicer.GetGiftCard),
        callers=_READ,
        touchpoint=None,
        text="A gift card.",
    ),
    Endpoint(
        method="PATCH",
        path=_PATH,
        rpc=rpc(GiftCardServiceServicer.UpdateGiftCard),
        callers=_WRITE,
        touchpoint=None,
        body=WHOLE,
        text="Sets the end of a gift card's time, and its note: what you send.",
    ),
    Endpoint(
        method="GET",
        path=f"{_PATH}/entries",
        rpc=rpc(GiftCardServiceServicer.ListGiftCardEntries),
        callers=_READ,
        touchpoint=None,
        query=Parameters(defaults={"page_size": 50}),
        text="The entries of a gift card, newest first: what came on it and what it paid.",
    ),
    Endpoint(
        method="POST",
        path=f"{_PATH}/adjustments",
        rpc=rpc(GiftCardServiceServicer.AdjustGiftCard),
        callers=_WRITE,
        touchpoint=None,
        body=WHOLE,
        text="Adds an amount to a gift card, or takes it off, for a reason.",
    ),
    Endpoint(
        method="POST",
        path=f"{_PATH}/disable",
        rpc=rpc(GiftCardServiceServicer.DisableGiftCard),
        callers=_WRITE,
        touchpoint=None,
        key=KeyRule.OPTIONAL,
        text="Stops a gift card: it pays no new order. A repeat is fine.",
    ),
    Endpoint(
        method="POST",
        path=f"{_PATH}/enable",
        rpc=rpc(GiftCardServiceServicer.EnableGiftCard),
        callers=_WRITE,
        touchpoint=None,
        key=KeyRule.OPTIONAL,
        text="Lets a gift card that was stopped pay again. A repeat is fine.",
    ),
    Endpoint(
        method="POST",
        path=f"{_PATH}/send",
        rpc=rpc(GiftCardServiceServicer.SendGiftCard),
        callers=_WRITE,
        touchpoint=None,
        body=WHOLE,
        text="Mails the code of a gift card, to where it was mailed before or to another address.",
    ),
    Endpoint(
        method="POST",
        path=f"{_PATH}/revoke",
        rpc=rpc(GiftCardServiceServicer.RevokeGiftCard),
        callers=_WRITE,
        touchpoint=None,
        key=KeyRule.OPTIONAL,
        text="Takes a gift card that nobody used back from its buyer, and refunds what was paid "
        "for it. A repeat is fine.",
    ),
    Endpoint(
        method="GET",
        path="/v1/staff/gift-card-settings",
        rpc=rpc(GiftCardServiceServicer.GetGiftCardSettings),
        callers=_READ,
        touchpoint=None,
        text="What holds for the gift cards of a channel.",
    ),
    Endpoint(
        method="PUT",
        path="/v1/staff/gift-card-settings",
        rpc=rpc(GiftCardServiceServicer.PutGiftCardSettings),
        callers=_WRITE,
        touchpoint=None,
        body="settings",
        key=KeyRule.OPTIONAL,
        text="Sets for how long the new gift cards of a channel pay, how many pay of one checkout, "
        "and whether they pay for gift cards.",
    ),
)
