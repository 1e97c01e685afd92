"""Products and their variants, as staff keep them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from chassis.data.rows import Row
from chassis.data.tx import Read, Tx

STANDARD_TAX_CLASS: Final = "standard"
PIECE: Final = "C62"


@dataclass(kw_only=True)
class Product(Row, table="product"):
    """What is described once and sold as one or more variants. Texts are by locale; `options` is [{name, values}].

    A synthetic one is never published: only synthetic shoppers are offered it.
    """

    id: UUID
    slug: str
    category_id: UUID | None
    brand: str
    title: dict[str, str]
    description: dict[str, str]
    images: list[Any]
    options: list[Any]
    attributes: dict[str, str]
    tags: list[str]
    seo_title: str
    seo_description: str
    is_published: bool
    is_synthetic: bool = False
    content_digest: bytes
    version: int = 1
    created_at: datetime
    updated_at: datetime


@dataclass(kw_only=True)
class Variant(Row, table="variant"):
    """What can be bought. `options` is [[name, value]]; quantities are in 10^-scale units, in steps of `increment`.

    One that an import no longer names is kept, inactive: reservations and orders refer to it.
    """

    id: UUID
    product_id: UUID
    sku: str
    options: list[Any]
    position: int
    weight_grams: int
    tax_class: str = STANDARD_TAX_CLASS
    barcode: str = ""
    unit_code: str = PIECE
    scale: int = 0
    increment: int = 1
    is_active: bool = True


async def lock_products(tx: Tx, product_ids: Sequence[UUID]) -> None:
    """Locks products until the end of the transaction, in the order of their ids. Take stock locks before, never after."""
    await tx.fetch("SELECT 1 FROM product WHERE id = ANY(%s) ORDER BY id FOR UPDATE", [list(product_ids)])


async def raise_versions(tx: Tx, product_ids: Sequence[UUID]) -> None:
    """Raises the versions of locked products and tells the search indexes."""
    await tx.run("UPDATE product SET version = version + 1, updated_at = %s WHERE id = ANY(%s)", [tx.now, list(product_ids)])
    await tell_indexes(tx, product_ids)


async def tell_indexes(tx: Tx, product_ids: Sequence[UUID]) -> None:
    """Notes that this transaction changed locked products."""
    await tx.run(
        "INSERT INTO product_change (product_id, xid) SELECT id, pg_current_xact_id() FROM unnest(%b::uuid[]) id ORDER BY id"
        " ON CONFLICT (product_id) DO UPDATE SET xid = excluded.xid",
        [list(product_ids)],
    )


async def active_variants_of(read: Read, product_ids: Sequence[UUID]) -> dict[UUID, list[Variant]]:
    """Active variants by product, in their order of display."""
    found = await read.find(Variant, "WHERE product_id = ANY(%s) AND is_active ORDER BY product_id, position, id", [list(product_ids)])
    by_product: dict[UUID, list[Variant]] = {}
    for variant in found:
        by_product.setdefault(variant.product_id, []).append(variant)
    return by_product


async def variant_of_sku(read: Read, sku: str) -> Variant | None:
    """The variant with this SKU, active or not."""
    return await read.find_one(Variant, "WHERE sku = %s", [sku])


async def products_of_variants(read: Read, variant_ids: Sequence[UUID]) -> list[UUID]:
    """Products that these variants belong to, in the order of their ids."""
    records = await read.fetch("SELECT DISTINCT product_id FROM variant WHERE id = ANY(%s) ORDER BY 1", [list(variant_ids)])
    return [record[0] for record in records]
