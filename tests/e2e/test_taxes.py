"""The story of a business that buys from another EU country."""

from __future__ import annotations

import uuid
from typing import Any

from stack.shoppers.shopper import ADDRESS, CARD_OK, Api

ROME = {
    **ADDRESS, "street_address": "Via del Corso 1", "postal_code": "00186", "address_region": "RM",
    "address_locality": "Roma", "address_country": "IT",
}  # fmt: skip
# The stand-in of the authority takes the first for valid, and does not answer on the second.
CONFIRMED, SILENT = "IT00743110157", "IT00000010611"


def total_of(document: Any) -> int:
    [total] = [each for each in document["totals"] if each["type"] == "total"]
    return int(total["amount"]["amount_minor"])


async def test_a_business_with_a_vat_id_pays_no_tax_and_a_silent_authority_means_tax(
    shopper: Api, variant: str
) -> None:
    cart = await shopper.start_cart((variant, 1))
    chosen = {
        "cart_id": cart["id"], "email": f"{uuid.uuid4().hex}@example.com",
        "delivery_address": ROME, "delivery_option_id": "standard",
        "payment_method_id": "card", "payment_token": CARD_OK,
    }  # fmt: skip
    private = (await shopper.call("POST", "/v1/checkouts", chosen)).body
    path = f"/v1/checkouts/{private['id']}"

    silent = (await shopper.call("PATCH", path, {"vat_id": SILENT})).body
    business = (await shopper.call("PATCH", path, {"vat_id": CONFIRMED})).body
    total = next(each["amount"] for each in business["totals"] if each["type"] == "total")
    order = (await shopper.call("POST", f"{path}/complete", {"expected_total": total})).body

    tax = sum(line["amount"]["amount_minor"] for line in private["tax_lines"])
    assert tax > 0
    assert silent["vat_id"]["status"] == "unconfirmed"
    assert "vat_id_unconfirmed" in [message["code"] for message in silent["messages"]]
    assert total_of(silent) == total_of(private)
    assert total_of(order) == total_of(private) - tax
    assert [(line["category"], line["reason_code"]) for line in order["tax_lines"]] == [
        ("K", "VATEX-EU-IC")
    ]
    assert order["taxation"]["vat_id"]["status"] == "valid"
