"""Gift cards as messages, and messages as values."""

from datetime import UTC, datetime
from typing import Final

from google.protobuf.timestamp_pb2 import Timestamp

from chassis.money import Money
from chassis.rpc.wire import EnumCodec, money, timestamp
from checkout.errors.gift_cards import InvalidGiftCard
from checkout.gift_cards.actions import GiftCardChanges, ImportedGiftCard, NewGiftCard
from checkout.gift_cards.deliveries import GiftCardDelivery
from checkout.gift_cards.model import (
    MOST_CARDS,
    REFUND_DAYS,
    EntryKind,
    GiftCard,
    GiftCardEntry,
    GiftCardProblem,
    GiftCardSettings,
    GiftCardSource,
    GiftCardStatus,
)
from checkout.gift_cards.shares import GiftCardShare
from sojourn.checkout.v1 import gift_card_pb2
from sojourn.checkout.v1 import gift_cards_pb2 as pb

STATUSES: Final = EnumCodec(gift_card_pb2.GiftCardStatus, GiftCardStatus)
SOURCES: Final = EnumCodec(pb.GiftCardSource, GiftCardSource)
_PROBLEMS: Final = EnumCodec(gift_card_pb2.GiftCardProblem, GiftCardProblem)
_KINDS: Final = EnumCodec(pb.GiftCardEntryKind, EntryKind)


def new_from_proto(request: pb.IssueGiftCardRequest, channel: str) -> NewGiftCard:
    """Raises InvalidGiftCard, AmountTooLarge."""
    return NewGiftCard(
        amount=Money.from_proto(request.amount),
        channel=channel,
        expires_at=_moment(request.expires_at) if request.HasField("expires_at") else None,
        note=request.note,
    )


def changes_from_proto(request: pb.UpdateGiftCardRequest) -> GiftCardChanges:
    """Raises InvalidGiftCard."""
    return GiftCardChanges(
        expires_at=_moment(request.expires_at) if request.HasField("expires_at") else None,
        is_endless=request.never_expires,
        note=request.note if request.HasField("note") else None,
    )


def imported_from_proto(
    message: pb.ImportedGiftCard, channel: str, *, path: str
) -> ImportedGiftCard:
    """Raises InvalidGiftCard, AmountTooLarge."""
    has_end = message.HasField("expires_at")
    return ImportedGiftCard(
        path=path,
        code=message.code,
        balance=Money.from_proto(message.balance),
        channel=channel,
        expires_at=_moment(message.expires_at, f"{path}.expires_at") if has_end else None,
        note=message.note,
    )


def card_to_proto(card: GiftCard) -> pb.GiftCard:
    return pb.GiftCard(
        id=str(card.id),
        version=card.version,
        ending=card.ending,
        status=STATUSES.encode(card.status),
        initial=money(card.initial_minor, card.currency),
        balance=money(card.balance_minor, card.currency),
        reserved=money(card.reserved_minor, card.currency),
        expires_at=timestamp(card.expires_at),
        source=SOURCES.encode(card.source),
        channel=card.channel,
        order_id=str(card.order_id or ""),
        note=card.note,
        created_at=timestamp(card.created_at),
        sent_at=timestamp(card.sent_at),
        customer_id=str(card.owner_id or ""),
    )


def entry_to_proto(entry: GiftCardEntry, currency: str) -> pb.GiftCardEntry:
    return pb.GiftCardEntry(
        id=str(entry.id),
        kind=_KINDS.encode(entry.kind),
        amount=money(entry.amount_minor, currency),
        balance=money(entry.balance_minor, currency),
        order_id=str(entry.order_id or ""),
        reason=entry.reason,
        actor_id=str(entry.actor_id or ""),
        at=timestamp(entry.at),
    )


def balance_to_proto(card: GiftCard, now: datetime) -> pb.GiftCardBalance:
    problem = card.problem(now)
    return pb.GiftCardBalance(
        ending=card.ending,
        available=money(card.available_minor, card.currency),
        expires_at=timestamp(card.expires_at),
        problem=problem_to_proto(problem),
    )


def share_to_proto(share: GiftCardShare, currency: str) -> gift_card_pb2.CheckoutGiftCard:
    return gift_card_pb2.CheckoutGiftCard(
        id=str(share.card_id),
        ending=share.ending,
        pays=money(share.pays_minor, currency),
        available=money(share.available_minor, currency),
        expires_at=timestamp(share.expires_at),
        problem=problem_to_proto(share.problem),
        store_credit=share.is_store_credit,
    )


def delivery_from_proto(message: gift_card_pb2.GiftCardDelivery) -> GiftCardDelivery:
    """Returns a delivery with the address as typed. Raises InvalidGiftCard."""
    return GiftCardDelivery(
        line_id=message.line_id.lower(),
        email=message.email,
        recipient_name=message.recipient_name,
        sender_name=message.sender_name,
        message=message.message,
        send_at=_moment(message.send_at, "gift_card_deliveries.send_at")
        if message.HasField("send_at")
        else None,
    )


def delivery_to_proto(delivery: GiftCardDelivery) -> gift_card_pb2.GiftCardDelivery:
    return gift_card_pb2.GiftCardDelivery(
        line_id=delivery.line_id,
        email=delivery.email,
        recipient_name=delivery.recipient_name,
        sender_name=delivery.sender_name,
        message=delivery.message,
        send_at=timestamp(delivery.send_at),
    )


def bought_to_proto(card: GiftCard, code: str) -> pb.BoughtGiftCard:
    """Returns a card as its buyer sees it; `code` is empty where another person has it."""
    return pb.BoughtGiftCard(
        id=str(card.id),
        order_line_id=str(card.order_line_id or ""),
        ending=card.ending,
        code=code,
        initial=money(card.initial_minor, card.currency),
        status=STATUSES.encode(card.status),
        expires_at=timestamp(card.expires_at),
        email=card.delivery.email if card.delivery else "",
        send_at=timestamp(card.send_at),
        sent_at=timestamp(card.sent_at),
    )


def settings_from_proto(message: pb.GiftCardSettings, channel: str) -> GiftCardSettings:
    """Returns the settings of a channel."""
    return GiftCardSettings(
        channel=channel,
        validity_days=message.validity_days if message.HasField("validity_days") else None,
        refund_days=message.refund_days if message.HasField("refund_days") else REFUND_DAYS,
        pays_gift_cards=message.pays_gift_cards,
        most_cards=message.most_cards if message.HasField("most_cards") else MOST_CARDS,
        store_credit_days=message.store_credit_days
        if message.HasField("store_credit_days")
        else None,
    )


def settings_to_proto(settings: GiftCardSettings) -> pb.GiftCardSettings:
    return pb.GiftCardSettings(
        channel=settings.channel,
        validity_days=settings.validity_days,
        refund_days=settings.refund_days,
        pays_gift_cards=settings.pays_gift_cards,
        most_cards=settings.most_cards,
        store_credit_days=settings.store_credit_days,
        version=settings.version,
    )


def problem_to_proto(
    problem: GiftCardProblem | None,
) -> gift_card_pb2.GiftCardProblem.ValueType:
    return _PROBLEMS.encode(problem) if problem else gift_card_pb2.GIFT_CARD_PROBLEM_UNSPECIFIED


def _moment(stamp: Timestamp, path: str = "expires_at") -> datetime:
    try:
        return stamp.ToDatetime(UTC)
    except (ValueError, OverflowError):
        raise InvalidGiftCard(path=path, problem="no time") from None
