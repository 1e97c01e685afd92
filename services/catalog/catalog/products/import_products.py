"""Import of products: one transaction a batch, repeatable by (source, external id).

The number of statements does not depend on the size of the batch. What staff changed of a product,
an import leaves alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam
from sqlmodel import col, select

from catalog.attributes.model import checked_attributes, definitions_of
from catalog.channels.model import Channels
from catalog.errors import InvalidImport
from catalog.products.drafts import digest_of, draft_of, identity_of
from catalog.products.model import Product, ProductExternalId
from catalog.products.refusals import refuse
from catalog.products.store_drafts import Known, lock_catalogue, store_drafts
from catalog.products.variant_drafts import require_sold
from chassis.data.audit import record_audit
from chassis.data.statements import one_of, prepare
from chassis.data.tx import Tx
from chassis.runtime.clock import uuid7
from sojourn.catalog.v1 import catalog_pb2 as pb

MOST_PRODUCTS: Final = 500
# The source of ids in files that exports wrote.
OWN_SOURCE: Final = "sojourn"
_KNOWN: Final = prepare(
    select(ProductExternalId.external_id, Product.id, Product.content_digest, Product.slug)
    .select_from(ProductExternalId)
    .join(Product, col(Product.id) == col(ProductExternalId.product_id))
    .where(
        col(ProductExternalId.source) == bindparam("source"),
        one_of(ProductExternalId.external_id, "external_ids"),
    )
)
_OF_ID: Final = prepare(
    select(Product.id, Product.content_digest, Product.slug).where(
        one_of(Product.id, "product_ids"), col(Product.deleted_at).is_(None)
    )
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Outcome of a batch. `product_ids` are in the order of the input."""

    created: int
    updated: int
    unchanged: int
    product_ids: list[UUID]


async def import_products(
    tx: Tx,
    channels: Channels,
    source: str,
    inputs: Sequence[pb.ProductInput],
    *,
    actor_id: UUID | None = None,
    first_line: int = 1,
    lines: Sequence[int] = (),
    needs_prices: bool = True,
) -> Outcome:
    """Creates or replaces products and publishes them.

    What is the same as before is not touched. `lines` are the products' own; without them they
    count from `first_line`.

    Raises InvalidImport with the line and the field; the transaction must then end.
    """
    if (
        not source
        or not source.isprintable()
        or len(source) > 100
        or not 0 < len(inputs) <= MOST_PRODUCTS
    ):
        raise InvalidImport(
            f"needs a source and 1 to {MOST_PRODUCTS} products",
            line=0,
            field="source" if not source else "products",
        )
    identities = [identity_of(given) for given in inputs]
    numbers = lines or range(first_line, first_line + len(inputs))
    _refuse_doubles(identities, numbers)
    await lock_catalogue(tx)
    known = await _known(tx, source, identities)
    digests = [digest_of(given) for given in inputs]
    changed = [
        (line, draft_of(given, line=line, digest=digest, needs_prices=needs_prices))
        for line, given, identity, digest in zip(numbers, inputs, identities, digests, strict=True)
        if identity not in known or known[identity].digest != digest
    ]
    currencies = {currency for channel in channels.all for currency in channel.currencies}
    for line, draft in changed:
        require_sold(draft.variants, line=line, currencies=currencies)
    definitions = await definitions_of(
        tx, {name for _, each in changed for name in each.attributes}
    )
    drafts = [
        replace(each, attributes=checked_attributes(definitions, each.attributes, line=line))
        for line, each in changed
    ]
    ids = {identity: before.product_id for identity, before in known.items()}
    ids.update({draft.external_id: uuid7() for draft in drafts if draft.external_id not in known})
    created = len(ids) - len(known)
    outcome = Outcome(
        created,
        len(drafts) - created,
        len(inputs) - len(drafts),
        [ids[identity] for identity in identities],
    )
    if drafts:
        await store_drafts(tx, channels, source, drafts, known, ids)
        counts = {
            "created": outcome.created,
            "updated": outcome.updated,
            "unchanged": outcome.unchanged,
        }
        record_audit(tx, actor_id, "import_products", f"source:{source}", after=counts)
    return outcome


def _refuse_doubles(identities: Sequence[str], numbers: Sequence[int]) -> None:
    lines: dict[str, int] = {}
    for line, identity in zip(numbers, identities, strict=True):
        if identity in lines:
            refuse(line, "external_id", f"is on line {lines[identity]} too")
        lines[identity] = line


async def _known(tx: Tx, source: str, external_ids: Sequence[str]) -> dict[str, Known]:
    records = await tx.all(_KNOWN, source=source, external_ids=list(external_ids))
    known = {external_id: Known(*rest) for external_id, *rest in records}
    if source == OWN_SOURCE:
        # An export names products by the ids that they have here.
        ids = [found for each in external_ids if (found := _id_of(each)) is not None]
        for product_id, digest, slug in await tx.all(_OF_ID, product_ids=ids) if ids else ():
            known.setdefault(str(product_id), Known(product_id, digest, slug))
    return known


def _id_of(text: str) -> UUID | None:
    """Returns the id that a text is, in its usual form; None for another text."""
    try:
        found = UUID(text)
    except ValueError:
        return None
    return found if str(found) == text else None
