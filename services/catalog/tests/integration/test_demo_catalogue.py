from __future__ import annotations

from itertools import islice

from google.protobuf import json_format

from services.catalog.tests.catalog_replica import Replica
from sojourn.catalog.v1 import catalog_pb2 as pb
from stack.shoppers import demo_catalogue


def test_the_demo_catalogue_is_the_same_each_time() -> None:
    assert list(demo_catalogue.products(50)) == list(islice(demo_catalogue.products(1_000), 50))


async def test_the_demo_catalogue_can_be_imported_and_looked_at(shop: Replica) -> None:
    categories = [
        json_format.ParseDict(each, pb.CategoryInput()) for each in demo_catalogue.categories()
    ]
    products = [
        json_format.ParseDict(each, pb.ProductInput()) for each in demo_catalogue.products(300)
    ]
    pages = [json_format.ParseDict(each, pb.PutPageRequest()) for each in demo_catalogue.pages()]

    await shop.import_categories(*categories)
    imported = await shop.import_products(*products, source=demo_catalogue.SOURCE)
    for page in pages:
        await shop.as_staff(shop.admin.PutPage, page)

    assert (len(categories), imported.created) == (40, 300)
    results = await shop.found("", count=300)
    assert {"category", "price", "availability", "brand", "material", "Size"} <= {
        facet.name for facet in results.facets
    }
    shown = await shop.ask(
        shop.catalog.GetPage,
        pb.GetPageRequest(slug=pages[0].slug, view=pb.View(locale="de", currency="GBP")),
    )
    assert len(shown.products) == len(pages[0].product_slugs) > 3
