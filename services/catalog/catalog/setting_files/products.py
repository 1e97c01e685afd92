"""Products by the slugs that files name."""

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from sqlmodel import col, select

from catalog.products.model import Product
from catalog.slugs import is_slug
from chassis.data.statements import one_of, prepare
from chassis.data.tx import Read

_IDS: Final = prepare(
    select(Product.slug, Product.id).where(
        one_of(Product.slug, "slugs"), col(Product.deleted_at).is_(None)
    )
)
_SLUGS: Final = prepare(
    select(Product.id, Product.slug).where(
        one_of(Product.id, "ids"), col(Product.deleted_at).is_(None)
    )
)


async def ids_of_slugs(read: Read, slugs: Iterable[str]) -> dict[str, UUID]:
    """Returns the products that there are, by slug."""
    asked = sorted({slug for slug in slugs if is_slug(slug)})
    return dict(await read.all(_IDS, slugs=asked)) if asked else {}


async def slugs_of_ids(read: Read, ids: Iterable[UUID]) -> dict[UUID, str]:
    """Returns the slugs of the products that there are, by id."""
    asked = sorted({*ids})
    return dict(await read.all(_SLUGS, ids=asked)) if asked else {}
