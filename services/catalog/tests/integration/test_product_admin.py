"""Products as staff keep them: listed, read, created, changed and deleted."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf.struct_pb2 import Struct

from chassis.data.database import Database
from chassis.rpc.errors import Denied, Exists, Invalid, NotFound, Refused, Stale
from chassis.runtime.clock import uuid7
from chassis.testing import events_of, eventually
from services.catalog.tests.catalog_replica import Replica, a_price, a_product, a_variant
from sojourn.catalog.v1 import catalog_pb2 as pb
from sojourn.catalog.v1 import product_admin_pb2 as admin_pb
from sojourn.catalog.v1.events_pb2 import ProductChanged, ProductDeleted, VariantCostChanged
from sojourn.common.v1.line_item_pb2 import AVAILABILITY_IN_STOCK, AVAILABILITY_OUT_OF_STOCK
from sojourn.common.v1.money_pb2 import Money
from sojourn.common.v1.page_pb2 import Page


def own(**fields: Any) -> pb.ProductInput:
    """A product of staff's own: without an external id."""
    return a_product(**{"external_id": "", **fields})


def a_struct(**data: Any) -> Struct:
    struct = Struct()
    struct.update(data)
    return struct


async def create(shop: Replica, **fields: Any) -> admin_pb.StaffProduct:
    request = admin_pb.CreateProductRequest(product=own(**fields))
    return await shop.as_staff(shop.products.CreateProduct, request)  # type: ignore[no-any-return]


async def update(shop: Replica, id: str, *, version: int = 0, **fields: Any) -> Any:
    request = admin_pb.UpdateProductRequest(
        id=id, update_mask=sorted(fields), expected_version=version
    )
    for name, value in fields.items():
        if value is not None:
            request.MergeFrom(admin_pb.UpdateProductRequest(**{name: value}))
    return await shop.as_staff(shop.products.UpdateProduct, request)


async def stored(shop: Replica, id: str) -> admin_pb.StaffProduct:
    return await shop.as_staff(  # type: ignore[no-any-return]
        shop.products.GetStaffProduct, admin_pb.GetStaffProductRequest(id=id)
    )


async def listed(shop: Replica, **fields: Any) -> list[str]:
    request = admin_pb.ListStaffProductsRequest(**fields)
    found = await shop.as_staff(shop.products.ListStaffProducts, request)
    return [product.id for product in found.products]


async def audits(database: Database, action: str) -> list[tuple[Any, ...]]:
    async with database.read() as read:
        return await read.fetch(
            "SELECT before, after FROM audit WHERE action = %s ORDER BY at", [action]
        )


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


async def test_variants_are_added_changed_ordered_and_deleted(
    shop: Replica, database: Database
) -> None:
    made = await create(
        shop,
        title={"en": "Dome"},
        variants=[a_variant(sku="S", Size="S"), a_variant(sku="M", Size="M")],
    )
    small, medium = made.variants
    added = await shop.as_staff(
        shop.products.AddVariant,
        admin_pb.AddVariantRequest(
            product_id=made.id, variant=a_variant(sku="L", Size="L", stock=2), expected_version=1
        ),
    )
    assert (added.version, added.position, [p.price.amount_minor for p in added.prices]) == (
        2, 2, [50_00, 55_00],
    )  # fmt: skip

    changed = await shop.as_staff(
        shop.products.UpdateVariant,
        admin_pb.UpdateVariantRequest(
            product_id=made.id,
            variant_id=small.id,
            update_mask=["sku", "barcode", "weight_grams", "options"],
            sku="XS",
            barcode="4006381333931",
            options=[admin_pb.VariantOptionInput(name="Size", value="XS")],
        ),
    )
    assert (changed.sku, changed.barcode, changed.weight_grams) == ("XS", "4006381333931", 0)
    ordered = await shop.as_staff(
        shop.products.ReorderVariants,
        admin_pb.ReorderVariantsRequest(product_id=made.id, variant_ids=[added.id]),
    )
    assert [variant.sku for variant in ordered.variants] == ["L", "XS", "M"]
    assert [variant.sku for variant in (await shop.product("dome")).variants] == ["L", "XS", "M"]
    hidden = await shop.as_staff(
        shop.products.UpdateVariant,
        admin_pb.UpdateVariantRequest(
            product_id=made.id, variant_id=medium.id, update_mask=["active"], active=False
        ),
    )
    assert hidden.active is False
    assert [variant.sku for variant in (await shop.product("dome")).variants] == ["L", "XS"]
    delete = admin_pb.DeleteVariantRequest(product_id=made.id, variant_id=medium.id)
    for _ in range(2):
        await shop.as_staff(shop.products.DeleteVariant, delete)
    left = await stored(shop, made.id)
    assert [variant.sku for variant in left.variants] == ["L", "XS"]
    assert [(o.name, list(o.values)) for o in left.options] == [("Size", ["L", "XS"])] or [
        (o.name, sorted(o.values)) for o in left.options
    ] == [("Size", ["L", "XS"])]
    assert len(await audits(database, "update_variant")) == 2


async def test_a_variant_that_does_not_fit_its_siblings_is_refused(shop: Replica) -> None:
    made = await create(shop, variants=[a_variant(sku="S", Size="S"), a_variant(sku="M", Size="M")])

    async def add(variant: pb.VariantInput) -> Any:
        return await shop.as_staff(
            shop.products.AddVariant,
            admin_pb.AddVariantRequest(product_id=made.id, variant=variant),
        )

    for variant, path in (
        (a_variant(Size="S"), "variant.options"),
        (a_variant(Colour="red"), "variant.options"),
        (a_variant(), "variant.options"),
        (a_variant(Size="L", warehouse="moon"), "variant.initial_stock['moon']"),
    ):
        with pytest.raises(Invalid) as refusal:
            await add(variant)
        assert refusal.value.metadata["path"] == path
    with pytest.raises(Exists):
        await add(a_variant(sku="M", Size="L"))
    other = await create(shop, title={"en": "Other"})
    with pytest.raises(NotFound):
        await shop.as_staff(
            shop.products.DeleteVariant,
            admin_pb.DeleteVariantRequest(product_id=made.id, variant_id=other.variants[0].id),
        )
    with pytest.raises(Refused) as last:
        await shop.as_staff(
            shop.products.DeleteVariant,
            admin_pb.DeleteVariantRequest(product_id=other.id, variant_id=other.variants[0].id),
        )
    assert last.value.reason == "LAST_VARIANT"
    assert (await stored(shop, made.id)).version == 1


async def test_options_are_ordered_and_renamed_with_their_variants(shop: Replica) -> None:
    made = await create(
        shop,
        title={"en": "Dome"},
        variants=[a_variant(Size="S", Colour="red"), a_variant(Size="M", Colour="red")],
    )

    changed = await update(
        shop,
        made.id,
        options=[
            admin_pb.ProductOptionInput(name="Color", renamed_from="Colour"),
            admin_pb.ProductOptionInput(name="Size", values=["M", "S"]),
        ],
    )

    assert [(o.name, list(o.values)) for o in changed.options] == [
        ("Color", ["red"]),
        ("Size", ["M", "S"]),
    ]
    assert [[(o.name, o.value) for o in v.options] for v in changed.variants] == [
        [("Color", "red"), ("Size", "S")],
        [("Color", "red"), ("Size", "M")],
    ]
    with pytest.raises(Invalid):
        await update(shop, made.id, options=[admin_pb.ProductOptionInput(name="Size")])


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


async def test_a_product_has_up_to_two_thousand_variants(shop: Replica) -> None:
    made = await create(
        shop,
        title={"en": "Screw"},
        variants=[
            pb.VariantInput(
                sku=f"SCREW-{number}",
                options=[pb.OptionValue(name="Length", value=str(number))],
                prices=[a_price(number + 1)],
            )
            for number in range(2_000)
        ],
    )

    assert len(made.variants) == len((await shop.product("screw")).variants) == 2_000
    with pytest.raises(Invalid) as refusal:
        await shop.as_staff(
            shop.products.AddVariant,
            admin_pb.AddVariantRequest(product_id=made.id, variant=a_variant(Length="x")),
        )
    assert refusal.value.metadata["most"] == "2000"


async def test_staff_set_the_cost_of_a_unit_which_no_shopper_sees(shop: Replica) -> None:
    made = await create(shop)
    variant = made.variants[0]
    assert not variant.HasField("unit_cost")

    async def update_cost(**cost: Any) -> Any:
        request = admin_pb.UpdateVariantRequest(
            product_id=made.id, variant_id=variant.id, update_mask=["unit_cost"], **cost
        )
        return await shop.as_staff(shop.products.UpdateVariant, request)

    told = await update_cost(unit_cost=Money(amount_minor=8_33, currency="EUR"))
    again = await update_cost(unit_cost=Money(amount_minor=8_33, currency="EUR"))
    cleared = await update_cost()
    with pytest.raises(Invalid) as refusal:
        await update_cost(unit_cost=Money(amount_minor=1, currency="XXQ"))

    assert (told.unit_cost.amount_minor, told.unit_cost.currency) == (8_33, "EUR")
    assert again.version == told.version
    assert not cleared.HasField("unit_cost")
    assert refusal.value.metadata["path"] == "unit_cost.currency"
    events = await events_of(shop.database, VariantCostChanged)
    assert [event.unit_cost.amount_minor for event in events] == [8_33, 0]
    assert [event.HasField("unit_cost") for event in events] == [True, False]


async def test_an_import_keeps_a_cost_that_it_does_not_tell(shop: Replica) -> None:
    def told(title: str, **cost: Any) -> pb.ProductInput:
        product = a_product(title, external_id="x-1")
        if cost:
            product.variants[0].unit_cost.CopyFrom(Money(**cost))
        return product

    await shop.import_products(told("Tent", amount_minor=5_00, currency="EUR"))
    await shop.import_products(told("Tent II"))

    events = await events_of(shop.database, VariantCostChanged)
    assert [event.unit_cost.amount_minor for event in events] == [5_00]


@pytest.mark.parametrize("typed", ["\r\n", "é", "'", '"', "\\", "a" * 64, "\u2028"])
async def test_products_are_filtered_by_whatever_is_typed(shop: Replica, typed: str) -> None:
    made = await create(shop, tags=["sale", "new"])

    assert await listed(shop, tag="new") == [made.id]
    for name in ("brand", "tag", "sku", "barcode", "source", "external_id"):
        assert await listed(shop, **{name: typed}) == []
    # A blank text asks for nothing.
    assert await listed(shop, text=typed) == ([] if typed.strip() else [made.id])
