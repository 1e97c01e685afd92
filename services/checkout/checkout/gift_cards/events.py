"""Events of gift cards."""

from chassis.money import Money
from chassis.rpc.wire import EnumCodec, money, timestamp
from checkout.gift_cards.deliveries import GiftCardDelivery
from checkout.gift_cards.model import GiftCard, GiftCardStatus
from checkout.orders.model import Order
from sojourn.checkout.v1 import gift_card_events_pb2 as pb
from sojourn.checkout.v1 import gift_card_pb2

_STATUSES = EnumCodec(gift_card_pb2.GiftCardStatus, GiftCardStatus)


def gift_card_changed(card: GiftCard) -> pb.GiftCardChanged:
    return pb.GiftCardChanged(
        gift_card_id=str(card.id),
        version=card.version,
        status=_STATUSES.encode(card.status),
        balance=money(card.balance_minor, card.currency),
    )


def store_credit_changed(credit: GiftCard, amount: Money, *, channel: str) -> pb.StoreCreditChanged:
    return pb.StoreCreditChanged(
        store_credit_id=str(credit.id),
        version=credit.version,
        customer_id=str(credit.owner_id),
        amount=amount.to_proto(),
        balance=money(credit.balance_minor, credit.currency),
        expires_at=timestamp(credit.expires_at),
        channel=channel,
    )


def gift_card_sent(
    card: GiftCard, order: Order | None, code: str, *, locale: str = ""
) -> pb.GiftCardSent:
    """Returns the event of a mail, to the address of the card's delivery or to its buyer."""
    delivery = card.delivery or GiftCardDelivery("", order.email if order else "")
    return pb.GiftCardSent(
        gift_card_id=str(card.id),
        version=card.version,
        email=delivery.email,
        recipient_name=delivery.recipient_name,
        sender_name=delivery.sender_name,
        message=delivery.message,
        code=code,
        amount=money(card.balance_minor, card.currency),
        expires_at=timestamp(card.expires_at),
        locale=locale or (order.locale if order else ""),
        channel=card.channel,
        order_id=str(order.id) if order else "",
        number=(order.number or "") if order else "",
        owner_id=str(order.owner_id) if order else "",
        checkout_id=str(order.checkout_id) if order else "",
        to_buyer=card.delivery is None,
    )
