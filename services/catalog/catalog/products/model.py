"""Products and their variants, as staff keep them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, NamedTuple
from uuid import UUID

from pydantic import JsonValue
from sqlalchemy import Boolean, CheckConstraint, Index, bindparam, text, update
from sqlalchemy.types import UserDefinedType
from sqlmodel import col, select

from chassis.data.isolation import Loop, find_readable
from chassis.data.rows import Field, Row, code, column, counter, document, minor, states
from chassis.data.statements import one_of, prepare
from chassis.data.tx import Read, Tx
from chassis.line_item import ItemKind

STANDARD_TAX_CLASS: Final = "standard"
# Those for which checkout has rates.
TAX_CLASSES: Final = (STANDARD_TAX_CLASS, "reduced", "zero", "exempt")
PIECE: Final = "C62"
_VARIANTS: Final = Loop("variants")


class ProductState(StrEnum):
    """States of a product: shown and sold, shown only, or not shown."""

    SOLD = "sold"
    UNAVAILABLE = "unavailable"
    HIDDEN = "hidden"


class Image(NamedTuple):
    """A picture; stored as [url, alt]."""

    url: str
    alt: str


@dataclass(frozen=True, slots=True)
class ImageDetail:
    """Texts of a picture by locale, and the point to keep in sight, in per cent (x, y)."""

    alt: dict[str, str]
    focal_point: tuple[int, int] | None = None


class Option(NamedTuple):
    """An option by which variants of a product differ; stored as [name, values]."""

    name: str
    values: list[str]


class OptionValue(NamedTuple):
    """A variant's value of an option; stored as [name, value]."""

    name: str
    value: str


class Xid8(UserDefinedType[int]):
    """The id of a transaction. Values go as text."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "XID8"


class Product(Row, table=True):
    """A description that is sold as one or more variants. Texts are by locale.

    A synthetic product is never published: only synthetic shoppers are offered it.

    `description` is text, and `rich_description` its safe HTML where it has markup. `image_details`
    are by the URLs of pictures.

    Imports leave `edited_fields` alone: staff changed them. `own_data` is the merchant's. A deleted
    product has neither its slug nor its SKUs any more, and is in no read.
    """

    __tablename__ = "product"
    __table_args__ = (
        CheckConstraint("NOT (is_synthetic AND is_published)"),
        CheckConstraint("NOT (is_published AND deleted_at IS NOT NULL)"),
        Index("product_synthetic", "id", postgresql_where=text("is_synthetic")),
        Index("product_updated", "updated_at", "id", postgresql_where=text("deleted_at IS NULL")),
        Index(
            "product_words",
            text("to_tsvector('simple'::regconfig, title)"),
            postgresql_using="gin",
        ),
        Index("product_tags", "tags", postgresql_using="gin"),
    )

    id: UUID = Field(primary_key=True)
    slug: str = Field(unique=True)
    category_id: UUID | None = Field(default=None, foreign_key="category.id", index=True)
    brand: str
    title: dict[str, str] = document(dict[str, str])
    description: dict[str, str] = document(dict[str, str])
    images: list[Image] = document(list[Image])
    options: list[Option] = document(list[Option])
    attributes: dict[str, str] = document(dict[str, str])
    tags: list[str] = document(list[str])
    seo_title: str
    seo_description: str
    is_published: bool
    is_synthetic: bool = column(Boolean, default=False, server_default="FALSE")
    content_digest: bytes
    version: int = counter(default=1)
    created_at: datetime
    updated_at: datetime
    is_sellable: bool = column(Boolean, default=True, server_default="TRUE")
    own_data: dict[str, JsonValue] = document(
        dict[str, JsonValue], default_factory=dict, server_default="'{}'"
    )
    edited_fields: list[str] = document(list[str], default_factory=list, server_default="'[]'")
    deleted_at: datetime | None = None
    rich_description: dict[str, str] = document(
        dict[str, str], default_factory=dict, server_default="'{}'"
    )
    image_details: dict[str, ImageDetail] = document(
        dict[str, ImageDetail], default_factory=dict, server_default="'{}'"
    )

    @property
    def state(self) -> ProductState:
        """Returns how shoppers meet it."""
        if not self.is_published:
            return ProductState.HIDDEN
        return ProductState.SOLD if self.is_sellable else ProductState.UNAVAILABLE

    def become(self, state: ProductState) -> None:
        """Sets the state."""
        self.is_published = state is not ProductState.HIDDEN
        self.is_sellable = state is not ProductState.UNAVAILABLE


class ProductExternalId(Row, table=True):
    """The id that a source of imports gives a product."""

    __tablename__ = "product_external_id"

    source: str = Field(primary_key=True)
    external_id: str = Field(primary_key=True)
    product_id: UUID = Field(foreign_key="product.id", index=True)


class ProductChange(Row, table=True):
    """The transaction that changed a product last. Search indexes poll it."""

    __tablename__ = "product_change"

    product_id: UUID = Field(primary_key=True)
    xid: int = Field(sa_type=Xid8, index=True)


class UnitCost(NamedTuple):
    """Cost of a unit to the merchant, in minor units of a currency."""

    amount_minor: int
    currency: str


class Variant(Row, table=True):
    """A form of a product that can be bought.

    Quantities are in 10^-scale units, in steps of `increment`.

    A variant that an import no longer names is kept, inactive: reservations and orders refer to it.
    One of staff's own (`is_own`) no import retires, and imports leave `edited_fields` alone.
    `imported_sku` is the SKU by which imports know it, where staff gave it another one.
    """

    __tablename__ = "variant"
    __table_args__ = (
        CheckConstraint("weight_grams >= 0"),
        CheckConstraint("volume_cm3 >= 0"),
        CheckConstraint("scale BETWEEN 0 AND 6"),
        CheckConstraint("increment > 0"),
        CheckConstraint("cost_minor >= 0"),
        CheckConstraint(
            "(cost_minor IS NULL) = (cost_currency IS NULL)", name="variant_cost_check"
        ),
        CheckConstraint("NOT (is_active AND deleted_at IS NOT NULL)"),
        states("kind", ItemKind),
        Index("variant_barcode", "barcode", postgresql_where=text("barcode <> ''")),
        Index(
            "variant_imported_sku",
            "imported_sku",
            unique=True,
            postgresql_where=text("imported_sku IS NOT NULL"),
        ),
    )

    id: UUID = Field(primary_key=True)
    product_id: UUID = Field(foreign_key="product.id", index=True)
    sku: str = Field(unique=True)
    options: list[OptionValue] = document(list[OptionValue])
    position: int
    weight_grams: int = counter()
    # Packed; 0 where it is not known.
    volume_cm3: int = counter(default=0, server_default="0")
    tax_class: str = STANDARD_TAX_CLASS
    barcode: str = ""
    unit_code: str = PIECE
    scale: int = 0
    increment: int = counter(default=1)
    is_active: bool = True
    is_own: bool = column(Boolean, default=False, server_default="FALSE")
    imported_sku: str | None = None
    edited_fields: list[str] = document(list[str], default_factory=list, server_default="'[]'")
    deleted_at: datetime | None = None
    image_urls: list[str] = document(list[str], default_factory=list, server_default="'[]'")
    is_bundle: bool = column(Boolean, default=False, server_default="FALSE")
    kind: ItemKind = code(ItemKind, default=ItemKind.PHYSICAL, server_default="'physical'")
    cost_minor: int | None = minor(default=None)
    cost_currency: str | None = None
    own_data: dict[str, JsonValue] = document(
        dict[str, JsonValue], default_factory=dict, server_default="'{}'"
    )

    @property
    def unit_cost(self) -> UnitCost | None:
        """Returns the cost of a unit; None where that is not known."""
        if self.cost_minor is None or self.cost_currency is None:
            return None
        return UnitCost(self.cost_minor, self.cost_currency)


_LOCK: Final = prepare(
    select(Product.id, Product.version)
    .where(one_of(Product.id, "product_ids"))
    .order_by(col(Product.id))
    .with_for_update()
)
_RAISE: Final = prepare(
    update(Product)
    .where(one_of(Product.id, "product_ids"))
    .values(version=Product.version + 1, updated_at=bindparam("now"))
)
_OF_SKU: Final = prepare(
    select(Variant).where(col(Variant.sku) == bindparam("sku"), col(Variant.deleted_at).is_(None))
)
_PRODUCTS_OF: Final = prepare(
    select(Variant.product_id)
    .distinct()
    .where(one_of(Variant.id, "variant_ids"))
    .order_by(col(Variant.product_id))
)
_OF_SLUG: Final = prepare(select(Product.id).where(col(Product.slug) == bindparam("slug")))
# What staff change of a product itself.
EDITABLE: Final = (
    "slug", "category_id", "brand", "title", "description", "images", "options", "attributes",
    "tags", "seo_title", "seo_description", "is_published", "is_sellable", "own_data",
    "rich_description", "image_details",
)  # fmt: skip
_HOLDERS: Final = (
    "SELECT e.source, e.external_id, e.product_id FROM unnest(%s::text[], %s::text[]) AS w (source,"
    " external_id) JOIN product_external_id e USING (source, external_id)"
)
_TELL: Final = (
    "INSERT INTO product_change (product_id, xid) SELECT id, pg_current_xact_id() FROM "
    "unnest(%s::uuid[]) id ORDER BY id"
    " ON CONFLICT (product_id) DO UPDATE SET xid = excluded.xid"
)


async def lock_products(tx: Tx, product_ids: Sequence[UUID]) -> Mapping[UUID, int]:
    """Locks products until the end of the transaction, in the order of their ids.

    Take stock locks before, never after.

    Returns the versions of those that exist.
    """
    return dict(await tx.all(_LOCK, product_ids=list(product_ids)))


async def raise_versions(tx: Tx, product_ids: Sequence[UUID]) -> None:
    """Raises the versions of locked products and tells the search indexes."""
    await tx.execute(_RAISE, product_ids=list(product_ids), now=tx.now)
    await tell_indexes(tx, product_ids)


async def tell_indexes(tx: Tx, product_ids: Sequence[UUID]) -> None:
    """Notes that this transaction changed locked products."""
    await tx.run(_TELL, [list(product_ids)])


async def active_variants_of(read: Read, product_ids: Sequence[UUID]) -> dict[UUID, list[Variant]]:
    """Active variants by product, in their order of display.

    A variant that cannot be read is left out.
    """
    of_products = select(Variant).where(
        one_of(Variant.product_id, product_ids), col(Variant.is_active)
    )
    in_order = of_products.order_by(col(Variant.product_id), col(Variant.position), col(Variant.id))
    by_product: dict[UUID, list[Variant]] = {}
    for variant in await find_readable(read, Variant, in_order, loop=_VARIANTS):
        by_product.setdefault(variant.product_id, []).append(variant)
    return by_product


async def product_of_slug(read: Read, slug: str) -> UUID | None:
    """Returns the product with this slug, published or not."""
    return await read.one(_OF_SLUG, slug=slug)


async def holders_of(
    read: Read, references: Collection[tuple[str, str]]
) -> dict[tuple[str, str], UUID]:
    """Products by the (source, external id) that they have."""
    sources, external_ids = map(list, zip(*references, strict=True)) if references else ([], [])
    records = await read.fetch(_HOLDERS, [sources, external_ids])
    return {(source, external_id): product_id for source, external_id, product_id in records}


async def variant_of_sku(read: Read, sku: str) -> Variant | None:
    """The variant with this SKU, active or not."""
    return await read.one(_OF_SKU, sku=sku)


async def products_of_variants(read: Read, variant_ids: Sequence[UUID]) -> list[UUID]:
    """Products that these variants belong to, in the order of their ids."""
    return await read.all(_PRODUCTS_OF, variant_ids=list(variant_ids))
