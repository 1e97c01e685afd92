"""Products as staff keep them: listed, read, created, changed and deleted."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.data.database import Database
from chassis.rpc.errors import Denied, Exists, Invalid, NotFound, Stale
from chassis.runtime.clock import uuid7
from chassis.testing import events_of, eventually
from services.catalog.tests.catalog_replica import Replica, a_price, a_product, a_variant
from services.catalog.tests.staff_products import (
    a_struct,
    audits,
    create,
    listed,
    stored,
    update,
)
from sojourn.catalog.v1 import catalog_pb2 as pb
from sojourn.catalog.v1 import product_admin_pb2 as admin_pb
from sojourn.catalog.v1.events_pb2 import ProductChanged, ProductDeleted
from sojourn.common.v1.line_item_pb2 import AVAILABILITY_IN_STOCK, AVAILABILITY_OUT_OF_STOCK
from sojourn.common.v1.page_pb2 import Page


async def test_a_created_product_is_on_its_page_and_in_the_staffs_list(
    shop: Replica, database: Database
) -> None:
    await shop.import_categories(pb.CategoryInput(slug="tents", name={"en": "Tents"}))
    made = await create(
        shop,
        title={"en": "Dome", "de": "Kuppelzelt"},
        category_slug="tents",
        metadata=a_struct(supplier={"number": 12}),
        references=[pb.ProductReference(source="erp", external_id="77")],
        variants=[a_variant(sku="DOME-2", Size="2", stock=3), a_variant(sku="DOME-4", Size="4")],
    )

    page = await shop.product("dome", locale="de")
    assert (page.id, page.title, [v.sku for v in page.variants]) == (
        made.id,
        "Kuppelzelt",
        ["DOME-2", "DOME-4"],
    )
    assert (made.state, made.version, made.category_slug) == (pb.PRODUCT_STATE_SOLD, 1, "tents")
    assert (list(made.listed_in), list(made.edited_fields)) == (["default"], [])
    assert [(r.source, r.external_id) for r in made.references] == [("erp", "77")]
    assert made.metadata["supplier"]["number"] == 12
    assert [price.price.amount_minor for price in made.variants[0].prices] == [50_00, 55_00]
    assert await stored(shop, made.id) == made
    for fields in (
        {"sku": "DOME-4"},
        {"source": "erp", "external_id": "77"},
        {"category_slug": "tents"},
        {"text": "kuppel"},
        {"text": "DOME-2"},
        {"brand": "Northfell", "state": pb.PRODUCT_STATE_SOLD, "listed_in": "default"},
        {"created_until": made.updated_at, "sku": "DOME-2"},
    ):
        expected = [] if "created_until" in fields else [made.id]
        assert await listed(shop, **fields) == expected, fields
    assert len(await audits(database, "create_product")) == 1
    assert len(await events_of(database, ProductChanged, made.id)) == 1


async def test_a_product_without_a_price_is_kept_and_not_shown(shop: Replica) -> None:
    made = await create(shop, variants=[pb.VariantInput(sku="X")])

    with pytest.raises(NotFound):
        await shop.product(id=made.id)
    assert (list(made.listed_in), await listed(shop, sku="X")) == ([], [made.id])


@pytest.mark.parametrize(
    ("fields", "reason", "path"),
    [
        ({"title": {}}, "INVALID_PRODUCT", "title"),
        ({"external_id": "7"}, "INVALID_PRODUCT", "external_id"),
        ({"category_slug": "nowhere"}, "INVALID_PRODUCT", "category_slug"),
        ({"variants": [pb.VariantInput(prices=[a_price(currency="XXX")])]}, "INVALID_PRODUCT",
         "variants[0].prices[0].price.currency"),
        ({"variants": [pb.VariantInput(prices=[a_price(currency="JPY")])]}, "INVALID_PRODUCT",
         "variants[0].prices[0].price.currency"),
        ({"variants": [pb.VariantInput(prices=[a_price(-1)])]}, "INVALID_PRODUCT",
         "variants[0].prices[0].price.amount_minor"),
        ({"variants": [pb.VariantInput(tax_class="luxury")]}, "INVALID_PRODUCT",
         "variants[0].tax_class"),
        ({"variants": [pb.VariantInput(initial_stock={"moon": 1})]}, "INVALID_PRODUCT",
         "variants[0].initial_stock['moon']"),
        ({"metadata": a_struct(a={"b": {"c": {"d": {"e": {}}}}})}, "INVALID_PRODUCT", "metadata"),
        ({"metadata": a_struct(a="x" * 17_000)}, "INVALID_PRODUCT", "metadata"),
        ({"slug": "taken"}, "SLUG_TAKEN", "slug"),
        ({"variants": [pb.VariantInput(sku="TAKEN")]}, "SKU_TAKEN", "variants[0].sku"),
        ({"references": [pb.ProductReference(source="erp", external_id="1")]}, "REFERENCE_TAKEN",
         "references"),
    ],
)  # fmt: skip
async def test_a_product_that_cannot_be_is_refused_with_its_place_and_leaves_nothing(
    shop: Replica, fields: dict[str, Any], reason: str, path: str
) -> None:
    await create(
        shop,
        slug="taken",
        variants=[pb.VariantInput(sku="TAKEN")],
        references=[pb.ProductReference(source="erp", external_id="1")],
    )

    with pytest.raises((Invalid, Exists)) as refusal:
        await create(shop, **fields)

    assert (refusal.value.reason, refusal.value.metadata["path"]) == (reason, path)
    assert len(await listed(shop)) == 1


async def test_a_change_sets_what_the_mask_names_and_nothing_else(
    shop: Replica, database: Database
) -> None:
    made = await create(
        shop,
        title={"en": "Dome", "de": "Kuppel"},
        description={"en": "A dome."},
        attributes={"material": "nylon", "poles": "3"},
        metadata=a_struct(season="winter", supplier={"number": 12, "name": "Ann"}),
    )

    changed = await update(
        shop,
        made.id,
        version=made.version,
        title={"de": "", "fr": "Dôme"},
        attributes={"poles": "", "weight": "2 kg"},
        metadata=a_struct(season=None, supplier={"number": 13}),
        brand="",
        tags=["b", "a"],
        slug="dome-tent",
    )

    assert dict(changed.title) == {"en": "Dome", "fr": "Dôme"}
    assert dict(changed.attributes) == {"material": "nylon", "weight": "2 kg"}
    assert changed.metadata["supplier"] == {"number": 13, "name": "Ann"}
    assert "season" not in changed.metadata
    assert (changed.brand, list(changed.tags), changed.slug) == ("", ["a", "b"], "dome-tent")
    assert dict(changed.description) == {"en": "A dome."}
    assert (changed.version, (await shop.product("dome-tent")).version) == (2, 2)
    with pytest.raises(NotFound):
        await shop.product("dome")
    ((before, after),) = await audits(database, "update_product")
    assert (before["slug"], after["slug"], after["version"]) == ("dome", "dome-tent", 2)
    assert "description" not in after

    cleared = await update(shop, made.id, description=None, metadata=None, attributes=None)
    assert (dict(cleared.description), dict(cleared.attributes)) == ({}, {})
    assert dict(cleared.metadata) == {}


async def test_a_change_that_changes_nothing_keeps_the_version(
    shop: Replica, database: Database
) -> None:
    made = await create(shop, title={"en": "Dome"})

    again = await update(shop, made.id, title={"en": "Dome"}, brand="Northfell")

    assert again == made
    assert await audits(database, "update_product") == []


async def test_a_change_of_another_version_is_refused(shop: Replica) -> None:
    made = await create(shop)
    await update(shop, made.id, version=1, brand="A")

    with pytest.raises(Stale) as refusal:
        await update(shop, made.id, version=1, brand="B")

    assert refusal.value.metadata["version"] == "2"
    with pytest.raises(NotFound):
        await update(shop, str(uuid7()), brand="B")
    with pytest.raises(Invalid) as unknown:
        await shop.as_staff(
            shop.products.UpdateProduct,
            admin_pb.UpdateProductRequest(id=made.id, update_mask=["colour"]),
        )
    assert unknown.value.metadata["path"] == "update_mask[0]"


async def test_sold_unavailable_and_hidden_are_three_states(shop: Replica) -> None:
    made = await create(shop, title={"en": "Dome"})
    await shop.found("dome")
    variant_id = made.variants[0].id

    await update(shop, made.id, state=pb.PRODUCT_STATE_UNAVAILABLE)
    page = await shop.product("dome")
    assert (page.unavailable, page.variants[0].availability) == (True, AVAILABILITY_OUT_OF_STOCK)
    assert [card.slug for card in (await shop.found("dome")).products] == ["dome"]
    assert not (await shop.offers(variant_id)).offers

    await update(shop, made.id, state=pb.PRODUCT_STATE_HIDDEN)
    with pytest.raises(NotFound):
        await shop.product("dome")
    await shop.found("dome", count=0)
    assert not (await shop.offers(variant_id)).offers
    assert await listed(shop, state=pb.PRODUCT_STATE_HIDDEN) == [made.id]

    await update(shop, made.id, state=pb.PRODUCT_STATE_SOLD)
    page = await shop.product("dome")
    assert (page.unavailable, page.variants[0].availability) == (False, AVAILABILITY_IN_STOCK)
    assert len((await shop.offers(variant_id)).offers) == 1


async def test_stock_that_comes_back_does_not_make_an_unavailable_product_available(
    shop: Replica,
) -> None:
    made = await create(shop, title={"en": "Dome"}, variants=[a_variant(sku="D", stock=0)])
    await update(shop, made.id, state=pb.PRODUCT_STATE_UNAVAILABLE)

    await shop.set_stock("D", 50)

    page = await shop.product("dome")
    assert [each.availability for each in page.variants] == [AVAILABILITY_OUT_OF_STOCK]


async def test_a_deleted_product_is_gone_from_every_read_and_its_names_are_free(
    shop: Replica, database: Database
) -> None:
    reference = pb.ProductReference(source="erp", external_id="77")
    fields: dict[str, Any] = {
        "title": {"en": "Dome"},
        "variants": [a_variant(sku="DOME", stock=5)],
        "references": [reference],
    }
    made = await create(shop, **fields)
    await shop.found("dome")
    reserved = await shop.reserve({made.variants[0].id: 2})
    request = admin_pb.DeleteProductRequest(id=made.id)

    for _ in range(2):
        await shop.as_staff(shop.products.DeleteProduct, request)

    for read in (shop.product("dome"), shop.product(id=made.id), stored(shop, made.id)):
        with pytest.raises(NotFound):
            await read
    assert await listed(shop) == []
    assert (await shop.listing()).total_count == 0 or await eventually(
        lambda: shop.indexer.index.size == 0
    )
    await shop.found("dome", count=0)
    assert not (await shop.offers(made.variants[0].id)).offers
    with pytest.raises(NotFound):
        await shop.set_stock("DOME", 1)
    # What an order refers to is still there for it.
    await shop.confirm(reserved.id)
    assert await shop.counts(made.variants[0].id) == (3, 0)
    assert await events_of(database, ProductDeleted, made.id) == [
        ProductDeleted(product_id=made.id, slug="dome")
    ]
    again = await create(shop, **fields)
    assert (again.slug, again.variants[0].sku) == ("dome", "DOME")
    with pytest.raises(NotFound):
        await shop.as_staff(
            shop.products.DeleteProduct, admin_pb.DeleteProductRequest(id=str(uuid7()))
        )


async def test_the_list_is_paged_by_its_order(shop: Replica) -> None:
    made = [(await create(shop, title={"en": f"Tent {number}"})).id for number in range(5)]
    await update(shop, made[1], brand="Other")

    async def walked(sort: admin_pb.StaffProductSort.ValueType) -> list[str]:
        found, token = list[str](), ""
        while True:
            page = await shop.as_staff(
                shop.products.ListStaffProducts,
                admin_pb.ListStaffProductsRequest(page=Page(size=2, token=token), sort=sort),
            )
            found += [product.id for product in page.products]
            if not (token := page.next_page_token):
                return found

    assert await walked(admin_pb.STAFF_PRODUCT_SORT_NEWEST) == made[::-1]
    by_change = await walked(admin_pb.STAFF_PRODUCT_SORT_CHANGED)
    assert (by_change[0], sorted(by_change)) == (made[1], made)
    with pytest.raises(Invalid):
        await listed(shop, page=Page(token="WzFd"))
    with pytest.raises(Invalid):
        await listed(shop, listed_in="moon")
    with pytest.raises(NotFound):
        await listed(shop, category_slug="moon")


async def test_others_may_not_see_or_change_products(shop: Replica) -> None:
    made = await create(shop)

    for token in (shop.tokens.customer(), shop.tokens.staff("orders.read")):
        with pytest.raises(Denied):
            await shop.ask(
                shop.products.GetStaffProduct,
                admin_pb.GetStaffProductRequest(id=made.id),
                authorization=token,
            )


async def test_an_import_leaves_alone_what_staff_changed(shop: Replica) -> None:
    given = a_product(
        "Dome",
        external_id="d",
        variants=[a_variant(sku="S", Size="S"), a_variant(sku="M", Size="M")],
    )
    (id,) = (await shop.import_products(given)).product_ids
    before = await stored(shop, id)
    await update(shop, id, title={"en": "Best dome"}, state=pb.PRODUCT_STATE_HIDDEN)
    await shop.as_staff(
        shop.products.AddVariant,
        admin_pb.AddVariantRequest(product_id=id, variant=a_variant(sku="L", Size="L")),
    )
    await shop.as_staff(
        shop.products.UpdateVariant,
        admin_pb.UpdateVariantRequest(
            product_id=id, variant_id=before.variants[0].id, update_mask=["sku"], sku="DOME-S"
        ),
    )

    repeated = await shop.import_products(given)
    given.brand = "Southfell"
    given.title["en"] = "Dome II"
    given.variants[0].weight_grams = 777
    changed = await shop.import_products(given)

    assert (repeated.unchanged, changed.updated) == (1, 1)
    after = await stored(shop, id)
    assert (dict(after.title), after.state, after.brand) == (
        {"en": "Best dome"},
        pb.PRODUCT_STATE_HIDDEN,
        "Southfell",
    )
    assert sorted((v.sku, v.active, v.weight_grams) for v in after.variants) == [
        ("DOME-S", True, 777),
        ("L", True, 300),
        ("M", True, 300),
    ]
    assert [(o.name, list(o.values)) for o in after.options] == [("Size", ["S", "M", "L"])]
    assert list(after.edited_fields) == ["state", "title"]

    await update(shop, id, edited_fields=[])
    again = await shop.import_products(given)
    assert again.updated == 1
    assert dict((await stored(shop, id)).title) == {"en": "Dome II"}


@pytest.mark.parametrize("typed", ["\r\n", "é", "'", '"', "\\", "a" * 64, "\u2028"])
async def test_products_are_filtered_by_whatever_is_typed(shop: Replica, typed: str) -> None:
    made = await create(shop, tags=["sale", "new"])

    assert await listed(shop, tag="new") == [made.id]
    for name in ("brand", "tag", "sku", "barcode", "source", "external_id"):
        assert await listed(shop, **{name: typed}) == []
    # A blank text asks for nothing.
    assert await listed(shop, text=typed) == ([] if typed.strip() else [made.id])
