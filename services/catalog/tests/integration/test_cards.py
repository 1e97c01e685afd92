"""Cards that a process keeps."""

from uuid import UUID

from catalog.channels.model import View
from catalog.listings.cards import Cards
from chassis.data.database import Database
from services.catalog.tests.catalog_replica import Replica, a_product


async def test_cards_are_bounded_in_bytes(shop: Replica, database: Database) -> None:
    imported = await shop.import_products(*(a_product(f"Tent {number}") for number in range(20)))
    product_ids = [UUID(id) for id in imported.product_ids]
    cards, views = (
        Cards(most_bytes=3_000),
        [View("default", locale, "EUR") for locale in ("en", "de")],
    )

    async with database.read() as read:
        for view in views:
            assert len(await cards.load(read, view, product_ids)) == 20
            assert 0 < cards.size_bytes <= 3_000

    cards.forget(product_ids)
    assert cards.size_bytes == 0
