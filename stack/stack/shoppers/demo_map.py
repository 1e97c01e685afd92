"""The map of the demo's month: what a team would draw about it, and a tour of five steps."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from stack.shoppers.demo_month import DAYS, month_before

SLUG: Final = "demo-month"
SEGMENT: Final = "demo-phones"
SEGMENT_BODY: Final = {"name": "Phones", "filter": {"devices": ["phone"]}}


def _rule(*kinds: str, outcome: str = "ok", is_placed_only: bool = False) -> dict[str, Any]:
    when = [{"field": "kind", "any_of": list(kinds)}]
    if outcome:
        when.append({"field": "outcome", "any_of": [outcome]})
    return {"when": when, "is_placed_only": is_placed_only}


def demo_map(today: date) -> dict[str, Any]:
    """Returns the map of the month that ends the day before `today`."""
    return {
        "name": {"en": "A month of a demo shop", "de": "Ein Monat eines Demo-Shops"},
        "description": {
            "en": f"These numbers are of no real shop: a seeded generator made {DAYS} days of "
            "visits, in which payments on phones become slow. The shopper of the demo is in "
            "them too.",
            "de": f"Diese Zahlen sind von keinem echten Shop: Ein Generator mit festem "
            f"Startwert hat {DAYS} Tage Besuche erzeugt, in denen Zahlungen auf Handys langsam "
            "werden. Auch die Käuferin der Demo ist darin.",
        },
        "lanes": ["front stage", "back stage"],
        "personas": [
            {
                "slug": "commuter",
                "name": "Mara, on the train",
                "traits": ["shops on her phone", "has ten minutes"],
                "goals": ["be done before her stop"],
                "pains": ["waiting without knowing for what"],
                "segment": SEGMENT,
            }
        ],
        "stages": [_arrive(), _choose(), _decide(), _pay(), _get()],
        "kpis": [{"name": "Payments under 3 s", "target": 95, "unit": "%"}],
        "details": {"tour": _tour(today), "source": "make demo"},
    }


def _arrive() -> dict[str, Any]:
    return {
        "slug": "arrive",
        "name": {"en": "Arrive", "de": "Ankommen"},
        "meaning": {"en": "They land on the shop.", "de": "Sie landen im Shop."},
        "rules": [_rule("page.view")],
        "goals": ["see whether this shop is for me"],
        "emotions": ["curious"],
        "cells": [_cell("front stage", "landing page"), _cell("back stage", "web, gateway")],
        "sub_stages": ["advertisement", "landing page"],
        "emotion_level": 1,
    }


def _choose() -> dict[str, Any]:
    return {
        "slug": "choose",
        "name": {"en": "Choose", "de": "Aussuchen"},
        "meaning": {"en": "They search and compare.", "de": "Sie suchen und vergleichen."},
        "rules": [_rule("search", "category.view", "product.view")],
        "actions": ["search", "look at three products"],
        "emotions": ["hopeful"],
        "pain_points": [{"text": "“rain jacket” finds nothing", "impact": "workaround"}],
        "cells": [_cell("front stage", "search, product page"), _cell("back stage", "catalog")],
        "sub_stages": ["search", "product page"],
        "emotion_level": 2,
    }


def _decide() -> dict[str, Any]:
    return {
        "slug": "decide",
        "name": {"en": "Decide", "de": "Entscheiden"},
        "meaning": {
            "en": "They fill a cart and begin to check out.",
            "de": "Sie füllen einen Warenkorb und gehen zur Kasse.",
        },
        "rules": [_rule("cart.line_added", "checkout.started", "checkout.update")],
        "actions": ["fill the cart", "type the address"],
        "emotions": ["eager"],
        "moments_of_truth": ["the total with delivery"],
        "cells": [_cell("front stage", "cart, checkout"), _cell("back stage", "cart, checkout")],
        "sub_stages": ["cart", "address", "delivery"],
        "emotion_level": 2,
    }


def _pay() -> dict[str, Any]:
    return {
        "slug": "pay",
        "name": {"en": "Pay", "de": "Bezahlen"},
        "meaning": {
            "en": "They pay; whoever bought has reached it.",
            "de": "Sie bezahlen; erreicht hat es, wer gekauft hat.",
        },
        "rules": [
            _rule("order.placed"),
            _rule("order.pay", "order.place", "order.refused", outcome="", is_placed_only=True),
        ],
        "actions": ["tap “buy now”", "wait"],
        "emotions": ["nervous", "annoyed when it takes ten seconds"],
        "moments_of_truth": ["the seconds after “buy now”"],
        "pain_points": [{"text": "Payment on phones is slow or fails", "impact": "abandons"}],
        "owned_opportunities": [
            {"text": "Answer at once, capture later", "owner": "Payments team"}
        ],
        "kpis": [{"name": "p95 of payments in s", "target": 3, "unit": "s"}],
        "cells": [
            _cell("front stage", "payment page"),
            _cell("back stage", "checkout, payment provider"),
        ],
        "sub_stages": ["card", "confirmation"],
        "emotion_level": -2,
    }


def _get() -> dict[str, Any]:
    return {
        "slug": "get",
        "name": {"en": "Get it", "de": "Bekommen"},
        "meaning": {"en": "It arrives, and they keep it.", "de": "Es kommt an und bleibt."},
        "rules": [
            _rule("order.delivered"),
            _rule("order.shipped", "return.requested", "review.write", outcome="",
                  is_placed_only=True),
        ],
        "goals": ["have it before the weekend"],
        "emotions": ["glad"],
        "cells": [_cell("front stage", "parcel, mail"), _cell("back stage", "warehouse, carrier")],
        "sub_stages": ["parcel", "first use"],
        "emotion_level": 2,
    }  # fmt: skip


def _cell(lane: str, text: str) -> dict[str, Any]:
    return {"lane": lane, "texts": [text]}


def _tour(today: date) -> list[dict[str, Any]]:
    """Returns steps with a title, a text, and the page that shows it."""
    first, slow = month_before(today)
    before, last = slow - timedelta(days=1), today - timedelta(days=1)
    errors = {
        "map": SLUG, "since": slow, "stage": "pay", "kind": "order.pay", "outcome": "error",
    }  # fmt: skip
    halves = {
        "left_map": SLUG, "left_since": first, "left_until": before, "left_segment": SEGMENT,
        "right_map": SLUG, "right_since": slow, "right_until": last, "right_segment": SEGMENT,
    }  # fmt: skip
    return [
        _step(
            ("See where people leave", "Sehen, wo Menschen gehen"),
            ("The bars are people by stage. The step to “Pay” loses more than it should: look at "
             "its seconds (p95) and its errors.",
             "Die Balken sind Personen je Phase. Zu „Bezahlen“ gehen mehr verloren als sollten: "
             "Sehen Sie auf die Sekunden (p95) und die Fehler."),
            "/studio", {"map": SLUG, "since": first},
        ),
        _step(
            ("Compare two periods", "Zwei Zeiträume vergleichen"),
            ("Phones before and since payments became slow, side by side.",
             "Handys vor und seit den langsamen Zahlungen, nebeneinander."),
            "/studio/compare", halves,
        ),
        _step(
            ("See what it costs", "Sehen, was es kostet"),
            ("PAYMENT_TIMEOUT: whom it met, how many did not buy, and the money that is likely "
             "lost by it.",
             "PAYMENT_TIMEOUT: wen es traf, wie viele nicht kauften, und welcher Umsatz dadurch "
             "wahrscheinlich fehlt."),
            "/studio/insights/pains", {"since": slow},
        ),
        _step(
            ("Open a number, then a person", "Eine Zahl öffnen, dann eine Person"),
            ("Every number leads to the people behind it. Choose one, and see their path.",
             "Jede Zahl führt zu den Personen dahinter. Wählen Sie eine und sehen Sie ihren Weg."),
            "/studio", errors,
        ),
        _step(
            ("Draw, comment and share", "Zeichnen, kommentieren, teilen"),
            ("The map is a document: see what is missing in it, edit a stage, comment on a cell, "
             "and send a link that expires.",
             "Die Karte ist ein Dokument: Sehen Sie, was fehlt, bearbeiten Sie eine Phase, "
             "kommentieren Sie ein Feld und verschicken Sie einen Link, der abläuft."),
            f"/studio/maps/{SLUG}", {},
        ),
    ]  # fmt: skip


def _step(
    title: tuple[str, str], text: tuple[str, str], path: str, query: dict[str, Any]
) -> dict[str, Any]:
    asked = urlencode({name: str(value) for name, value in query.items()})
    return {
        "title": dict(zip(("en", "de"), title, strict=True)),
        "text": dict(zip(("en", "de"), text, strict=True)),
        "link": f"{path}?{asked}" if asked else path,
    }
