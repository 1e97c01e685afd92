"""Draft orders as messages."""

from chassis.rpc import wire
from checkout.checkouts.model import Checkout
from checkout.checkouts.wire import STATUSES
from checkout.draft_orders.model import DraftOrder
from sojourn.checkout.v1 import checkout_pb2
from sojourn.checkout.v1 import draft_orders_pb2 as pb


def draft_order_to_proto(
    draft: DraftOrder, checkout: Checkout, shown: checkout_pb2.Checkout | None = None
) -> pb.DraftOrder:
    """Returns a draft order; `shown` is its checkout as a buyer sees it, where it is asked for."""
    return pb.DraftOrder(
        id=str(draft.id),
        version=draft.version,
        name=draft.name,
        checkout_id=str(checkout.id),
        status=STATUSES.encode(checkout.status),
        owner_id=str(checkout.owner_id),
        channel=checkout.channel_id,
        total=wire.money(draft.total_minor, draft.currency),
        saved_by=str(draft.saved_by),
        created_at=wire.timestamp(draft.created_at),
        saved_at=wire.timestamp(draft.saved_at),
        sent_at=wire.timestamp(draft.sent_at),
        expires_at=wire.timestamp(checkout.expires_at),
        order_id=str(checkout.order_id or ""),
        checkout=shown,
    )
