"""Reads of products as staff keep them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Text,
    and_,
    bindparam,
    func,
    literal,
    literal_column,
    not_,
    or_,
    tuple_,
)
from sqlmodel import col, select

from catalog.errors import ProductNotFound
from catalog.listings.model import Listing
from catalog.prices.model import Price
from catalog.products.model import Product, ProductExternalId, ProductState, Variant
from chassis.data.statements import one_of, prepare
from chassis.data.tx import Read, Tx
from chassis.rpc.errors import InvalidPageToken

# Of a product in one answer: two megabytes of them.
MOST_PRICES: Final = 20_000
_MOST_WORDS: Final = 8


class StaffProductSort(StrEnum):
    NEWEST = "newest"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductFilter:
    """Features that products must have; empty ones do not count. `category_ids` is a branch."""

    state: ProductState | None = None
    category_ids: Sequence[UUID] | None = None
    listed_in: str = ""
    brand: str = ""
    tag: str = ""
    text: str = ""
    sku: str = ""
    barcode: str = ""
    source: str = ""
    external_id: str = ""
    created_since: datetime | None = None
    created_until: datetime | None = None
    updated_since: datetime | None = None
    updated_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class KeptProduct:
    """All that is stored of a product. `prices` are by variant."""

    product: Product
    variants: list[Variant]
    prices: dict[UUID, list[Price]]
    has_all_prices: bool
    references: list[tuple[str, str]]
    listed_in: list[str]


@dataclass(frozen=True, slots=True)
class ListedProduct:
    """A product in the staff's list."""

    product: Product
    variant_count: int
    listed_in: list[str]


async def lock_product(tx: Tx, product_id: UUID) -> Product:
    """Returns a product, locked until the end of the transaction. Raises ProductNotFound."""
    product = await tx.lock(Product, product_id)
    if product is None or product.deleted_at is not None:
        raise ProductNotFound(product_id=product_id)
    return product


async def variants_of(read: Read, product_id: UUID) -> list[Variant]:
    """Returns the variants of a product in their order of display, inactive ones too."""
    return await read.all(_VARIANTS, product_id=product_id)


async def references_of(read: Read, product_id: UUID) -> list[tuple[str, str]]:
    """Returns the (source, external id) of a product, in their order."""
    return list(await read.all(_REFERENCES, product_id=product_id))


async def get_product(read: Read, product_id: UUID, *, price_list: str) -> KeptProduct:
    """Returns a product. Raises ProductNotFound.

    Where it has more prices than one answer holds, those of `price_list` alone are there.
    """
    product = await read.get(Product, product_id)
    if product is None or product.deleted_at is not None:
        raise ProductNotFound(product_id=product_id)
    variants = await variants_of(read, product_id)
    prices = await read.all(_PRICES, product_id=product_id, most=MOST_PRICES + 1)
    has_all = len(prices) <= MOST_PRICES
    if not has_all:
        prices = await read.all(_PRICES_IN, product_id=product_id, price_list=price_list)
    by_variant: dict[UUID, list[Price]] = {}
    for price in prices:
        by_variant.setdefault(price.variant_id, []).append(price)
    return KeptProduct(
        product,
        variants,
        by_variant,
        has_all,
        await references_of(read, product_id),
        await read.all(_CHANNELS_OF, product_id=product_id),
    )


async def list_products(
    read: Read,
    wanted: ProductFilter,
    sort: StaffProductSort,
    *,
    after: Sequence[Any] | None,
    size: int,
) -> list[ListedProduct]:
    """Returns the next `size` products after a keyset position. Raises InvalidPageToken."""
    query = select(Product).where(col(Product.deleted_at).is_(None), *_conditions(wanted))
    match sort:
        case StaffProductSort.NEWEST:
            query = query.order_by(col(Product.id).desc())
            if after is not None:
                query = query.where(col(Product.id) < _id_of(after[-1]))
        case StaffProductSort.CHANGED:
            query = query.order_by(col(Product.updated_at).desc(), col(Product.id).desc())
            if after is not None:
                place = tuple_(literal(_time_of(after[0])), literal(_id_of(after[-1])))
                query = query.where(tuple_(col(Product.updated_at), col(Product.id)) < place)
    products = await read.all(query.limit(size))
    ids = [product.id for product in products]
    counts: dict[UUID, int] = dict(await read.all(_COUNTS, product_ids=ids))
    listed: dict[UUID, list[str]] = {}
    for product_id, channel in await read.all(_LISTED, product_ids=ids):
        listed.setdefault(product_id, []).append(channel)
    return [
        ListedProduct(product, counts.get(product.id, 0), listed.get(product.id, []))
        for product in products
    ]


def position_after(product: Product, sort: StaffProductSort) -> list[Any]:
    """Returns the position that a page token holds to continue after a product."""
    key = product.updated_at.isoformat() if sort is StaffProductSort.CHANGED else None
    return [key, str(product.id)]


def _conditions(wanted: ProductFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    match wanted.state:
        case ProductState.HIDDEN:
            found.append(not_(col(Product.is_published)))
        case ProductState.SOLD:
            found.append(and_(col(Product.is_published), col(Product.is_sellable)))
        case ProductState.UNAVAILABLE:
            found.append(and_(col(Product.is_published), not_(col(Product.is_sellable))))
        case None:
            pass
    if wanted.category_ids is not None:
        found.append(one_of(Product.category_id, list(wanted.category_ids)))
    if wanted.listed_in:
        is_listed = col(Listing.product_id) == col(Product.id)
        in_channel = col(Listing.channel) == wanted.listed_in
        found.append(select(Listing.product_id).where(is_listed, in_channel).exists())
    if wanted.brand:
        found.append(col(Product.brand) == wanted.brand)
    if wanted.tag:
        found.append(col(Product.tags).op("?")(literal(wanted.tag, Text())))
    for column, since, until in (
        (col(Product.created_at), wanted.created_since, wanted.created_until),
        (col(Product.updated_at), wanted.updated_since, wanted.updated_until),
    ):
        if since is not None:
            found.append(column >= since)
        if until is not None:
            found.append(column < until)
    return [*found, *_identities(wanted)]


def _identities(wanted: ProductFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.sku:
        found.append(_has_variant(col(Variant.sku) == wanted.sku))
    if wanted.barcode:
        found.append(_has_variant(col(Variant.barcode) == wanted.barcode))
    if wanted.source or wanted.external_id:
        named = select(ProductExternalId.product_id)
        if wanted.source:
            named = named.where(col(ProductExternalId.source) == wanted.source)
        if wanted.external_id:
            named = named.where(col(ProductExternalId.external_id) == wanted.external_id)
        found.append(col(Product.id).in_(named))
    if wanted.text.strip():
        found.append(_has_text(wanted.text.strip()))
    return found


def _has_variant(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return col(Product.id).in_(
        select(Variant.product_id).where(condition, col(Variant.deleted_at).is_(None))
    )


def _has_text(typed: str) -> ColumnElement[bool]:
    ways = [
        col(Product.slug) == typed.lower(),
        _has_variant(or_(col(Variant.sku) == typed, col(Variant.barcode) == typed)),
    ]
    if words := _WORD.findall(typed)[:_MOST_WORDS]:
        # Each may be the beginning of a word; the database's parser parts them as for the index.
        asked = func.to_tsquery(_CONFIGURATION, " & ".join(f"'{word}':*" for word in words))
        ways.append(_TITLE_WORDS.op("@@")(asked))
    return or_(*ways)


_WORD: Final = re.compile(r"\w+")
_CONFIGURATION: Final[Any] = literal_column("'simple'::regconfig")
_TITLE_WORDS: Final[Any] = literal_column("to_tsvector('simple'::regconfig, product.title)")


def _id_of(value: Any) -> UUID:
    try:
        return UUID(str(value))
    except ValueError as error:
        raise InvalidPageToken from error


def _time_of(value: Any) -> datetime:
    try:
        at = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise InvalidPageToken from error
    if at.tzinfo is None:
        raise InvalidPageToken
    return at


_VARIANTS: Final = prepare(
    select(Variant)
    .where(col(Variant.product_id) == bindparam("product_id"), col(Variant.deleted_at).is_(None))
    .order_by(col(Variant.position), col(Variant.id))
)
_prices: Final = (
    select(Price)
    .join(Variant, col(Variant.id) == col(Price.variant_id))
    .where(col(Variant.product_id) == bindparam("product_id"), col(Variant.deleted_at).is_(None))
    .order_by(col(Price.variant_id), col(Price.price_list), col(Price.currency))
)
_PRICES: Final = prepare(_prices.limit(bindparam("most")))
_PRICES_IN: Final = prepare(
    _prices.where(col(Price.price_list) == bindparam("price_list")).limit(MOST_PRICES)
)
_REFERENCES: Final = prepare(
    select(ProductExternalId.source, ProductExternalId.external_id)
    .where(col(ProductExternalId.product_id) == bindparam("product_id"))
    .order_by(col(ProductExternalId.source), col(ProductExternalId.external_id))
)
_CHANNELS_OF: Final = prepare(
    select(Listing.channel)
    .where(col(Listing.product_id) == bindparam("product_id"))
    .order_by(col(Listing.channel))
)
_COUNTS: Final = prepare(
    select(col(Variant.product_id), func.count())
    .where(one_of(Variant.product_id, "product_ids"), col(Variant.deleted_at).is_(None))
    .group_by(col(Variant.product_id))
)
_LISTED: Final = prepare(
    select(Listing.product_id, Listing.channel)
    .where(one_of(Listing.product_id, "product_ids"))
    .order_by(col(Listing.product_id), col(Listing.channel))
)
