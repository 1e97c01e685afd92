"""A category of thousands of products is read page by page to its end."""

from __future__ import annotations

import pytest

from services.catalog.tests.catalog_replica import Replica, a_product, a_variant
from sojourn.catalog.v1 import catalog_pb2 as pb

MANY = 3_000
PAGE_SIZE = 100
# Copies of the one product that was imported: their cards have nothing but an id (field 1).
_COPIES = """
    CREATE TEMPORARY TABLE copy AS
    SELECT ('01900000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid AS id, n
    FROM generate_series(1, {copies}) AS n;
    INSERT INTO listing (product_id, channel, listed_at)
    SELECT copy.id, channel, listed_at FROM listing CROSS JOIN copy;
    INSERT INTO listing_text
        (product_id, channel, locale, category_id, slug, title, title_key, page_part, card_part)
    SELECT copy.id, channel, locale, category_id, slug || '-' || n, title, title_key || n % 50,
        page_part, '\\x0a24'::bytea || convert_to(copy.id::text, 'UTF8')
    FROM listing_text CROSS JOIN copy;
    INSERT INTO listing_offer (product_id, channel, currency, category_id, price_minor,
        availability, facets, page_part, card_part, layout)
    SELECT copy.id, channel, currency, category_id, price_minor + n % 40, availability, facets,
        page_part, '', layout
    FROM listing_offer CROSS JOIN copy;
    DROP TABLE copy;
"""


@pytest.mark.parametrize("sort", ["NEWEST", "TITLE", "PRICE_ASCENDING", "PRICE_DESCENDING"])
async def test_a_large_category_pages_to_its_end_without_gap_or_double(
    shop: Replica, sort: str
) -> None:
    await shop.import_categories(pb.CategoryInput(slug="bolts", name={"en": "Bolts"}))
    await shop.import_products(
        a_product("Bolt", category_slug="bolts", variants=[a_variant(price=10_00)])
    )
    async with shop.database.tx() as tx:
        for statement in _COPIES.format(copies=MANY - 1).split(";")[:-1]:
            await tx.run(statement, {})

    seen: list[str] = []
    token = ""
    while True:
        page = await shop.listing("bolts", size=PAGE_SIZE, token=token, sort=f"PRODUCT_SORT_{sort}")
        seen.extend(card.id for card in page.products)
        token = page.next_page_token
        if not token:
            break

    assert len(seen) == MANY
    assert len({*seen}) == MANY
