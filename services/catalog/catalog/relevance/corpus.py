"""Catalogues to measure with: files of a folder as an index and the products in it."""

import gzip
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid5

from google.protobuf import json_format

from catalog.categories.model import Category, CategoryTree
from catalog.channels.model import Channel, Channels, TaxDisplay
from catalog.imports import shopify
from catalog.listings.facets import BRAND, token
from catalog.products.plain_text import text_of
from catalog.search.findables import Offered, ProductTexts, make_findable
from catalog.search.index import SearchIndex
from chassis.line_item import Availability
from sojourn.catalog.v1 import catalog_pb2 as pb

CHANNEL: Final = "default"
CURRENCY: Final = "EUR"
LOCALES: Final = ("en", "de")
_NAMESPACE: Final = UUID("6f1c7f0e-6d0d-4b52-8a39-2f3f7c1f9a51")


@dataclass(frozen=True, slots=True)
class Item:
    """A product to find: its title by locale, and its values of brand, options, attributes."""

    product_id: UUID
    titles: dict[str, str]
    brand: str
    values: tuple[str, ...]
    skus: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Corpus:
    """A catalogue in an index of its own."""

    name: str
    items: Sequence[Item]
    index: SearchIndex


def corpora(folder: Path) -> Iterator[Corpus]:
    """The catalogues of a folder: its products and, apart from them, its categories.

    `*.jsonl` are ProductInput a line, with `categories.json` beside them as a list of
    CategoryInput; `*.csv` are Shopify's. `categories.json.gz` is a list of {id, name, path}: each
    of its categories is a thing to find by its name, within those above it.
    """
    products = [*_generated(folder), *_exported(folder)]
    if products:
        yield _corpus("products", products, _tree(folder, products))
    if (folder / "categories.json.gz").exists():
        yield _corpus("categories", list(_categories(folder / "categories.json.gz")), _NO_TREE)


_NO_TREE: Final = CategoryTree(1, [])


def _generated(folder: Path) -> Iterator[pb.ProductInput]:
    for path in sorted(folder.glob("*.jsonl")):
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                yield json_format.Parse(line, pb.ProductInput())


def _exported(folder: Path) -> Iterator[pb.ProductInput]:
    for path in sorted(folder.glob("*.csv")):
        yield from shopify.products_of(path, currency=CURRENCY, locale="en")


def _tree(folder: Path, products: Iterable[pb.ProductInput]) -> CategoryTree:
    path = folder / "categories.json"
    given: list[dict[str, Any]] = (
        json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    )
    found: dict[str, Category] = {}
    for each in given:
        above = found.get(each.get("parent_slug", ""))
        found[each["slug"]] = _category(each["slug"], each["name"], above)
    for product in products:
        slug = product.category_slug
        if slug and slug not in found:
            found[slug] = _category(slug, {"en": slug.replace("-", " ")}, None)
    return CategoryTree(1, found.values())


def _category(slug: str, name: dict[str, str], above: Category | None) -> Category:
    return Category(
        id=uuid5(_NAMESPACE, f"category {slug}"), slug=slug, name=name,
        parent_id=above.id if above else None, position=0,
        path=f"{above.path}/{slug}" if above else slug,
    )  # fmt: skip


def _categories(path: Path) -> Iterator[pb.ProductInput]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for each in json.load(file):
            above = [step["name"] or "" for step in each["path"] if step["id"] != each["id"]]
            if not each["name"]:
                continue
            yield pb.ProductInput(
                external_id=each["id"], title={"en": each["name"]}, tags=above, published=True
            )


def _corpus(name: str, products: Sequence[pb.ProductInput], tree: CategoryTree) -> Corpus:
    locales = [each for each in LOCALES if any(each in product.title for product in products)]
    channel = Channel(
        code=CHANNEL, name="Measured", is_default=True, locales=locales, currencies=[CURRENCY],
        countries=[], tax_display=TaxDisplay.GROSS, warehouses=["main"], hosts=[],
        price_list=CHANNEL,
    )  # fmt: skip
    index, items = SearchIndex(Channels([channel])), []
    for product in products:
        item, texts, facets = _item(product, tree)
        offer = Offered(CURRENCY, 10_00, Availability.IN_STOCK, facets)
        found = make_findable(item.product_id, channel, tree, texts, [offer], item.skus)
        index.put([], [found])
        items.append(item)
    index.commit()
    return Corpus(name, items, index)


def _item(product: pb.ProductInput, tree: CategoryTree) -> tuple[Item, ProductTexts, list[str]]:
    options = {(o.name, o.value): None for each in product.variants for o in each.options}
    facets = [token(name, value) for name, value in (*options, *product.attributes.items())]
    facets += [token(BRAND, product.brand)] if product.brand else []
    category = tree.by_slug.get(product.category_slug)
    described = {locale: text_of(text) for locale, text in product.description.items()}
    texts = ProductTexts(
        dict(product.title), described, product.brand, list(product.tags),
        category.id if category else None,
    )  # fmt: skip
    item = Item(
        uuid5(_NAMESPACE, product.external_id),
        dict(product.title),
        product.brand,
        (*(value for _, value in options if len(value) > 2), *product.attributes.values()),
        tuple(variant.sku for variant in product.variants if variant.sku),
    )
    return item, texts, facets
