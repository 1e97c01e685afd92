from __future__ import annotations

from collections.abc import Callable

import pytest

from catalog.errors import InvalidImport
from catalog.products.drafts import digest_of, draft_of
from catalog.products.variant_drafts import require_sold
from services.catalog.tests.catalog_replica import a_price, a_product, a_variant
from sojourn.catalog.v1 import catalog_pb2 as pb

Change = Callable[[pb.ProductInput], object]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda p: p.ClearField("external_id"), "external_id"),
        (lambda p: setattr(p, "slug", "Not A Slug"), "slug"),
        (lambda p: setattr(p, "category_slug", "Not A Slug"), "category_slug"),
        (lambda p: p.title.clear(), "title"),
        (lambda p: p.title.update({"english!": "x"}), "title['english!']"),
        (lambda p: p.ClearField("variants"), "variants"),
        (lambda p: p.variants[0].ClearField("prices"), "variants[0].prices"),
        (
            lambda p: setattr(p.variants[0].prices[0].price, "currency", "EURO"),
            "variants[0].prices[0].price.currency",
        ),
        (
            lambda p: setattr(p.variants[0].prices[0].price, "amount_minor", -1),
            "variants[0].prices[0].price.amount_minor",
        ),
        (
            lambda p: setattr(p.variants[0].prices[0].price, "amount_minor", 2**43),
            "variants[0].prices[0].price.amount_minor",
        ),
        (
            lambda p: p.variants[0].prices[0].compare_at.CopyFrom(a_price(10**12 + 1).price),
            "variants[0].prices[0].compare_at.amount_minor",
        ),
        (lambda p: p.variants[0].prices.append(a_price()), "variants[0].prices[2]"),
        (
            lambda p: p.variants[0].prices[0].compare_at.CopyFrom(a_price(50_00).price),
            "variants[0].prices[0].compare_at",
        ),
        (lambda p: p.variants[0].initial_stock.update({"": -1}), "variants[0].initial_stock['']"),
        (lambda p: setattr(p.variants[0], "weight_grams", -1), "variants[0].weight_grams"),
        (lambda p: setattr(p.variants[0], "scale", 7), "variants[0].scale"),
        (lambda p: setattr(p.variants[0], "tax_class", "books"), "variants[0].tax_class"),
        (lambda p: p.variants.append(a_variant()), "variants[1].options"),
        (lambda p: p.variants.append(a_variant(Size="M")), "variants[1].options"),
        (lambda p: p.attributes.update({"price": "low"}), "attributes['price']"),
        (lambda p: p.attributes.update({"a=b": "low"}), "attributes['a=b']"),
        (lambda p: p.images.append(pb.Image(url="javascript:alert(1)")), "images[0].url"),
    ],
)
def test_a_refusal_names_the_line_and_the_field(change: Change, field: str) -> None:
    product = a_product()
    change(product)

    with pytest.raises(InvalidImport) as refusal:
        draft_of(product, line=7, digest=b"")

    assert (refusal.value.metadata["line"], refusal.value.metadata["field"]) == ("7", field)


def test_a_price_in_a_currency_of_no_channel_is_refused_with_its_line() -> None:
    product = a_product()
    product.variants[0].prices[0].price.currency = "THB"
    draft = draft_of(product, line=7, digest=b"")

    with pytest.raises(InvalidImport) as refusal:
        require_sold(draft.variants, line=7, currencies={"EUR", "USD"})

    field = "variants[0].prices[0].price.currency"
    assert (refusal.value.metadata["line"], refusal.value.metadata["field"]) == ("7", field)


def test_a_description_of_seven_megabytes_is_refused_with_its_line() -> None:
    with pytest.raises(InvalidImport) as refusal:
        draft_of(a_product(description={"de": "x" * 7_000_000}), line=7, digest=b"")

    assert (refusal.value.metadata["line"], refusal.value.metadata["path"]) == (
        "7",
        "description['de']",
    )


def test_a_sku_is_made_from_the_external_id_and_the_options() -> None:
    product = a_product(external_id="mug", variants=[a_variant(Colour="Sky Blue", Size="M")])
    product.variants[0].sku = ""

    draft = draft_of(product, line=1, digest=b"")

    assert draft.variants[0].sku == "mug-sky-blue-m"


def test_a_digest_ignores_counts_and_sees_everything_else() -> None:
    product = a_product(stock=3)
    recounted, repriced = pb.ProductInput(), pb.ProductInput()
    recounted.CopyFrom(product)
    repriced.CopyFrom(product)
    recounted.variants[0].initial_stock[""] = 99
    repriced.variants[0].prices[0].price.amount_minor += 1

    assert digest_of(recounted) == digest_of(product)
    assert digest_of(repriced) != digest_of(product)
