"""Kinds of settings by the kind of data that files name, and their records as documents."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.struct_pb2 import Struct

from catalog.jobs.model import Counts, DataKind
from catalog.products.own_data import whole_numbers
from catalog.setting_files import content, finding, goods, selling, unsent
from catalog.setting_files.model import SettingKind
from catalog.setting_files.seo_texts import SEO_TEXTS
from catalog.stock.changed_levels import CatalogContext
from chassis.data.tx import Tx
from chassis.rpc.documents import document_of
from chassis.rpc.errors import DomainError

SETTING_KINDS: Final[dict[DataKind, SettingKind]] = {
    DataKind.ATTRIBUTES: finding.ATTRIBUTES,
    DataKind.ATTRIBUTE_TEXTS: finding.ATTRIBUTE_TEXTS,
    DataKind.BUNDLES: goods.BUNDLES,
    DataKind.CHANNELS: selling.CHANNELS,
    DataKind.DIGITAL_GOODS: unsent.DIGITAL_GOODS,
    DataKind.GIFT_CARD_VARIANTS: unsent.GIFT_CARD_VARIANTS,
    DataKind.MENUS: content.MENUS,
    DataKind.MERCHANDISING_RULES: finding.MERCHANDISING_RULES,
    DataKind.PAGES: content.PAGES,
    DataKind.PICKUP_LOCATIONS: selling.PICKUP_LOCATIONS,
    DataKind.PRICE_LISTS: selling.PRICE_LISTS,
    DataKind.RELATED_PRODUCTS: goods.RELATED_PRODUCTS,
    DataKind.RELATION_RULES: goods.RELATION_RULES,
    DataKind.SEARCH_REDIRECTS: finding.SEARCH_REDIRECTS,
    DataKind.SEARCH_WEIGHTS: finding.SEARCH_WEIGHTS,
    DataKind.SEO_TEXTS: SEO_TEXTS,
    DataKind.SHARE_LINKS: content.SHARE_LINKS,
    DataKind.STOCK_POLICIES: goods.STOCK_POLICIES,
    DataKind.STOREFRONTS: selling.STOREFRONTS,
    DataKind.SYNONYMS: finding.SYNONYMS,
    DataKind.WAREHOUSES: selling.WAREHOUSES,
}
_LONG: Final = (FieldDescriptor.CPPTYPE_INT64, FieldDescriptor.CPPTYPE_UINT64)


async def store_settings(
    tx: Tx,
    context: CatalogContext,
    kind: SettingKind,
    records: Sequence[Message],
    actor_id: UUID | None,
) -> Counts:
    """Stores records of a kind, all or none. Raises DomainError with the place of a record."""
    counts = Counts()
    for number, record in enumerate(records):
        try:
            before = await kind.state(tx, context, record)
            await kind.store(tx, context, record, actor_id)
        except DomainError as error:
            path = error.metadata.get("path", "").removeprefix(kind.root)
            error.metadata["path"] = f"records[{number}].{path}"
            raise
        if before is None:
            counts.created += 1
        elif await kind.state(tx, context, record) == before:
            counts.unchanged += 1
        else:
            counts.updated += 1
    return counts


def setting_document(record: Message) -> dict[str, Any]:
    """Returns a record as a document; whole numbers are numbers in it, of any size."""
    document: dict[str, Any] = _with_numbers(record.DESCRIPTOR, document_of(record))
    return document


def _with_numbers(descriptor: Any, document: dict[str, Any]) -> dict[str, Any]:
    for field in descriptor.fields:
        if field.name not in document:
            continue
        value = document[field.name]
        if field.cpp_type in _LONG:
            is_list = isinstance(value, list)
            document[field.name] = [int(each) for each in value] if is_list else int(value)
        elif field.message_type is Struct.DESCRIPTOR:
            document[field.name] = whole_numbers(value)
        elif field.message_type is None or field.message_type.file.package.startswith("google."):
            continue
        elif isinstance(value, list):
            document[field.name] = [_with_numbers(field.message_type, each) for each in value]
        elif not field.message_type.GetOptions().map_entry:
            document[field.name] = _with_numbers(field.message_type, value)
    return document
