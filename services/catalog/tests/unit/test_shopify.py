from __future__ import annotations

import os
from pathlib import Path

import pytest

from catalog.errors import InvalidImport
from catalog.imports import shopify
from catalog.products.drafts import digest_of, draft_of
from catalog.products.model import ProductState

DATA = Path(os.environ.get("SHARED_DATA", Path(__file__).parents[4].parent / "shared" / "data"))
FILES = {
    "shopify-apparel.csv": (20, 22),
    "shopify-home-and-garden.csv": (20, 21),
    "shopify-jewelery.csv": (20, 23),
}
HEADER = (
    "Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Variant "
    "SKU,Variant Grams,Variant Inventory Qty,"
    "Variant Price,Variant Compare At Price,Image Src,Image Position,Image Alt Text\n"
)


def a_file(tmp_path: Path, *rows: str) -> Path:
    path = tmp_path / "products.csv"
    path.write_text(HEADER + "\n".join(rows) + "\n", encoding="utf-8-sig")
    return path


@pytest.mark.parametrize("name", FILES)
def test_shopifys_own_sample_is_read_whole(name: str) -> None:
    path = DATA / name
    if not path.exists():
        pytest.skip(
            f"{path} is not here; set SHARED_DATA to the folder with Shopify's sample files"
        )

    products = shopify.products_of(path, currency="USD", locale="en")

    drafts = [draft_of(product, line=1, digest=digest_of(product)) for product in products]
    assert (len(drafts), sum(len(draft.variants) for draft in drafts)) == FILES[name]
    assert all(
        draft.state is ProductState.SOLD and draft.images and draft.title["en"] for draft in drafts
    )


def test_variants_and_images_follow_their_product(tmp_path: Path) -> None:
    path = a_file(
        tmp_path,
        'mug,Mug,<p>A <b>mug</b></p>,Cup & Co,Kitchen,"Blue, '
        'Gift",true,Size,Small,MUG-S,200,3,9.99,12.00,https://x.example/1.jpg,2,front',
        "mug,,,,,,,,Large,MUG-L,300,-2,14.5,10,https://x.example/2.jpg,1,",
        "mug,,,,,,,,,,,,,,https://x.example/3.jpg,3,",
    )

    (mug,) = shopify.products_of(path, currency="EUR", locale="en")

    assert (mug.external_id, mug.slug, mug.brand, mug.category_slug, list(mug.tags)) == (
        "mug",
        "mug",
        "Cup & Co",
        "kitchen",
        ["Blue", "Gift"],
    )
    assert [image.url[-5:] for image in mug.images] == ["2.jpg", "1.jpg", "3.jpg"]
    small, large = mug.variants
    assert (
        small.sku,
        small.prices[0].price.amount_minor,
        small.prices[0].compare_at.amount_minor,
    ) == ("MUG-S", 999, 1200)
    assert (
        large.prices[0].HasField("compare_at"),
        dict(large.initial_stock),
        large.weight_grams,
    ) == (False, {"": 0}, 300)
    assert [(option.name, option.value) for option in large.options] == [("Size", "Large")]


def test_the_default_title_is_no_option(tmp_path: Path) -> None:
    path = a_file(tmp_path, "mug,Mug,,,,,true,Title,Default Title,,0,1,9.99,,,,")

    (mug,) = shopify.products_of(path, currency="EUR", locale="en")

    assert not mug.variants[0].options


def test_what_is_not_published_stays_hidden(tmp_path: Path) -> None:
    path = a_file(tmp_path, "mug,Mug,,,,,false,Title,Default Title,,0,1,9.99,,,,")

    assert [
        product.published for product in shopify.products_of(path, currency="EUR", locale="en")
    ] == [False]


@pytest.mark.parametrize(
    ("row", "field"),
    [
        (",,,,,,true,,,,0,1,9.99,,,,", "Handle"),
        ("mug,Mug,,,,,true,,,,0,1,,,,,", "Variant Price"),
        ("mug,Mug,,,,,maybe,,,,0,1,9.99,,,,", "Published"),
        ("mug,,,,,,true,,,,0,1,9.99,,,,", "Title"),
        ("mug,Mug,,,,,true,,,,0,1,cheap,,,,", "Variant Price"),
        ("mug,Mug,,,,,true,,,,0,1,9.999,,,,", "Variant Price"),
        ("mug,Mug,,,,,true,,,,0,many,9.99,,,,", "Variant Inventory Qty"),
    ],
)
def test_a_refusal_names_the_line_and_the_column(tmp_path: Path, row: str, field: str) -> None:
    path = a_file(tmp_path, "cup,Cup,,,,,true,Title,Default Title,,0,1,5,,,,", row)

    with pytest.raises(InvalidImport) as refusal:
        shopify.products_of(path, currency="EUR", locale="en")

    assert (refusal.value.metadata["line"], refusal.value.metadata["field"]) == ("3", field)


def test_another_kind_of_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text("Name,Email\n#1,x\n")

    with pytest.raises(InvalidImport, match="product CSV"):
        shopify.products_of(path, currency="EUR", locale="en")


def test_categories_come_from_types_and_else_from_tags(tmp_path: Path) -> None:
    path = a_file(
        tmp_path,
        "a,A,,,Garden Chairs,Wood,true,Title,Default Title,,0,1,5,,,,",
        "b,B,,,,women,true,Title,Default Title,,0,1,5,,,,",
        "c,C,,,,,true,Title,Default Title,,0,1,5,,,,",
    )

    categories = shopify.categories_of([path], locale="en")

    assert [(category.slug, category.name["en"]) for category in categories] == [
        ("garden-chairs", "Garden Chairs"),
        ("women", "Women"),
    ]
