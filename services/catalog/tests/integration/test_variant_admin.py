"""Variants as staff keep them: added, changed, ordered, deleted, and what a unit costs."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.data.database import Database
from chassis.rpc.errors import Exists, Invalid, NotFound, Refused
from chassis.testing import events_of
from services.catalog.tests.catalog_replica import Replica, a_price, a_product, a_variant
from services.catalog.tests.staff_products import (
    audits,
    create,
    stored,
    update,
)
from sojourn.catalog.v1 import catalog_pb2 as pb
from sojourn.catalog.v1 import product_admin_pb2 as admin_pb
from sojourn.catalog.v1.events_pb2 import VariantCostChanged
from sojourn.common.v1.money_pb2 import Money


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
            update_mask=["sku", "barcode", "weight_grams", "volume_cm3", "options"],
            sku="XS",
            volume_cm3=3_600,
            barcode="4006381333931",
            options=[admin_pb.VariantOptionInput(name="Size", value="XS")],
        ),
    )
    assert (changed.sku, changed.barcode, changed.weight_grams) == ("XS", "4006381333931", 0)
    assert changed.volume_cm3 == 3_600
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
