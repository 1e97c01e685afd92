"""Attributes that staff define: their values, their labels, their facets, and comparisons."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from chassis.data.database import Database
from chassis.rpc.errors import DomainError
from chassis.testing import eventually, fresh_database
from services.catalog.tests.catalog_replica import Replica, a_product, a_variant, replica
from sojourn.catalog.v1 import attributes_pb2 as pb
from sojourn.catalog.v1 import catalog_pb2, product_admin_pb2


@pytest.fixture(scope="module")
async def database() -> AsyncIterator[Database]:
    async with fresh_database("catalog") as database:
        yield database


@pytest.fixture(scope="module")
async def shop(database: Database) -> AsyncIterator[Replica]:
    async with replica(database) as ready:
        yield ready


def a_definition(name: str, kind: int, **fields: Any) -> pb.AttributeDefinition:
    given = {"is_facet": True, "is_compared": True, **fields}
    return pb.AttributeDefinition(name=name, kind=kind, **given)  # type: ignore[arg-type]


async def put(shop: Replica, definition: pb.AttributeDefinition) -> pb.AttributeDefinition:
    request = pb.PutAttributeDefinitionRequest(definition=definition)
    return await shop.as_staff(shop.attributes.PutAttributeDefinition, request)  # type: ignore[no-any-return]


async def test_values_are_held_against_their_definitions(shop: Replica) -> None:
    await put(
        shop,
        a_definition("mass", pb.ATTRIBUTE_KIND_NUMBER, unit="kg", minimum="0", maximum="100"),
    )
    await put(shop, a_definition("washable", pb.ATTRIBUTE_KIND_BOOLEAN))
    await put(shop, a_definition("released", pb.ATTRIBUTE_KIND_DATE))
    choices = [pb.AttributeChoice(code="oak"), pb.AttributeChoice(code="pine")]
    await put(shop, a_definition("wood", pb.ATTRIBUTE_KIND_CHOICE, choices=choices))

    for name, value in (
        ("mass", "12 kg"),
        ("mass", "100.5"),
        ("washable", "yes"),
        ("released", "2026-02-30"),
        ("wood", "beech"),
    ):
        product = a_product("Wrong", external_id="", attributes={name: value})
        with pytest.raises(DomainError) as refused:
            await shop.as_staff(
                shop.products.CreateProduct, product_admin_pb2.CreateProductRequest(product=product)
            )
        assert refused.value.reason == "INVALID_PRODUCT"
        assert refused.value.metadata["path"] == f"attributes[{name!r}]"
    with pytest.raises(DomainError) as line:
        await shop.import_products(a_product(), a_product(attributes={"wood": "beech"}))
    assert (line.value.reason, line.value.metadata["line"]) == ("INVALID_IMPORT", "2")
    assert "oak, pine" in line.value.message

    right = {"mass": "012.50", "washable": "TRUE", "released": "2026-05-01", "wood": "oak"}
    await shop.import_products(a_product("Right", slug="right", attributes=right))

    assert dict((await shop.product("right")).attributes) == {
        "mass": "12.5",
        "washable": "true",
        "released": "2026-05-01",
        "wood": "oak",
    }


async def test_a_definition_is_kept_by_version_and_refused_without_sense(shop: Replica) -> None:
    first = await put(shop, a_definition("grade", pb.ATTRIBUTE_KIND_TEXT))
    same = await put(shop, a_definition("grade", pb.ATTRIBUTE_KIND_TEXT))
    other = await put(shop, a_definition("grade", pb.ATTRIBUTE_KIND_TEXT, position=3))
    stale = pb.PutAttributeDefinitionRequest(
        definition=a_definition("grade", pb.ATTRIBUTE_KIND_TEXT), expected_version=1
    )

    assert (first.version, same.version, other.version) == (1, 1, 2)
    with pytest.raises(DomainError) as mismatch:
        await shop.as_staff(shop.attributes.PutAttributeDefinition, stale)
    assert mismatch.value.reason == "VERSION_MISMATCH"
    for wrong, path in (
        (a_definition("grade", pb.ATTRIBUTE_KIND_TEXT, unit="kg"), "unit"),
        (a_definition("grade", pb.ATTRIBUTE_KIND_CHOICE), "choices"),
        (a_definition("brand", pb.ATTRIBUTE_KIND_TEXT), "name"),
        (a_definition("grade", pb.ATTRIBUTE_KIND_NUMBER, minimum="2", maximum="1"), "maximum"),
    ):
        with pytest.raises(DomainError) as refused:
            await put(shop, wrong)
        assert refused.value.metadata["path"] == path
    delete = pb.DeleteAttributeDefinitionRequest(name="grade")
    await shop.as_staff(shop.attributes.DeleteAttributeDefinition, delete)
    with pytest.raises(DomainError) as gone:
        await shop.as_staff(shop.attributes.DeleteAttributeDefinition, delete)
    assert gone.value.reason == "ATTRIBUTE_DEFINITION_NOT_FOUND"


async def test_products_are_compared_by_their_attributes(shop: Replica) -> None:
    await put(
        shop,
        a_definition(
            "volume",
            pb.ATTRIBUTE_KIND_NUMBER,
            unit="l",
            label={"en": "Volume", "de": "Inhalt"},
            is_facet=False,
        ),
    )
    await put(shop, a_definition("stock code", pb.ATTRIBUTE_KIND_TEXT, is_compared=False))
    for slug, attributes in (
        ("pot-a", {"volume": "1.5", "zone": "garden", "stock code": "x"}),
        ("pot-b", {"volume": "2", "zone": "garden"}),
    ):
        await shop.import_products(a_product("Pot", slug=slug, attributes=attributes))

    async def compare(*slugs: str) -> pb.Comparison:
        request = pb.CompareProductsRequest(slugs=slugs, view=catalog_pb2.View(locale="de"))
        return await shop.ask(shop.comparisons.CompareProducts, request)  # type: ignore[no-any-return]

    async def labelled() -> bool:
        return (await compare("pot-a", "pot-b")).rows[0].label in ("Volume", "Inhalt")

    await eventually(labelled)
    found = await compare("pot-b", "pot-a")
    assert [product.slug for product in found.products] == ["pot-b", "pot-a"]
    assert [(row.name, list(row.shown), row.differs) for row in found.rows] == [
        ("volume", ["2 l", "1.5 l"], True),
        ("zone", ["garden", "garden"], False),
    ]
    with pytest.raises(DomainError) as missing:
        await compare("pot-a", "no-pot")
    assert missing.value.reason == "PRODUCT_NOT_FOUND"
    with pytest.raises(DomainError):
        await compare("pot-a")

    async def facets() -> list[str] | None:
        request = await shop.listing(with_facets=True)
        names = [facet.name for facet in request.facets]
        return names if "zone" in names else None

    names = await eventually(facets)
    assert names is not None
    assert "volume" not in names


async def test_a_page_has_safe_html_pictures_per_variant_and_texts_in_its_language(
    shop: Replica,
) -> None:
    product = a_product(
        "Rich",
        slug="rich",
        description={"en": "<p>Fast <b>shoe</b><script>x()</script></p>"},
        images=[
            catalog_pb2.Image(url="/1.jpg", alt="front", alt_by_locale={"de": "vorn"}),
            catalog_pb2.Image(url="/2.jpg", focal_point=catalog_pb2.FocalPoint(x=30, y=40)),
        ],
    )
    product.variants[0].image_urls.append("/2.jpg")
    imported = await shop.import_products(product)

    page = await shop.product("rich", locale="de")

    assert page.description == "Fast shoe"
    assert page.description_html == "<p>Fast <b>shoe</b></p>"
    assert [(image.alt, image.focal_point.x) for image in page.images] == [("vorn", 0), ("", 30)]
    assert list(page.variants[0].image_urls) == ["/2.jpg"]
    id = imported.product_ids[0]
    change = product_admin_pb2.UpdateProductRequest(id=id, update_mask=["description"])
    change.description["en"] = "plain now"
    kept = await shop.as_staff(shop.products.UpdateProduct, change)
    assert (dict(kept.description), dict(kept.description_html)) == ({"en": "plain now"}, {})
    assert kept.images[0].alt_by_locale["de"] == "vorn"
    wrong = product_admin_pb2.UpdateVariantRequest(
        product_id=id,
        variant_id=page.variants[0].id,
        update_mask=["image_urls"],
        image_urls=["/3.jpg"],
    )
    with pytest.raises(DomainError) as refused:
        await shop.as_staff(shop.products.UpdateVariant, wrong)
    assert refused.value.metadata["path"] == "image_urls[0]"


async def test_a_product_has_two_thousand_variants_and_no_more(shop: Replica) -> None:
    variants = [a_variant(sku=f"MANY-{n}", Size=str(n)) for n in range(2_001)]

    with pytest.raises(DomainError) as refused:
        await shop.import_products(a_product("Many", slug="many", variants=variants))
    await shop.import_products(a_product("Many", slug="many", variants=variants[:-1]))

    assert refused.value.metadata["most"] == "2000"
    assert len((await shop.product("many")).variants) == 2_000
