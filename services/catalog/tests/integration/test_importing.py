from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from catalog.products.import_products import import_products
from chassis.data.database import Database
from chassis.rpc.errors import Denied, Invalid, NotFound, Unauthenticated
from chassis.runtime.clock import uuid7
from chassis.testing import events_of, eventually
from services.catalog.tests.catalog_replica import (
    Replica,
    a_price,
    a_product,
    a_variant,
    forget_events,
)
from sojourn.catalog.v1 import catalog_pb2 as pb
from sojourn.catalog.v1.events_pb2 import CategoryChanged, PageChanged, ProductChanged
from sojourn.common.v1.line_item_pb2 import AVAILABILITY_LOW_STOCK, AVAILABILITY_OUT_OF_STOCK


async def test_an_imported_product_is_on_its_page_at_once(shop: Replica) -> None:
    product = a_product(
        "Trail Shoe",
        title={"en": "Trail Shoe", "de": "Trailschuh"},
        description={"en": "<p>Fast &amp; <b>light</b></p>"},
        category_slug="shoes",
        attributes={"material": "Mesh"},
        images=[pb.Image(url="/media/shoe.svg", alt="a shoe")],
        variants=[a_variant(Size="42", stock=3), a_variant(Size="43", stock=0, price=60_00)],
    )
    product.variants[0].prices[0].CopyFrom(a_price(40_00, before=55_00))

    reply = await shop.import_products(product)

    assert (reply.created, reply.updated, reply.unchanged) == (1, 0, 0)
    page = await shop.product("trail-shoe", locale="de-AT")
    assert (page.id, page.title, page.description, page.version) == (
        reply.product_ids[0],
        "Trailschuh",
        "Fast & light",
        1,
    )
    assert [
        (variant.options[0].value, variant.price.amount_minor, variant.availability)
        for variant in page.variants
    ] == [
        ("42", 40_00, AVAILABILITY_LOW_STOCK),
        ("43", 60_00, AVAILABILITY_OUT_OF_STOCK),
    ]
    assert page.variants[0].compare_at.amount_minor == 55_00
    assert ([(option.name, list(option.values)) for option in page.options]) == [
        ("Size", ["42", "43"])
    ]
    assert [(crumb.slug, crumb.name) for crumb in page.breadcrumbs] == [("shoes", "Shoes")]
    assert dict(page.attributes) == {"material": "Mesh"}
    assert (await shop.product("trail-shoe", currency="USD")).variants[0].price.currency == "USD"


async def test_documents_keep_the_shape_that_databases_hold(
    shop: Replica, database: Database
) -> None:
    images, sizes = (
        [pb.Image(url="/a.svg", alt="a shoe")],
        [a_variant(Size="42"), a_variant(Size="43")],
    )
    await shop.import_products(a_product("Shoe", images=images, variants=sizes))

    async with database.read() as read:
        products = await read.fetch("SELECT title, images, options FROM product")
        variants = await read.fetch("SELECT options FROM variant ORDER BY position")

    assert products == [({"en": "Shoe"}, [["/a.svg", "a shoe"]], [["Size", ["42", "43"]]])]
    assert variants == [([["Size", "42"]],), ([["Size", "43"]],)]


async def test_a_repeated_import_changes_nothing(shop: Replica, database: Database) -> None:
    products = [a_product(f"Thing {number}") for number in range(3)]
    first = await shop.import_products(*products)
    await forget_events(database)

    again = await shop.import_products(*products)

    assert (again.created, again.updated, again.unchanged) == (0, 0, 3)
    assert list(again.product_ids) == list(first.product_ids)
    assert await events_of(database, ProductChanged, first.product_ids[0]) == []
    assert (await shop.product(id=first.product_ids[0])).version == 1


async def test_an_import_replaces_what_changed_and_keeps_ids_and_stock(
    shop: Replica, database: Database
) -> None:
    product = a_product(
        "Tee",
        variants=[
            a_variant(sku="TEE-S", stock=9, Size="S"),
            a_variant(sku="TEE-M", stock=9, Size="M"),
        ],
    )
    imported = await shop.import_products(product)
    before = await shop.product("tee")
    held = await shop.reserve({before.variants[0].id: 2})

    product.title["en"] = "Better Tee"
    del product.variants[1]
    product.variants.append(a_variant(sku="TEE-L", stock=1, Size="L", price=70_00))
    product.variants[0].initial_stock[""] = 100
    again = await shop.import_products(product)

    assert (again.created, again.updated, list(again.product_ids)) == (
        0,
        1,
        list(imported.product_ids),
    )
    page = await shop.product("tee")
    assert (page.title, page.version, [variant.sku for variant in page.variants]) == (
        "Better Tee",
        2,
        ["TEE-S", "TEE-L"],
    )
    assert page.variants[0].id == before.variants[0].id
    assert await shop.counts(page.variants[0].id) == (9, 2)
    assert (await shop.release(held.id)).status == pb.RESERVATION_STATUS_RELEASED
    assert [event.version for event in await events_of(database, ProductChanged, page.id)] == [1, 2]


async def test_what_is_no_longer_published_is_not_shown(shop: Replica) -> None:
    product = a_product("Secret")
    imported = await shop.import_products(product)
    variant_id = (await shop.product("secret")).variants[0].id

    product.published = False
    await shop.import_products(product)

    with pytest.raises(NotFound) as refusal:
        await shop.product(id=imported.product_ids[0])
    assert refusal.value.reason == "PRODUCT_NOT_FOUND"
    offers = await shop.ask(shop.catalog.GetOffers, pb.GetOffersRequest(variant_ids=[variant_id]))
    assert not offers.offers
    await shop.found("secret", count=0)


@pytest.mark.parametrize("currency", ["XXX", "THB"])
async def test_a_refused_batch_leaves_nothing_behind(
    shop: Replica, database: Database, currency: str
) -> None:
    good, bad = a_product("Good"), a_product("Bad")
    bad.variants[0].prices[0].price.currency = currency

    with pytest.raises(Invalid) as refusal:
        await shop.import_products(good, bad)

    assert refusal.value.reason == "INVALID_IMPORT"
    assert (refusal.value.metadata["line"], refusal.value.metadata["field"]) == (
        "2",
        "variants[0].prices[0].price.currency",
    )
    with pytest.raises(NotFound):
        await shop.product("good")


async def test_a_rolled_back_import_publishes_nothing(shop: Replica, database: Database) -> None:
    async with database.read() as read:
        channels = (await shop.directory.context(read)).channels

    async def fail_later() -> None:
        async with database.tx() as tx:
            await import_products(tx, channels, "test", [a_product("Ghost")])
            raise RuntimeError("something later in the transaction")

    with pytest.raises(RuntimeError):
        await fail_later()

    async with database.read() as read:
        assert await read.fetch("SELECT type FROM outbox") == []
        assert await read.fetch("SELECT id FROM product") == []


@pytest.mark.parametrize(
    ("field", "make"),
    [
        ("external_id", lambda: [a_product(external_id="same"), a_product(external_id="same")]),
        ("slug", lambda: [a_product(slug="same"), a_product(slug="same")]),
        (
            "variants[0].sku",
            lambda: [
                a_product(variants=[a_variant(sku="S")]),
                a_product(variants=[a_variant(sku="S")]),
            ],
        ),
        (
            "variants[0].initial_stock['moon']",
            lambda: [a_product(), a_product(variants=[a_variant(warehouse="moon")])],
        ),
    ],
)
async def test_two_products_do_not_share_what_names_one(
    shop: Replica, field: str, make: Callable[[], list[pb.ProductInput]]
) -> None:
    with pytest.raises(Invalid) as refusal:
        await shop.import_products(*make())

    assert (refusal.value.metadata["line"], refusal.value.metadata["field"]) == ("2", field)


async def test_products_of_one_title_get_slugs_of_their_own(shop: Replica) -> None:
    imported = await shop.import_products(a_product("Tent"), a_product("Tent"))

    slugs = [(await shop.product(id=product_id)).slug for product_id in imported.product_ids]

    assert slugs[0] == "tent"
    assert slugs[1].startswith("tent-")


async def test_one_key_imports_once_and_another_body_under_it_is_refused(shop: Replica) -> None:
    key, product = str(uuid7()), a_product("Once")

    replies = await asyncio.gather(*(shop.import_products(product, key=key) for _ in range(4)))

    assert {(reply.created, reply.product_ids[0]) for reply in replies} == {
        (1, replies[0].product_ids[0])
    }


async def test_batches_of_one_source_at_the_same_time_make_each_product_once(shop: Replica) -> None:
    products = [a_product(f"Thing {number}") for number in range(20)]

    replies = await asyncio.gather(*(shop.import_products(*products) for _ in range(3)))

    assert sorted(reply.created for reply in replies) == [0, 0, 20]
    assert sorted(reply.unchanged for reply in replies) == [0, 20, 20]


async def test_categories_are_a_tree_in_its_order(shop: Replica, database: Database) -> None:
    def a_category(slug: str, parent: str = "", position: int = 0, **name: str) -> pb.CategoryInput:
        return pb.CategoryInput(
            slug=slug, name=name or {"en": slug.title()}, parent_slug=parent, position=position
        )

    made = await shop.import_categories(
        a_category("b", position=2),
        a_category("a", position=1),
        a_category("x", "a"),
        a_category("y", "x"),
    )
    again = await shop.import_categories(a_category("x", "b", en="Ex", de="Iks"))

    assert (made.created, made.updated, again.created, again.updated) == (4, 0, 0, 2)
    listed = (await _until_listed(shop, "Iks")).categories
    assert [(c.slug, c.parent_slug, c.name) for c in listed] == [
        ("a", "", "A"),
        ("b", "", "B"),
        ("x", "b", "Iks"),
        ("y", "x", "Y"),
    ]
    async with database.read() as read:
        assert await read.fetch("SELECT path FROM category ORDER BY path") == [
            ("a",),
            ("b",),
            ("b/x",),
            ("b/x/y",),
        ]
    category_id = next(c.id for c in listed if c.slug == "x")
    assert (
        await events_of(database, CategoryChanged, category_id)
        == [CategoryChanged(category_id=category_id, slug="x")] * 2
    )


async def _until_listed(shop: Replica, name: str) -> pb.ListCategoriesResponse:
    async def listed() -> pb.ListCategoriesResponse | None:
        reply = await shop.ask(
            shop.catalog.ListCategories, pb.ListCategoriesRequest(view=pb.View(locale="de"))
        )
        return reply if any(category.name == name for category in reply.categories) else None

    found = await eventually(listed)
    assert found is not None
    return found


async def test_a_category_cannot_be_below_itself(shop: Replica) -> None:
    def a_category(slug: str, parent: str) -> pb.CategoryInput:
        return pb.CategoryInput(slug=slug, name={"en": slug}, parent_slug=parent)

    await shop.import_categories(a_category("a", ""), a_category("b", "a"), a_category("c", "b"))

    with pytest.raises(Invalid) as refusal:
        await shop.import_categories(a_category("a", "c"))

    assert refusal.value.metadata["field"] == "parent_slug"


async def test_a_landing_page_shows_its_products_in_order(
    shop: Replica, database: Database
) -> None:
    await shop.import_products(a_product("Tent"), a_product("Stove"), a_product("Mat"))
    request = pb.PutPageRequest(
        slug="summer",
        title={"en": "Summer", "de": "Sommer"},
        body={"en": "# Hot"},
        product_slugs=["stove", "tent", "mat"],
    )

    first = await shop.as_staff(shop.admin.PutPage, request)
    again = await shop.as_staff(shop.admin.PutPage, request)
    request.body["en"] = "# Hotter"
    changed = await shop.as_staff(shop.admin.PutPage, request)

    assert (first.version, again.version, changed.version) == (1, 1, 2)
    page = await shop.ask(
        shop.catalog.GetPage, pb.GetPageRequest(slug="summer", view=pb.View(locale="de"))
    )
    assert (page.title, page.body, [card.slug for card in page.products]) == (
        "Sommer",
        "# Hotter",
        ["stove", "tent", "mat"],
    )
    async with database.read() as read:
        keys = await read.fetch(
            "SELECT key FROM outbox WHERE type = %s", [PageChanged.DESCRIPTOR.full_name]
        )
    assert len(keys) == 2


async def test_a_landing_page_of_an_unknown_product_is_refused(shop: Replica) -> None:
    request = pb.PutPageRequest(slug="summer", title={"en": "Summer"}, product_slugs=["nothing"])

    with pytest.raises(Invalid) as refusal:
        await shop.as_staff(shop.admin.PutPage, request)

    assert (refusal.value.reason, refusal.value.metadata["product_slug"]) == (
        "INVALID_PAGE",
        "nothing",
    )


async def test_shoppers_and_strangers_change_nothing(shop: Replica) -> None:
    imports = pb.ImportProductsRequest(source="test", products=[a_product()])
    reserve = pb.ReserveRequest(reservation_id=str(uuid7()))
    for method, request in (
        (shop.admin.ImportProducts, imports),
        (shop.stock.Reserve, reserve),
        (shop.admin.GetStock, pb.GetStockRequest()),
    ):
        with pytest.raises(Unauthenticated):
            await shop.ask(method, request, key="k")
        for token in (
            shop.tokens.customer(),
            shop.tokens.staff("orders.write"),
            shop.tokens.service("cart", "carts.read"),
        ):
            with pytest.raises(Denied) as refusal:
                await shop.ask(method, request, authorization=token, key="k")
            assert refusal.value.reason == "SCOPE_REQUIRED"


async def test_an_import_needs_a_key(shop: Replica) -> None:
    request = pb.ImportProductsRequest(source="test", products=[a_product()])

    with pytest.raises(Invalid) as refusal:
        await shop.ask(
            shop.admin.ImportProducts, request, authorization=shop.tokens.staff("catalog.write")
        )

    assert refusal.value.reason == "KEY_REQUIRED"


async def test_a_thousand_products_are_imported_in_four_batches(shop: Replica) -> None:
    products = [
        a_product(
            f"Thing {number}",
            category_slug=f"c{number % 40}",
            variants=[a_variant(Size=size) for size in ("S", "M", "L", "XL")],
        )
        for number in range(1_000)
    ]

    for start in range(0, 1_000, 250):
        await shop.import_products(*products[start : start + 250])

    assert (await shop.found("", count=1_000)).total_count == 1_000
