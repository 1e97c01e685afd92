"""Orders for tests of documents, priced and taxed as checkouts are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from chassis.line_item import ItemKind, LineItem
from chassis.money import Money
from chassis.quantity import Quantity
from chassis.runtime.clock import uuid7
from checkout.checkouts.totals import Fee, price_order
from checkout.delivery.options import DeliveryOption
from checkout.documents.amounts.lines import delivery_charges, order_lines
from checkout.documents.amounts.treatments import treat_order
from checkout.documents.content import DocumentContent, Party, groups_of
from checkout.orders.model import Order, OrderLine
from checkout.taxes.calculation import TaxRule
from checkout.taxes.taxation import taxation_of

NOW = datetime(2026, 6, 1, 10, tzinfo=UTC)
SELLER = Party(
    "Example GmbH", "DE", "Main Street 1", "10115", "Berlin", vat_id="DE136695976",
    registration="HRB 1, Berlin", email="invoices@example.org",
)  # fmt: skip
BUYER = Party("Ada Lovelace", "DE", "Side Street 2", "20095", "Hamburg", vat_id="FR40303265045")


def an_item(
    price_minor: int,
    *,
    steps: int = 1,
    scale: int = 0,
    tax_class: str = "standard",
    discount_minor: int = 0,
    kind: ItemKind = ItemKind.PHYSICAL,
    currency: str = "EUR",
) -> LineItem:
    quantity = Quantity(steps, scale, 1, "C62" if scale == 0 else "KGM")
    price = Money(price_minor, currency)
    return LineItem(
        variant_id=uuid7(), product_id="p", sku="SKU-1", title="Tent", options="Colour: red",
        product_slug="tent", image_url="", quantity=quantity, unit_price=price,
        subtotal=quantity.times(price), discount=Money(-discount_minor, currency),
        tax_class=tax_class, mass_grams=0, kind=kind,
    )  # fmt: skip


def an_order(
    items: Sequence[LineItem],
    rule: TaxRule,
    *,
    delivery_minor: int = 0,
    currency: str = "EUR",
    fee_minor: int = 0,
) -> tuple[Order, list[OrderLine]]:
    """Returns an order of items, as placing makes it."""
    totals = price_order(
        items,
        fulfillment_minor=delivery_minor,
        currency=currency,
        rule=rule,
        fee=Fee("Cash on delivery", fee_minor) if fee_minor else None,
    )
    order = Order(
        id=uuid7(), owner_id=uuid7(), channel_id="default", checkout_id=uuid7(), cart_id=uuid7(),
        cart_version=1, currency=currency, locale="en-GB", email="ada@example.org",
        delivery_address={"first_name": "Ada", "address_country": rule.place.country},
        delivery_option=DeliveryOption(
            "standard", "Standard", delivery_minor, currency, NOW.date(), NOW.date()
        ),
        totals=totals.entries, tax_lines=list(totals.taxes.tax_lines), promotion_codes=[],
        total_minor=totals.total_minor, created_at=NOW, expires_at=NOW, number="S-1",
        taxation=taxation_of(
            totals.taxes, rule.relief, rule.buyer.vat_id, rule.ioss_number
        ),
    )  # fmt: skip
    lines = [
        _line(order.id, position, item, tax)
        for position, (item, tax) in enumerate(zip(items, totals.taxes.of_lines_minor, strict=True))
    ]
    return order, lines


def _line(order_id: UUID, position: int, item: LineItem, tax_minor: int) -> OrderLine:
    return OrderLine(
        id=uuid7(), order_id=order_id, position=position, variant_id=item.variant_id,
        product_id=item.product_id, sku=item.sku, title=item.title, options=item.options,
        product_slug=item.product_slug, image_url="", quantity=item.quantity.steps,
        scale=item.quantity.scale, unit_code=item.quantity.unit_code, kind=item.kind,
        unit_price_minor=item.unit_price.amount_minor, discount_minor=item.discount.amount_minor,
        total_minor=item.total.amount_minor, tax_minor=tax_minor, tax_class=item.tax_class,
    )  # fmt: skip


def a_content(order: Order, lines: Sequence[OrderLine], /, **fields: Any) -> DocumentContent:
    """Returns the content of the invoice of an order that is not paid."""
    treatments = treat_order(order, lines)
    parts = order_lines(order, lines, treatments)
    charges = delivery_charges(order, treatments, "Standard")
    usual = {
        "number": "INV-2026-000001", "issued_on": date(2026, 6, 2), "language": "en",
        "currency": order.currency, "order_number": "S-1", "ordered_on": date(2026, 6, 1),
        "supplied_on": date(2026, 6, 2), "seller": SELLER, "seller_code": "example",
        "buyer": BUYER, "receiver": BUYER, "lines": parts, "adjustments": charges,
        "groups": groups_of(parts, charges), "payment_note": "Payable on delivery.",
    }  # fmt: skip
    return DocumentContent(**{**usual, **fields})
