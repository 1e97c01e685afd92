"""Events of gift cards."""

from chassis.rpc.wire import EnumCodec, money
from checkout.gift_cards.model import GiftCard, GiftCardStatus
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
