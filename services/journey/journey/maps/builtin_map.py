"""The map that comes with the product: five stages of a shop's customers."""

from collections.abc import Sequence
from typing import Any, Final

_IS_OK: Final[dict[str, Any]] = {"field": "outcome", "any_of": ["ok"]}


def _reached(
    *kinds: str, occurrence: str = "any", after: Sequence[str] = (), **of: list[str]
) -> dict[str, Any]:
    """The rule of successful touchpoints of some kinds, by which people reach a stage.

    `of` narrows them by properties.
    """
    return {
        "when": [
            {"field": "kind", "any_of": list(kinds)},
            _IS_OK,
            *({"field": f"property:{name}", "any_of": values} for name, values in of.items()),
        ],
        "occurrence": occurrence,
        "after": list(after),
    }


def _placed(*kinds: str, **of: list[str]) -> dict[str, Any]:
    """The rule of touchpoints that a stage shows, refused ones too, and nobody reaches it by."""
    return {
        "when": [
            {"field": "kind", "any_of": list(kinds)},
            *({"field": f"property:{name}", "any_of": values} for name, values in of.items()),
        ],
        "is_placed_only": True,
    }


_SEEN: Final = ("page.view", "category.tree", "ad.view", "ad.click")
_COMPARED: Final = (
    "category.view",
    "search",
    "product.view",
    "review.view",
    "question.ask",
    "wishlist.add",
    "wishlist.view",
)
_TOLD: Final = (
    "feedback.given",
    "review.write",
    "answer.write",
    "referral.share",
    "social.share",
    "social.mention",
)
_RETURNED: Final = (
    "return.request",
    "return.requested",
    "return.accepted",
    "return.rejected",
    "return.cancel",
    "return.cancelled",
    "return.received",
    "return.refunded",
)
# Rises with every change of the document: the ETag of the map.
VERSION: Final = 4
DOCUMENT: Final[dict[str, Any]] = {
    "slug": "five-stages",
    "name": {"en": "Five stages of a shop", "de": "Fünf Phasen eines Shops"},
    "description": {
        "en": "From the first sight of the shop to telling friends about it.",
        "de": "Vom ersten Blick auf den Shop bis zur Empfehlung an Freunde.",
    },
    "stages": [
        {
            "slug": "awareness",
            "name": {"en": "Awareness", "de": "Aufmerksamkeit"},
            "meaning": {
                "en": "Somebody finds the shop: an ad, a link, a landing page.",
                "de": "Jemand findet den Shop: Anzeige, Link, Landeseite.",
            },
            "rules": [
                _reached(*_SEEN),
                _placed(*_SEEN),
                # Later touchpoints of a campaign's visit are what they are; the one that a campaign
                # brought is how somebody came.
                {
                    "when": [
                        {"field": "utm_source", "exists": True},
                        {
                            "field": "utm_medium",
                            "any_of": ["email", "sms", "push"],
                            "negated": True,
                        },
                        _IS_OK,
                    ],
                    "occurrence": "first",
                },
                {
                    "when": [{"field": "click_id", "exists": True}, _IS_OK],
                    "occurrence": "first",
                },
            ],
        },
        {
            "slug": "consideration",
            "name": {"en": "Consideration", "de": "Erwägung"},
            "meaning": {
                "en": "They look for something and compare.",
                "de": "Sie suchen und vergleichen.",
            },
            "rules": [
                _reached(*_COMPARED),
                _placed(*_COMPARED),
                {"when": [{"field": "kind", "prefix": "video."}, _IS_OK]},
            ],
        },
        {
            "slug": "acquisition",
            "name": {"en": "Acquisition", "de": "Kauf"},
            "meaning": {
                "en": "They fill a cart and buy: whoever bought has reached it.",
                "de": "Sie füllen einen Warenkorb und kaufen: erreicht hat es, wer gekauft hat.",
            },
            "rules": [
                _reached("order.placed", occurrence="first"),
                # The way to the order, with what was refused on it. To look into a cart is no act
                # of buying where there is none.
                {
                    "when": [
                        {"field": "kind", "prefix": "cart."},
                        {"field": "kind", "any_of": ["cart.view"], "negated": True},
                    ],
                    "is_placed_only": True,
                },
                {
                    "when": [{"field": "kind", "any_of": ["cart.view"]}, _IS_OK],
                    "is_placed_only": True,
                },
                {"when": [{"field": "kind", "prefix": "checkout."}], "is_placed_only": True},
                _placed("email.sent", "email.click", topic=["reminders"]),
                _placed(
                    "account.register",
                    "account.registered",
                    "account.confirm",
                    "order.place",
                    "order.pay",
                    "order.refused",
                ),
            ],
            "objectives": [{"kind": "success", "target_percent": 98, "window_days": 28}],
        },
        {
            "slug": "retention",
            "name": {"en": "Retention", "de": "Bindung"},
            "meaning": {
                "en": "They get what they bought and come back.",
                "de": "Sie bekommen ihre Ware und kommen wieder.",
            },
            "rules": [
                _reached("order.shipped", "order.delivered", "order.digital_goods_delivered"),
                _reached("order.gift_card_sent", "order.late"),
                _reached("order.placed", occurrence="repeat"),
                # Service mails are the shop's acts; a login before the first order is no return.
                _reached("account.logged_in", "newsletter.subscribe", after=["order.placed"]),
                _reached("email.click", after=["order.placed"], topic=["marketing"]),
                _placed(
                    "order.view", "order.list", "order.track", "order.cancel", "order.cancelled"
                ),
                _placed("order.cancel_lines", "order.lines_cancelled", "order.refunded"),
                _placed("account.update", "account.address", "return.view", "return.list"),
                _placed(*_RETURNED),
            ],
        },
        {
            "slug": "advocacy",
            "name": {"en": "Advocacy", "de": "Empfehlung"},
            "meaning": {
                "en": "They say what they think, to us and to others.",
                "de": "Sie sagen uns und anderen, was sie denken.",
            },
            "rules": [
                _reached(*_TOLD),
                _placed(*_TOLD),
            ],
        },
    ],
}
