"""Records of attributes, their texts, synonyms, redirects, rules and weights of search."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from google.protobuf.message import Message
from sqlmodel import col, select

from catalog.attributes.actions import put_attribute_definition
from catalog.attributes.model import AttributeDefinition
from catalog.attributes.queries import list_attribute_definitions
from catalog.attributes.wire import decode_attribute_definition, encode_attribute_definition
from catalog.errors import InvalidRule
from catalog.merchandising import actions, wire
from catalog.merchandising.model import (
    AttributeText,
    MerchandisingRule,
    SearchRedirect,
    SearchWeights,
    SynonymSet,
)
from catalog.merchandising.queries import list_by_code, list_texts
from catalog.setting_files.model import (
    Export,
    Placed,
    Position,
    SettingKind,
    first_of,
    of_code,
    row_of,
)
from catalog.setting_files.products import ids_of_slugs, slugs_of_ids
from catalog.stock.changed_levels import CatalogContext
from chassis.data.tx import Read, Tx
from sojourn.catalog.v1 import attributes_pb2
from sojourn.catalog.v1 import search_admin_pb2 as search_pb
from sojourn.catalog.v1 import setting_records_pb2 as pb

_SELECTORS: Final = ("boosted", "buried", "hidden")


def _timeless(message: Message) -> Message:
    """Returns a message without what another installation says itself."""
    for name in ("version", "updated_at"):
        message.ClearField(name)
    return message


async def _definitions(
    read: Read, context: CatalogContext, after: Position | None, size: int
) -> list[Placed]:
    rows = await list_attribute_definitions(read, after=first_of(after), size=size)
    return [Placed((row.name,), _timeless(encode_attribute_definition(row))) for row in rows]


async def _store_definition(
    tx: Tx, context: CatalogContext, record: Any, actor_id: UUID | None
) -> None:
    await put_attribute_definition(tx, decode_attribute_definition(record), actor_id=actor_id)


async def _texts(
    read: Read, context: CatalogContext, after: Position | None, size: int
) -> list[Placed]:
    name, locale = after or ("", "")
    rows = await list_texts(read, after=(name, locale), size=size)
    return [
        Placed((row.name, row.locale), _timeless(wire.encode_attribute_text(row))) for row in rows
    ]


async def _store_text(tx: Tx, context: CatalogContext, record: Any, actor_id: UUID | None) -> None:
    draft = wire.decode_attribute_text(record)
    await actions.put_attribute_text(tx, draft, actor_id=actor_id, expected_version=0)


def _by_code(table: type[SynonymSet | SearchRedirect], encode: Callable[[Any], Message]) -> Export:
    """Returns the export of a kind whose rows are in the order of their codes."""

    async def export(
        read: Read, context: CatalogContext, after: Position | None, size: int
    ) -> list[Placed]:
        rows = await list_by_code(read, table, after=first_of(after), size=size)
        return [Placed((row.code,), _timeless(encode(row))) for row in rows]

    return export


async def _store_synonyms(
    tx: Tx, context: CatalogContext, record: Any, actor_id: UUID | None
) -> None:
    draft = wire.decode_synonym_set(record)
    await actions.put_synonym_set(
        tx, context.channels, draft, actor_id=actor_id, expected_version=0
    )


async def _store_redirect(
    tx: Tx, context: CatalogContext, record: Any, actor_id: UUID | None
) -> None:
    draft = wire.decode_search_redirect(record)
    await actions.put_search_redirect(
        tx, context.channels, context.tree, draft, actor_id=actor_id, expected_version=0
    )


async def _rules(
    read: Read, context: CatalogContext, after: Position | None, size: int
) -> list[Placed]:
    """Returns rules; products that are gone are left out."""
    rows = await list_by_code(read, MerchandisingRule, after=first_of(after), size=size)
    messages = [wire.encode_merchandising_rule(row, context.tree) for row in rows]
    slugs = await slugs_of_ids(read, [id for each in rows for id in _product_ids(each)])
    return [Placed((each.code,), _rule_record(each, slugs)) for each in messages]


def _product_ids(rule: MerchandisingRule) -> Iterable[UUID]:
    yield from rule.pinned
    for selectors in (rule.boosted, rule.buried, rule.hidden):
        yield from (each.product_id for each in selectors if each.product_id is not None)


def _rule_record(
    rule: search_pb.MerchandisingRule, slugs: Mapping[UUID, str]
) -> pb.MerchandisingRuleRecord:
    by_id = {str(id): slug for id, slug in slugs.items()}
    record = pb.MerchandisingRuleRecord(
        code=rule.code,
        channel=rule.channel,
        queries=rule.queries,
        category_slug=rule.category_slug,
        is_active=rule.is_active,
        pinned_product_slugs=[by_id[id] for id in rule.pinned_product_ids if id in by_id],
    )
    for name in ("starts_at", "ends_at"):
        if rule.HasField(name):
            getattr(record, name).CopyFrom(getattr(rule, name))
    for name in _SELECTORS:
        for each in getattr(rule, name):
            if not each.product_id or each.product_id in by_id:
                getattr(record, name).add(
                    product_slug=by_id.get(each.product_id, ""), facet=each.facet, value=each.value
                )
    return record


async def _store_rule(tx: Tx, context: CatalogContext, record: Any, actor_id: UUID | None) -> None:
    named = [each.product_slug for name in _SELECTORS for each in getattr(record, name)]
    ids = await ids_of_slugs(tx, [*record.pinned_product_slugs, *named])
    rule = search_pb.MerchandisingRule(
        code=record.code,
        channel=record.channel,
        queries=record.queries,
        category_slug=record.category_slug,
        is_active=record.is_active,
        pinned_product_ids=_ids(record.pinned_product_slugs, ids, "pinned_product_slugs[{}]"),
    )
    for name in ("starts_at", "ends_at"):
        if record.HasField(name):
            getattr(rule, name).CopyFrom(getattr(record, name))
    for name in _SELECTORS:
        given = getattr(record, name)
        slugs = [each.product_slug for each in given]
        found = _ids(slugs, ids, f"{name}[{{}}].product_slug")
        for product_id, each in zip(found, given, strict=True):
            getattr(rule, name).add(product_id=product_id, facet=each.facet, value=each.value)
    draft = wire.decode_merchandising_rule(rule, context.tree)
    await actions.put_merchandising_rule(
        tx, context.channels, draft, actor_id=actor_id, expected_version=0
    )


def _ids(slugs: Sequence[str], ids: Mapping[str, UUID], path: str) -> list[str]:
    """Returns ids as texts, empty for the empty slug. Raises InvalidRule for one that is none."""
    for number, slug in enumerate(slugs):
        if slug and slug not in ids:
            raise InvalidRule("no product has this slug", path=path.format(number))
    return [str(ids[slug]) if slug else "" for slug in slugs]


async def _weights(
    read: Read, context: CatalogContext, after: Position | None, size: int
) -> list[Placed]:
    """Returns the weights of all channels that have some of their own."""
    rows = await read.all(select(SearchWeights).order_by(col(SearchWeights.channel)))
    return [Placed((row.channel,), _timeless(wire.encode_search_weights(row))) for row in rows]


async def _weights_state(read: Read, context: CatalogContext, record: Any) -> object:
    return await read.get(SearchWeights, context.channels.channel(record.channel).code)


async def _store_weights(
    tx: Tx, context: CatalogContext, record: Any, actor_id: UUID | None
) -> None:
    draft = wire.decode_search_weights(record)
    await actions.put_search_weights(
        tx, context.channels, draft, actor_id=actor_id, expected_version=0
    )


ATTRIBUTES: Final = SettingKind(
    attributes_pb2.AttributeDefinition,
    lambda record: ("name", record.name),
    _definitions,
    row_of(AttributeDefinition, "name"),
    _store_definition,
)
ATTRIBUTE_TEXTS: Final = SettingKind(
    search_pb.AttributeText,
    lambda record: ("name", record.locale, record.name),
    _texts,
    row_of(AttributeText, "name", "locale"),
    _store_text,
    position_length=2,
)
SYNONYMS: Final = SettingKind(
    search_pb.SynonymSet,
    of_code,
    _by_code(SynonymSet, wire.encode_synonym_set),
    row_of(SynonymSet, "code"),
    _store_synonyms,
)
SEARCH_REDIRECTS: Final = SettingKind(
    search_pb.SearchRedirect,
    of_code,
    _by_code(SearchRedirect, wire.encode_search_redirect),
    row_of(SearchRedirect, "code"),
    _store_redirect,
)
MERCHANDISING_RULES: Final = SettingKind(
    pb.MerchandisingRuleRecord, of_code, _rules, row_of(MerchandisingRule, "code"), _store_rule
)
SEARCH_WEIGHTS: Final = SettingKind(
    search_pb.SearchWeights,
    lambda record: ("channel", record.channel),
    _weights,
    _weights_state,
    _store_weights,
    is_whole=True,
)
