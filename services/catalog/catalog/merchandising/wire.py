"""Settings of search as messages."""

from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import UUID

from google.protobuf.timestamp_pb2 import Timestamp

from catalog.categories.model import CategoryTree
from catalog.errors import InvalidRule
from catalog.merchandising.model import (
    AttributeText,
    MerchandisingRule,
    RedirectTarget,
    SearchRedirect,
    SearchWeights,
    Selector,
    SynonymSet,
)
from chassis.rpc.ids import parse_id
from chassis.rpc.wire import EnumCodec, timestamp
from sojourn.catalog.v1 import search_admin_pb2 as pb

_TARGETS = EnumCodec(pb.RedirectTarget, RedirectTarget)
# A draft has no time until it is written.
_NEVER = datetime.min.replace(tzinfo=UTC)


def decode_synonym_set(message: pb.SynonymSet) -> SynonymSet:
    return SynonymSet(
        code=message.code, channel=message.channel, locale=message.locale,
        phrases=list(message.phrases), meanings=list(message.meanings), updated_at=_NEVER,
    )  # fmt: skip


def encode_synonym_set(row: SynonymSet) -> pb.SynonymSet:
    return pb.SynonymSet(
        code=row.code, channel=row.channel, locale=row.locale, phrases=row.phrases,
        meanings=row.meanings, version=row.version, updated_at=timestamp(row.updated_at),
    )  # fmt: skip


def decode_search_redirect(message: pb.SearchRedirect) -> SearchRedirect:
    return SearchRedirect(
        code=message.code, channel=message.channel, locale=message.locale,
        queries=list(message.queries), target=_TARGETS.decode(message.target),
        value=message.value, updated_at=_NEVER,
    )  # fmt: skip


def encode_search_redirect(row: SearchRedirect) -> pb.SearchRedirect:
    return pb.SearchRedirect(
        code=row.code, channel=row.channel, locale=row.locale, queries=row.queries,
        target=_TARGETS.encode(row.target), value=row.value, version=row.version,
        updated_at=timestamp(row.updated_at),
    )  # fmt: skip


def decode_merchandising_rule(
    message: pb.MerchandisingRule, tree: CategoryTree
) -> MerchandisingRule:
    """Raises InvalidRule for an unknown category."""
    category = tree.by_slug.get(message.category_slug)
    if message.category_slug and category is None:
        raise InvalidRule("no category has it", path="category_slug")
    pinned = [parse_id(each, "pinned_product_ids") for each in message.pinned_product_ids]
    return MerchandisingRule(
        code=message.code,
        channel=message.channel,
        queries=list(message.queries),
        category_id=category.id if category else None,
        is_active=message.is_active,
        starts_at=_time(message.starts_at) if message.HasField("starts_at") else None,
        ends_at=_time(message.ends_at) if message.HasField("ends_at") else None,
        pinned=list(dict.fromkeys(pinned)),
        boosted=_selectors(message.boosted),
        buried=_selectors(message.buried),
        hidden=_selectors(message.hidden),
        updated_at=_NEVER,
    )


def encode_merchandising_rule(row: MerchandisingRule, tree: CategoryTree) -> pb.MerchandisingRule:
    category = tree.by_id.get(row.category_id) if row.category_id else None
    message = pb.MerchandisingRule(
        code=row.code, channel=row.channel, queries=row.queries,
        category_slug=category.slug if category else "", is_active=row.is_active,
        pinned_product_ids=map(str, row.pinned), boosted=map(_encode, row.boosted),
        buried=map(_encode, row.buried), hidden=map(_encode, row.hidden), version=row.version,
        updated_at=timestamp(row.updated_at),
    )  # fmt: skip
    if row.starts_at is not None:
        message.starts_at.CopyFrom(timestamp(row.starts_at))
    if row.ends_at is not None:
        message.ends_at.CopyFrom(timestamp(row.ends_at))
    return message


def decode_attribute_text(message: pb.AttributeText) -> AttributeText:
    return AttributeText(
        name=message.name, locale=message.locale, label=message.label,
        values=dict(message.values), updated_at=_NEVER,
    )  # fmt: skip


def encode_attribute_text(row: AttributeText) -> pb.AttributeText:
    return pb.AttributeText(
        name=row.name, locale=row.locale, label=row.label, values=row.values,
        version=row.version, updated_at=timestamp(row.updated_at),
    )  # fmt: skip


def decode_search_weights(message: pb.SearchWeights) -> SearchWeights:
    return SearchWeights(
        channel=message.channel, title=message.title, brand=message.brand,
        category=message.category, attributes=message.attributes, body=message.body,
        sku=message.sku, in_stock=message.in_stock, updated_at=_NEVER,
    )  # fmt: skip


def encode_search_weights(row: SearchWeights) -> pb.SearchWeights:
    message = pb.SearchWeights(
        channel=row.channel, title=row.title, brand=row.brand, category=row.category,
        attributes=row.attributes, body=row.body, sku=row.sku, in_stock=row.in_stock,
        version=row.version,
    )  # fmt: skip
    if row.version:
        message.updated_at.CopyFrom(timestamp(row.updated_at))
    return message


def _selectors(messages: Iterable[pb.ProductSelector]) -> list[Selector]:
    return [
        Selector(
            parse_id(each.product_id, "product_id") if each.product_id else None,
            each.facet,
            each.value,
        )
        for each in messages
    ]


def _encode(selector: Selector) -> pb.ProductSelector:
    product_id: UUID | None = selector.product_id
    return pb.ProductSelector(
        product_id=str(product_id) if product_id else "",
        facet=selector.facet,
        value=selector.value,
    )


def _time(stamp: Timestamp) -> datetime:
    try:
        return stamp.ToDatetime(UTC)
    except (ValueError, OverflowError):
        raise InvalidRule("a time is between the years 1 and 9999") from None
