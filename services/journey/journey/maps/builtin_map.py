"""The map that comes with the product: five stages of a shop's customers."""

from typing import Any, Final


def _kinds(*kinds: str, occurrence: str = "any") -> dict[str, Any]:
    return {"when": [{"field": "kind", "any_of": list(kinds)}], "occurrence": occurrence}


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
                _kinds("page.view", "category.tree", "ad.view", "ad.click"),
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
                    ],
                    "occurrence": "first",
                },
                {"when": [{"field": "click_id", "exists": True}], "occurrence": "first"},
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
                _kinds(
                    "category.view",
                    "search",
                    "product.view",
                    "review.view",
                    "question.ask",
                    "wishlist.add",
                    "wishlist.view",
                ),
                {"when": [{"field": "kind", "prefix": "video."}]},
            ],
        },
        {
            "slug": "acquisition",
            "name": {"en": "Acquisition", "de": "Kauf"},
            "meaning": {
                "en": "They fill a cart and buy for the first time.",
                "de": "Sie füllen einen Warenkorb und kaufen zum ersten Mal.",
            },
            "rules": [
                {"when": [{"field": "kind", "prefix": "cart."}]},
                {"when": [{"field": "kind", "prefix": "checkout."}]},
                {
                    "when": [
                        {"field": "kind", "any_of": ["email.sent", "email.click"]},
                        {"field": "property:topic", "any_of": ["reminders"]},
                    ]
                },
                _kinds(
                    "account.register",
                    "account.registered",
                    "account.confirm",
                    "order.place",
                    "order.pay",
                    "order.refused",
                ),
                _kinds("order.placed", occurrence="first"),
            ],
        },
        {
            "slug": "retention",
            "name": {"en": "Retention", "de": "Bindung"},
            "meaning": {
                "en": "They get what they bought and come back.",
                "de": "Sie bekommen ihre Ware und kommen wieder.",
            },
            "rules": [
                _kinds(
                    "order.shipped",
                    "order.delivered",
                    "order.view",
                    "order.list",
                    "order.cancel",
                    "order.cancelled",
                    "order.refunded",
                ),
                _kinds("order.placed", occurrence="repeat"),
                {
                    "when": [
                        {"field": "kind", "any_of": ["email.sent", "email.click"]},
                        {"field": "property:topic", "any_of": ["reminders"], "negated": True},
                    ]
                },
                _kinds(
                    "account.login",
                    "account.logged_in",
                    "account.update",
                    "account.address",
                    "newsletter.subscribe",
                ),
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
                _kinds(
                    "feedback.given",
                    "feedback.give",
                    "review.write",
                    "answer.write",
                    "referral.share",
                    "social.share",
                    "social.mention",
                )
            ],
        },
    ],
}
