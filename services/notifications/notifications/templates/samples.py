"""Sample variables of each template, for previews and tests."""

from typing import Any, Final

_LINES: Final = [
    {
        "title": "Trail Runner 3", "options": "Colour: moss, Size: 42", "quantity": 1,
        "image_url": "",
        "total": {"amount_minor": 12_900, "currency": "EUR"},
    },
    {"title": "Yoga Mat »Flow«", "options": "", "quantity": 2, "image_url": "",
    "total": {"amount_minor": 7_980, "currency": "EUR"}},
    {
        "title": "Rope by the metre", "options": "", "quantity": 350, "scale": 2,
        "unit_code": "MTR", "image_url": "",
        "total": {"amount_minor": 700, "currency": "EUR"},
    },
]  # fmt: skip
_BARE_LINES: Final = [{**line, "total": None} for line in _LINES]
_ORDER: Final = {"number": "S-100042", "first_name": "Ana"}

_ALERT: Final = {
    "title": "Trail Runner 3",
    "options": "Colour: moss",
    "product_slug": "trail-runner-3",
    "price": {"amount_minor": 9_900, "currency": "EUR"},
    "end_token": "a-token-that-ends-nothing",
}

SAMPLES: Final[dict[str, dict[str, Any]]] = {
    "welcome": {"first_name": "Ana"},
    "order_confirmation": {
        **_ORDER,
        "lines": _LINES,
        "placed_on": "2026-03-02",
        "totals": [
            {"type": "subtotal", "amount": {"amount_minor": 21_580, "currency": "EUR"}},
            {
                "type": "discount",
                "label": "WELCOME10",
                "amount": {"amount_minor": -2_158, "currency": "EUR"},
            },
            {"type": "fulfillment", "amount": {"amount_minor": 490, "currency": "EUR"}},
            {"type": "tax_included", "amount": {"amount_minor": 3_179, "currency": "EUR"}},
            {"type": "total", "amount": {"amount_minor": 19_912, "currency": "EUR"}},
        ],
        "delivery": {"title": "Standard", "earliest_on": "2026-03-05", "latest_on": "2026-03-07"},
        "address_lines": ["Ana Roth", "Unter den Linden 1", "10117 Berlin"],
        "country": "DE",
        "transfer": {
            "amount": {"amount_minor": 19_912, "currency": "EUR"},
            "reference": "RF18 5390 0754 7034",
            "instructions": "IBAN DE89 3704 0044 0532 0130 00",
            "due_on": "2026-03-16",
        },
        "gift_messages": [
            {
                "title": "Trail Runner 3",
                "message": "Run well!",
                "sender_name": "Ana",
                "recipient_name": "Ben",
            }
        ],
    },
    "order_shipped": {
        **_ORDER,
        "lines": _BARE_LINES,
        "carrier": "DHL",
        "tracking_number": "00340434161094042557",
        "tracking_url": "https://tracking.example/00340434161094042557",
    },
    "shipment_late": {
        **_ORDER,
        "lines": _BARE_LINES,
        "promised_on": "2026-03-06",
        "carrier": "DHL",
        "tracking_number": "00340434161094042557",
        "tracking_url": "https://tracking.example/00340434161094042557",
    },
    "order_documents": {
        **_ORDER,
        "documents": [
            {
                "kind": "invoice",
                "number": "INV-2026-000042",
                "issued_on": "2026-03-03",
                "amount": {"amount_minor": 19_912, "currency": "EUR"},
                "token": "a-token-that-reads-nothing",
            }
        ],
        "links_end_on": "2026-04-02",
    },
    "order_ready_for_pickup": {
        **_ORDER,
        "lines": _BARE_LINES,
        "code": "204815",
        "keeps_until": "2026-03-14",
        "address_lines": ["Sojourn Mitte", "Torstr. 1", "10119 Berlin"],
        "country": "DE",
    },
    "pickup_reminder": {
        **_ORDER,
        "lines": _BARE_LINES,
        "code": "204815",
        "keeps_until": "2026-03-14",
        "address_lines": ["Sojourn Mitte", "Torstr. 1", "10119 Berlin"],
        "country": "DE",
    },
    "digital_goods_delivered": {
        **_ORDER,
        "goods": [
            {
                "title": "Trail Atlas",
                "options": "Edition: Alps",
                "licence_keys": ["AAAA-BBBB-CCCC-0001"],
                "files": [{"name": "atlas.pdf", "token": "a-token-that-downloads-nothing"}],
            }
        ],
        "links_end_on": "2026-03-12",
    },
    "gift_card": {
        "code": "ABCD-EFGH-JKLM-NPQR",
        "amount": {"amount_minor": 5_000, "currency": "EUR"},
        "recipient_name": "Ana",
        "sender_name": "Ben",
        "message": "All the best!",
        "expires_on": "2029-03-12",
    },
    "order_delivered": {**_ORDER, "lines": _BARE_LINES, "asks_survey": True},
    "order_cancelled": {
        **_ORDER,
        "lines": _BARE_LINES,
        "total": {"amount_minor": 19_912, "currency": "EUR"},
    },
    "order_refunded": {**_ORDER, "amount": {"amount_minor": 7_980, "currency": "EUR"}},
    "order_lines_cancelled": {
        **_ORDER,
        "lines": _BARE_LINES,
        "refunded": {"amount_minor": 7_980, "currency": "EUR"},
    },
    "order_return": {
        **_ORDER,
        "lines": _BARE_LINES,
        "status": "accepted",
        "shop_note": "Please use the box that it came in.",
        "label_url": "https://labels.example/0034",
        "address_lines": ["Sojourn Returns", "Hauptstr. 5", "10115 Berlin"],
        "country": "DE",
    },
    "cart_reminder": {
        "first_name": "Ana",
        "lines": _BARE_LINES,
        "subtotal": {"amount_minor": 21_580, "currency": "EUR"},
        "restore_token": "a-token-that-restores-nothing",
    },
    "survey": {
        "token": "a-token-that-answers-nothing",
        "question": "How satisfied are you?",
        "lowest": 1,
        "highest": 5,
    },
    "confirm_email": {"token": "a-token-that-confirms-nothing"},
    "confirm_reminders": {"token": "a-token-that-confirms-nothing"},
    "email_in_use": {},
    "account_erased": {},
    "organization_invitation": {"organization": "Miller Tools", "expires_on": "2026-03-09"},
    "login_link": {"token": "a-token-that-opens-nothing"},
    "confirm_alert": {
        "token": "a-token-that-starts-nothing",
        "end_token": "a-token-that-ends-nothing",
    },
    "back_in_stock": _ALERT,
    "price_drop": {**_ALERT, "price_before": {"amount_minor": 12_900, "currency": "EUR"}},
    "draft_order": {
        "token": "a-token-that-pays-nothing",
        "total": {"amount_minor": 19_912, "currency": "EUR"},
        "expires_on": "2026-03-16",
    },
    "order_link": {"number": "S-100042", "token": "a-token-that-opens-nothing"},
    "staff_notice": {
        "kind": "dispute_opened",
        "number": "S-100042",
        "amount": {"amount_minor": 19_912, "currency": "EUR"},
        "reason": "fraudulent",
        "due_on": "2026-03-16",
        "due_time": "23:59",
    },
}
