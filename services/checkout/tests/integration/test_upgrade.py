"""A database of an older release is migrated, and read as if this release had written it."""

import asyncio
from datetime import date
from decimal import Decimal
from uuid import UUID

import psycopg
import pytest
from psycopg import sql

from chassis.data.database import Database
from chassis.data.migrations import upgrade
from chassis.runtime.clock import Clock, uuid7
from chassis.testing import eur, superuser_dsn, superuser_url
from chassis.totals import TotalType
from checkout.checkouts.model import Checkout, CheckoutStatus
from checkout.orders.messages import order_to_proto
from checkout.orders.queries import get_order
from sojourn.checkout.v1.checkout_pb2 import ORDER_STATUS_PLACED
from sojourn.common.v1.money_pb2 import TOTAL_TYPE_SUBTOTAL, TOTAL_TYPE_TOTAL
from sojourn.common.v1.quantity_pb2 import Quantity

# As releases before units of order lines wrote them.
OLDER_ORDER = """
INSERT INTO checkout (id, version, owner_id, owner_kind, channel_id, cart_id, currency, locale,
status, email, delivery_address,
    delivery_option_id, payment_method_id, payment_token, order_id, continue_url, created_at,
    expires_at)
VALUES (%(checkout)s, 4, %(owner)s, 'guest', 'default', %(cart)s, 'EUR', 'de', 'completed',
'ada@example.org',
    '{"last_name": "Lovelace", "address_country": "DE"}', 'standard', 'card', '', %(order)s, '',
    '2026-01-09Z', '2026-01-10Z');
INSERT INTO orders (id, version, number, owner_id, channel_id, checkout_id, cart_id, cart_version,
currency, locale, status, begun,
    refusal_reason, refusal_metadata, email, delivery_address, delivery_option, totals, tax_lines,
    promotion_codes, total_minor, created_at,
    expires_at, placed_at)
VALUES (%(order)s, 3, 'S-100001', %(owner)s, 'default', %(checkout)s, %(cart)s, 2, 'EUR', 'de',
'placed', 'confirm', '', '{}',
    'ada@example.org', '{"last_name": "Lovelace", "address_country": "DE"}',
    '{"id": "standard", "title": "Standard delivery", "price_minor": 490, "currency": "EUR",
      "earliest_on": "2026-01-13",
      "latest_on": "2026-01-14"}',
    '[{"type": "subtotal", "label": "", "amount_minor": 2000},
      {"type": "total", "label": "", "amount_minor": 2490}]',
    '[{"title": "VAT 19 %%", "rate": "0.19", "amount_minor": 398, "is_included": true}]',
    '["welcome"]', 2490, '2026-01-09Z', '2026-01-10Z',
    '2026-01-09Z');
INSERT INTO order_line (id, order_id, position, variant_id, product_id, sku, title, options,
product_slug, image_url, quantity,
    unit_price_minor, discount_minor, total_minor, tax_minor, tax_class, shipped_quantity)
VALUES (%(line)s, %(order)s, 0, %(variant)s, 'p', 'SKU', 'Tea', '', 'tea', '', 2, 1000, 0, 2000,
319, 'standard', 0);
"""


@pytest.fixture
def older_database() -> str:
    name = f"t_checkout_older_{uuid7().hex[-12:]}"
    with psycopg.connect(superuser_dsn(), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    url = superuser_url(name)
    upgrade(url, "checkout", revision="0003")
    return url


async def test_an_order_of_an_older_release_reads_as_one_of_this(older_database: str) -> None:
    ids = {name: uuid7() for name in ("checkout", "order", "owner", "cart", "line", "variant")}
    with psycopg.connect(older_database, cursor_factory=psycopg.ClientCursor) as connection:
        connection.execute(OLDER_ORDER, ids)

    await asyncio.to_thread(upgrade, older_database, "checkout")

    database = Database(older_database, source="checkout", clock=Clock(is_virtual=True))
    await database.open()
    try:
        async with database.read() as read:
            view = await get_order(read, ids["order"])
            checkout = await read.get(Checkout, ids["checkout"])
    finally:
        await database.close()
    order, (line,) = view.order, view.lines
    assert (order.delivery_option.earliest_on, order.delivery_option.price_minor) == (
        date(2026, 1, 13),
        490,
    )
    assert [(entry.type, entry.amount_minor) for entry in order.totals] == [
        (TotalType.SUBTOTAL, 2000),
        (TotalType.TOTAL, 2490),
    ]
    assert (order.tax_lines[0].rate, order.tax_lines[0].is_included) == (Decimal("0.19"), True)
    assert (line.quantity, line.scale, line.increment, line.unit_code, line.mass_grams) == (
        2,
        0,
        1,
        "C62",
        0,
    )
    assert checkout is not None
    assert checkout.status is CheckoutStatus.COMPLETED
    shown = order_to_proto(view)
    item = shown.lines[0].item
    assert item.quantity == Quantity(steps=2, increment=1, unit_code="C62")
    assert (item.unit_price, item.subtotal, item.discount, item.total) == (
        eur(10_00),
        eur(20_00),
        eur(0),
        eur(20_00),
    )
    assert (shown.status, [entry.type for entry in shown.totals]) == (
        ORDER_STATUS_PLACED,
        [TOTAL_TYPE_SUBTOTAL, TOTAL_TYPE_TOTAL],
    )
    assert (shown.tax_lines[0].rate, shown.delivery_option.earliest_on, UUID(shown.id)) == (
        "0.19",
        "2026-01-13",
        ids["order"],
    )
