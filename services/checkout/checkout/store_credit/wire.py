"""Store credit as messages."""

from datetime import datetime

from chassis.rpc.wire import money, timestamp
from checkout.gift_cards.model import GiftCard, GiftCardEntry
from checkout.gift_cards.wire import entry_to_proto, problem_to_proto
from sojourn.checkout.v1 import store_credit_pb2 as pb


def credit_to_proto(credit: GiftCard, now: datetime) -> pb.StoreCredit:
    return pb.StoreCredit(
        id=str(credit.id),
        balance=money(credit.balance_minor, credit.currency),
        available=money(credit.available_minor, credit.currency),
        expires_at=timestamp(credit.expires_at),
        problem=problem_to_proto(credit.problem(now)),
    )


def credit_entry_to_proto(entry: GiftCardEntry, currency: str) -> pb.StoreCreditEntry:
    """Returns an entry as the customer sees it: without who of the staff made it."""
    found = entry_to_proto(entry, currency)
    return pb.StoreCreditEntry(
        id=found.id,
        kind=found.kind,
        amount=found.amount,
        balance=found.balance,
        order_id=found.order_id,
        reason=found.reason,
        at=found.at,
    )
