"""Facts of the API's documents that the upgrade compares, for the recorder and the story."""

from __future__ import annotations

from typing import Any

Document = dict[str, Any]


def total_of(document: Document) -> int:
    """The total of a cart, a checkout or an order in minor units."""
    return int(
        next(
            total["amount"]["amount_minor"]
            for total in document["totals"]
            if total["type"] == "total"
        )
    )


def lines_of(document: Document) -> list[Document]:
    """SKU, title, quantity and total of each line of a cart or an order."""
    return [
        {
            "sku": item["sku"],
            "title": item["title"],
            "quantity": item["quantity"]["steps"],
            "total_minor": item["total"]["amount_minor"],
        }
        for item in (line["item"] for line in document["lines"])
    ]


def cart_facts(cart: Document) -> Document:
    """Returns the facts of a cart that a shopper reads."""
    return {"id": cart["id"], "total_minor": total_of(cart), "lines": lines_of(cart)}


def money_of(order: Document) -> Document:
    """Returns the captured and refunded amounts of an order in minor units."""
    return {
        name: sum(payment[name]["amount_minor"] for payment in order["payments"])
        for name in ("captured", "refunded")
    }


def order_facts(order: Document) -> Document:
    """Returns the facts of an order that a customer reads."""
    return {
        "id": order["id"],
        "number": order["number"],
        "status": order["status"],
        "total_minor": total_of(order),
        "lines": lines_of(order),
        "history": [event["status"] for event in order["history"]],
        **money_of(order),
    }


def level_facts(stock: Document) -> list[int]:
    """Units on hand and units reserved of one SKU, over all warehouses."""
    return [sum(level[name] for level in stock["levels"]) for name in ("on_hand", "reserved")]


def mail_facts(messages: list[Document]) -> list[list[str]]:
    """Template and state of mails, sorted."""
    return sorted([mail["template"], mail["state"]] for mail in messages)


def touchpoint_facts(journey: Document) -> list[list[str]]:
    """Kind and stage of a journey's touchpoints, in its order."""
    return [[touchpoint["kind"], touchpoint["stage"]] for touchpoint in journey["touchpoints"]]
