"""Values as messages hold them: times, money, quantities, line items, notices and enums."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Final, Generic, Protocol, TypeVar, overload

from google.protobuf.descriptor import EnumDescriptor
from google.protobuf.timestamp_pb2 import Timestamp

from chassis.line_item import Availability, ItemKind, LineItem
from chassis.money import Money
from chassis.notices import Notice, NoticeCode, NoticeType, Severity
from chassis.quantity import PIECE, Quantity
from chassis.rpc.constraints import InvalidField
from chassis.rpc.ids import parse_id
from chassis.totals import TotalType
from sojourn.common.v1 import line_item_pb2, message_pb2, money_pb2, quantity_pb2

E = TypeVar("E", bound=StrEnum)
V = TypeVar("V", bound=int)
V_co = TypeVar("V_co", bound=int, covariant=True)


class Contract(Protocol[V_co]):
    """An enum as protoc generates it."""

    @property
    def DESCRIPTOR(self) -> EnumDescriptor: ...

    def Value(self, name: str) -> V_co: ...


@overload
def timestamp(at: datetime) -> Timestamp: ...


@overload
def timestamp(at: None) -> None: ...


@overload
def timestamp(at: datetime | None) -> Timestamp | None: ...


def timestamp(at: datetime | None) -> Timestamp | None:
    """Returns a time as a message holds it; None for None, which leaves the field not set."""
    if at is None:
        return None
    stamp = Timestamp()
    stamp.FromDatetime(at)
    return stamp


def money(amount_minor: int, currency: str) -> money_pb2.Money:
    """Returns an amount of minor units as a message holds it."""
    return money_pb2.Money(amount_minor=amount_minor, currency=currency)


def quantity(value: Quantity) -> quantity_pb2.Quantity:
    """Returns a quantity as a message holds it."""
    return quantity_pb2.Quantity(
        steps=value.steps, scale=value.scale, increment=value.increment, unit_code=value.unit_code
    )


def quantity_of(message: quantity_pb2.Quantity) -> Quantity:
    """Returns the quantity of a message; one piece is the unit where it names none."""
    return Quantity(
        message.steps, message.scale, message.increment or 1, message.unit_code or PIECE
    )


def line_item(item: LineItem) -> line_item_pb2.LineItem:
    """Returns a line item as a message holds it."""
    currency = item.unit_price.currency
    return line_item_pb2.LineItem(
        variant_id=str(item.variant_id),
        product_id=item.product_id,
        sku=item.sku,
        title=item.title,
        options=item.options,
        product_slug=item.product_slug,
        image_url=item.image_url,
        quantity=quantity(item.quantity),
        unit_price=money(item.unit_price.amount_minor, currency),
        subtotal=money(item.subtotal.amount_minor, currency),
        discount=money(item.discount.amount_minor, currency),
        total=money(item.subtotal.amount_minor + item.discount.amount_minor, currency),
        tax_class=item.tax_class,
        mass_grams=item.mass_grams,
        volume_cm3=item.volume_cm3,
        promise=AVAILABILITIES.encode(item.promise) if item.promise else None,
        expected_at=timestamp(item.expected_at),
        kind=ITEM_KINDS.encode(item.kind),
        gift_card_value=item.gift_card_value.to_proto() if item.gift_card_value else None,
    )


class EnumCodec(Generic[E, V]):
    """Maps the values of an enum of a contract to a `StrEnum` and back:

    `ORDER_STATUS_PLACED` is `OrderStatus.PLACED`.

    `unspecified` is what a field that was not set means; without it such a field is refused. Raises
    KeyError at import if any other member has no value in the contract.
    """

    def __init__(
        self, contract: Contract[V], members: type[E], *, unspecified: E | None = None
    ) -> None:
        descriptor = contract.DESCRIPTOR
        prefix = descriptor.values_by_number[0].name.removesuffix("UNSPECIFIED")
        self._name = descriptor.name
        self._encoded: dict[str, V] = {}
        for member in members:
            name = prefix + member.name
            if member is unspecified and name not in descriptor.values_by_name:
                name = prefix + "UNSPECIFIED"
            if name not in descriptor.values_by_name:
                raise KeyError(f"{descriptor.full_name} has no {name}")
            self._encoded[member] = contract.Value(name)
        self._decoded: dict[int, E] = {int(self._encoded[member]): member for member in members}
        if unspecified is not None:
            self._decoded[0] = unspecified

    def encode(self, member: E | str) -> V:
        """Returns the value of the contract for a member, or for its text as a column holds it."""
        return self._encoded[member]

    def decode(self, value: int) -> E:
        """Raises InvalidField for a value that has no member."""
        try:
            return self._decoded[value]
        except KeyError:
            raise InvalidField(
                f"unknown {self._name}",
                rule="enum.defined_only",
                allowed=", ".join(self._decoded.values()),
            ) from None


AVAILABILITIES: Final = EnumCodec(line_item_pb2.Availability, Availability)
# What an older release sends is a thing.
ITEM_KINDS: Final = EnumCodec(line_item_pb2.ItemKind, ItemKind, unspecified=ItemKind.PHYSICAL)
TOTAL_TYPES: Final = EnumCodec(money_pb2.TotalType, TotalType)
_TYPES: Final = EnumCodec(message_pb2.MessageType, NoticeType)
_CODES: Final = EnumCodec(message_pb2.MessageCode, NoticeCode)
_SEVERITIES: Final = EnumCodec(message_pb2.MessageSeverity, Severity)


def notice(value: Notice) -> message_pb2.Message:
    """Returns a notice as a message holds it."""
    return message_pb2.Message(
        type=_TYPES.encode(value.type),
        code=_CODES.encode(value.code),
        path=value.path,
        content=value.content,
        severity=_SEVERITIES.encode(value.severity),
    )


def notice_of(message: message_pb2.Message) -> Notice:
    """Returns the notice of a message.

    Raises InvalidField for one that this release does not know.
    """
    type = _TYPES.decode(message.type)
    # Earlier releases gave errors alone a severity.
    severity = (
        _SEVERITIES.decode(message.severity)
        if message.HasField("severity")
        else Severity.REQUIRES_BUYER_REVIEW
    )
    return Notice(
        type,
        _CODES.decode(message.code),
        message.path,
        message.content,
        severity,
    )


def line_item_of(message: line_item_pb2.LineItem) -> LineItem:
    """Returns the line item of a message. Raises InvalidId, AmountTooLarge."""
    return LineItem(
        variant_id=parse_id(message.variant_id, "variant_id"),
        product_id=message.product_id,
        sku=message.sku,
        title=message.title,
        options=message.options,
        product_slug=message.product_slug,
        image_url=message.image_url,
        quantity=quantity_of(message.quantity),
        unit_price=Money.from_proto(message.unit_price),
        subtotal=Money.from_proto(message.subtotal),
        discount=Money.from_proto(message.discount),
        tax_class=message.tax_class,
        mass_grams=message.mass_grams,
        volume_cm3=message.volume_cm3,
        promise=AVAILABILITIES.decode(message.promise) if message.promise else None,
        expected_at=message.expected_at.ToDatetime(UTC)
        if message.HasField("expected_at")
        else None,
        kind=ITEM_KINDS.decode(message.kind),
        gift_card_value=Money.from_proto(message.gift_card_value)
        if message.HasField("gift_card_value")
        else None,
    )
