"""Price lists and prices as messages."""

from datetime import UTC, datetime
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp

from catalog.errors import InvalidPriceList
from catalog.prices.actions import PriceChange
from catalog.prices.model import PriceList
from catalog.prices.queries import ListedPrice
from catalog.products.own_data import document_of, struct_of
from chassis.money import Money
from chassis.rpc.borders import require_valid_time
from chassis.rpc.ids import parse_optional_id
from chassis.rpc.wire import money, timestamp
from sojourn.catalog.v1 import prices_pb2 as pb


def encode_price_list(price_list: PriceList, now: datetime, *, is_own: bool) -> pb.PriceList:
    return pb.PriceList(
        code=price_list.code,
        name=price_list.name,
        channel=price_list.channel,
        currency=price_list.currency,
        organization_id=str(price_list.organization_id or ""),
        customer_group=price_list.customer_group,
        priority=price_list.priority,
        tax_included=price_list.tax_included,
        active=is_own or price_list.is_active,
        valid_from=timestamp(price_list.valid_from),
        valid_to=timestamp(price_list.valid_to),
        in_effect=is_own or (price_list.is_active and price_list.is_valid_at(now)),
        version=price_list.version,
        metadata=struct_of(price_list.own_data),
    )


def decode_price_list(request: pb.CreatePriceListRequest) -> PriceList:
    """The list that a request creates; the action says its tax."""
    return PriceList(
        code=request.code,
        channel=request.channel,
        organization_id=parse_optional_id(request.organization_id, "organization_id"),
        tax_included=True,
        name=request.name,
        currency=request.currency,
        customer_group=request.customer_group,
        priority=request.priority,
        is_active=not request.inactive,
        valid_from=_time(request.valid_from) if request.HasField("valid_from") else None,
        valid_to=_time(request.valid_to) if request.HasField("valid_to") else None,
        own_data=document_of(request.metadata),
    )


def decode_changes(
    request: pb.UpdatePriceListRequest,
) -> dict[str, Any]:
    """The fields that a request sets. Raises InvalidPriceList for what is no time."""
    changes: dict[str, Any] = {}
    if request.HasField("name"):
        changes["name"] = request.name
    if request.HasField("priority"):
        changes["priority"] = request.priority
    if request.HasField("active"):
        changes["is_active"] = request.active
    if request.HasField("valid_from"):
        changes["valid_from"] = _parse_time(request.valid_from, "valid_from")
    if request.HasField("valid_to"):
        changes["valid_to"] = _parse_time(request.valid_to, "valid_to")
    if request.HasField("metadata"):
        changes["metadata"] = document_of(request.metadata)
    return changes


def encode_listed_price(listed: ListedPrice) -> pb.ListedPrice:
    price, currency = listed.price, listed.price.currency
    return pb.ListedPrice(
        sku=listed.sku,
        price=money(price.amount_minor, currency),
        compare_at=money(price.compare_at_minor, currency)
        if price.compare_at_minor is not None
        else None,
        tiers=[
            pb.QuantityPrice(
                min_quantity=tier.min_quantity, price=money(tier.amount_minor, currency)
            )
            for tier in listed.tiers
        ],
    )


def decode_price_changes(request: pb.SetPricesRequest) -> list[PriceChange]:
    """Raises AmountTooLarge."""
    return [
        PriceChange(
            sku=given.sku,
            price=Money.from_proto(given.price),
            compare_at=Money.from_proto(given.compare_at) if given.HasField("compare_at") else None,
            tiers=[(tier.min_quantity, Money.from_proto(tier.price)) for tier in given.tiers],
            is_removed=given.removed,
            path=f"prices[{number}]",
        )
        for number, given in enumerate(request.prices)
    ]


def _time(stamp: Timestamp) -> datetime:
    return stamp.ToDatetime(UTC)


def _parse_time(text: str, path: str) -> datetime | None:
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidPriceList("is no time of RFC 3339", path=path) from None
    if at.tzinfo is None:
        raise InvalidPriceList("has an offset from UTC", path=path)
    return require_valid_time(at, path=path)
