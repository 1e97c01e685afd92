"""The 35 steps of a commerce platform, and what in the platform serves each.

The names of steps are those of the published journey of a commerce platform. An endpoint is named
by a regular expression for its method and path, an event by its message.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a shopper's journey. `missing` tells what of it the platform does not do."""

    stage: str
    name: str
    endpoints: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    missing: str = ""


_AWARENESS: Final = "Awareness"
_CONSIDERATION: Final = "Consideration"
_ACQUISITION: Final = "Acquisition"
_ANY: Final = "[A-Z]+ "
_STAFF: Final = f"{_ANY}/v1/staff"
STEPS: Final = (
    Step(
        _AWARENESS,
        "SEO",
        ("GET /v1/(robots.txt|sitemap.xml|sitemaps/.*)", f"{_STAFF}/(seo|storefronts)(/.*)?"),
        ("ProductChanged", "CategoryChanged", "PageChanged"),
    ),
    Step(
        _AWARENESS,
        "Social",
        ("GET /v1/s/{code}", "POST /v1/shares", f"{_STAFF}/share-links(/.*)?"),
    ),
    Step(
        _AWARENESS,
        "Remarketing",
        ("GET /v1/feeds/.*", "POST /v1/carts/restore", "GET /v1/mails/.*"),
        ("CartAbandoned", "CartReminderRequested", "CartRestored"),
    ),
    Step(
        _AWARENESS,
        "Newsletter",
        (
            "[A-Z]+ /v1/me/(preferences|consents)",
            "POST /v1/(unsubscribe|subscriptions/confirm)",
            f"{_STAFF}/messages(/.*)?",
        ),
        ("ConsentChanged", "MessageSent", "MessageFailed"),
        "campaigns of newsletters that staff write",
    ),
    Step(_CONSIDERATION, "Homepage", ("GET /v1/home", "GET /v1/blocks/.*"), ("PageChanged",)),
    Step(
        _CONSIDERATION,
        "Landing page",
        ("GET /v1/pages/{slug}", "POST /v1/page-previews", f"{_STAFF}/content-pages(/.*)?"),
        ("PageChanged",),
    ),
    Step(
        _CONSIDERATION,
        "Navigation / main menu",
        (
            "GET /v1/menus/{code}",
            "GET /v1/categories(/.*)?",
            f"{_STAFF}/(menus|categories)(/.*)?",
        ),
        ("CategoryChanged", "CategoryDeleted"),
    ),
    Step(
        _CONSIDERATION,
        "Forms",
        (
            "[A-Z]+ /v1/surveys(/.*)?",
            "POST /v1/feedback",
            "POST /v1/products/{slug}/questions",
            f"{_STAFF}/(surveys|survey-rules|follow-ups)(/.*)?",
        ),
        missing="forms of any fields that a merchant draws, such as one for contact",
    ),
    Step(
        _CONSIDERATION,
        "Product search",
        (
            "GET /v1/search(/.*)?",
            f"{_STAFF}/(search|merchandising-rules|attribute-texts)(/.*)?",
            "POST /v1/staff/questions/searches",
        ),
    ),
    Step(
        _CONSIDERATION,
        "Product page",
        (
            "GET /v1/products/{slug}",
            "GET /v1/comparisons",
            "[A-Z]+ /v1/products/{slug}/(reviews|questions)",
            "[A-Z]+ /v1/(reviews|product-questions|product-answers)/.*",
            "[A-Z]+ /v1/me/(reviews|product-questions)(/.*)?",
            "GET /v1/media/{id}",
            f"{_STAFF}/(products|media|media-uploads|attribute-definitions)(/.*)?",
            f"{_STAFF}/(reviews|product-questions|product-answers|bundles)(/.*)?",
        ),
        ("ProductChanged", "ProductDeleted"),
    ),
    Step(
        _CONSIDERATION,
        "Pricing",
        (
            f"{_STAFF}/(price-lists|price-override-settings)(/.*)?",
            "PUT /v1/carts/{cart_id}/lines/{line_id}/price",
        ),
        ("ProductChanged", "CartPriceOverridden", "VariantCostChanged"),
    ),
    Step(
        _CONSIDERATION,
        "Inventory",
        (
            f"{_STAFF}/(stock|stock-levels|stock-adjustments|stock-transfers)(/.*)?",
            f"{_STAFF}/(stock-policies|stock-movements|warehouses)(/.*)?",
        ),
        ("ReservationExpired",),
    ),
    Step(
        _CONSIDERATION,
        "Promotions",
        ("[A-Z]+ /v1/carts/{cart_id}/coupons(/.*)?", f"{_STAFF}/promotions(/.*)?"),
    ),
    Step(
        _CONSIDERATION,
        "Wishlists",
        ("[A-Z]+ /v1/(me/)?wishlists?(/.*)?", "POST /v1/carts/{cart_id}/save"),
        missing="lists of a customer's own beside the saved cart",
    ),
    Step(
        _CONSIDERATION,
        "Static content",
        (
            "GET /v1/pages/{slug}",
            "GET /v1/blocks/.*",
            "PUT /v1/staff/pages/{slug}",
            f"{_STAFF}/content-pages(/.*)?",
        ),
        ("PageChanged",),
    ),
    Step(
        _CONSIDERATION,
        "Mobile app",
        ("POST /v1/touchpoints", "POST /v1/sessions/(refresh|guest)"),
        ("TouchpointBatch",),
        "push messages, and links that open the app",
    ),
    Step(
        _CONSIDERATION,
        "Omnichannel (POC, CS)",
        (
            "GET /v1/pickup-locations(/.*)?",
            f"{_STAFF}/(pickup-locations|draft-orders|shopper-sessions)(/.*)?",
            "POST /v1/staff/orders/{order_id}/(ready-for-pickup|collect)",
            "[A-Z]+ /v1/checkouts/({checkout_id}/draft-order|links/.*)",
            f"{_STAFF}/(journeys|people)(/.*)?",
        ),
        ("CartMerged", "OrderDelivered"),
    ),
    Step(
        _ACQUISITION,
        "Shopping cart",
        ("[A-Z]+ /v1/carts(/current|/restore|/{cart_id}(/lines.*)?)?",),
        ("CartLineAdded", "CartMerged", "CartAbandoned"),
    ),
    Step(
        _ACQUISITION,
        "Upsell",
        (
            "GET /v1/recommendations",
            f"{_STAFF}/(products/{{product_id}}/related|relation-rules)(/.*)?",
        ),
    ),
    Step(
        _ACQUISITION,
        "Unavailable items",
        ("[A-Z]+ /v1/(subscriptions|me)/alerts(/.*)?", f"{_STAFF}/stock-policies/.*"),
        ("ReservationExpired", "OrderRefused"),
    ),
    Step(
        _ACQUISITION,
        "Registration",
        ("POST /v1/customers(/confirm)?", "POST /v1/me/confirmation"),
        (
            "CustomerRegistered",
            "EmailConfirmationRequested",
            "EmailConfirmed",
            "KnownEmailRegistered",
        ),
    ),
    Step(
        _ACQUISITION,
        "Login",
        ("POST /v1/sessions(/link|/refresh|/logout|/api-key)?",),
        ("CustomerLoggedIn", "LoginLinkRequested"),
    ),
    Step(
        _ACQUISITION,
        "Guest visitor",
        ("POST /v1/sessions/guest", "[A-Z]+ /v1/touchpoints", "POST /v1/orders/links.*"),
        ("CartMerged", "OrderLinkRequested"),
    ),
    Step(
        _ACQUISITION,
        "Quick checkout",
        (
            "POST /v1/checkouts",
            "POST /v1/checkouts/{checkout_id}/complete",
            "POST /v1/orders/{order_id}/reorder",
        ),
        ("CheckoutStarted", "OrderPlaced"),
    ),
    Step(
        _ACQUISITION,
        "Delivery options",
        (
            "GET /v1/pickup-locations(/.*)?",
            f"{_STAFF}/(delivery|delivery-.*)(/.*)?",
        ),
    ),
    Step(
        _ACQUISITION,
        "Payment options",
        (
            "POST /v1/orders/{order_id}/payment/continue",
            "POST /v1/webhooks/payments/{provider}",
            "[A-Z]+ /v1/(gift-cards|checkouts/{checkout_id}/gift-cards)(/.*)?",
            "GET /v1/orders/{order_id}/gift-cards",
            f"{_STAFF}/(payment-methods|credit-limits|bank-transfers)(/.*)?",
            f"{_STAFF}/(gift-cards|gift-card-settings|gift-card-variants)(/.*)?",
        ),
        ("OrderPlaced", "OrderRefused", "OrderRefunded"),
    ),
    Step(
        _ACQUISITION,
        "Invoicing",
        (
            "[A-Z]+ /v1/orders/.*document.*",
            f"{_STAFF}/(documents|legal-entities|journal-accounts)(/.*)?",
            "GET /v1/staff/orders/{order_id}/pro-forma",
        ),
    ),
    Step(_ACQUISITION, "Taxation", (f"{_STAFF}/tax-.*",)),
    Step(
        _ACQUISITION,
        "Checkout",
        (
            "[A-Z]+ /v1/checkouts(/{checkout_id}(/complete)?)?",
            "[A-Z]+ /v1/(addresses/check|address-formats/{country})",
        ),
        ("CheckoutStarted", "OrderPlaced", "OrderRefused"),
    ),
    Step(
        _ACQUISITION,
        "Shipping tracking",
        (
            "GET /v1/orders/{order_id}/(timeline|pickup-code|tracking)",
            "POST /v1/orders/links/tracking",
            "POST /v1/webhooks/carriers/{carrier}",
            f"{_STAFF}/orders/({{order_id}}/)?shipments.*",
            "GET /v1/staff/orders/{order_id}/(timeline|tracking)",
        ),
        ("OrderShipped", "OrderDelivered", "ShipmentLate"),
    ),
    Step(
        _ACQUISITION,
        "My account data",
        ("[A-Z]+ /v1/me(/erasure|/addresses.*|/journey|/consents)?",),
        ("ConsentChanged", "CustomerErased"),
    ),
    Step(
        _ACQUISITION,
        "Order history",
        (
            "GET /v1/orders(/{order_id})?",
            "POST /v1/orders/{order_id}/(cancel|cancellations|reorder)",
            "[A-Z]+ /v1/(returns|return-reasons)(/.*)?",
            "POST /v1/orders/{order_id}/returns",
            "GET /v1/(orders/{order_id}/digital-goods|downloads/{token})",
            f"{_STAFF}/(orders|returns|return-reasons|after-sale-settings|order-export)(/.*)?",
        ),
        ("OrderCancelled", "OrderLinesCancelled", "OrderRefunded"),
    ),
    Step(
        _ACQUISITION,
        "Customer company data (B2B)",
        ("[A-Z]+ /v1/(staff/)?(me/)?(organizations?|companies)(/.*)?",),
        missing="organizations with their data, which only credit limits and groups name today",
    ),
    Step(
        _ACQUISITION,
        "Register additional users in B2B",
        ("[A-Z]+ /v1/(staff/)?organizations/{[a-z_]+}/(members|invitations)(/.*)?",),
        missing="invitations of an organization's members",
    ),
    Step(
        _ACQUISITION,
        "B2B assigning roles to users",
        ("[A-Z]+ /v1/(staff/)?organizations/{[a-z_]+}/(roles|members/.*)",),
        missing="roles in an organization",
    ),
)
