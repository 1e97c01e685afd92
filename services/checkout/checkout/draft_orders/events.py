"""Events of draft orders."""

from chassis.rpc import wire
from checkout.checkouts.model import Checkout
from checkout.draft_orders.model import DraftOrder
from sojourn.checkout.v1 import draft_order_events_pb2 as pb


def draft_order_saved(draft: DraftOrder, checkout: Checkout) -> pb.DraftOrderSaved:
    return pb.DraftOrderSaved(
        draft_order_id=str(draft.id),
        version=draft.version,
        checkout_id=str(checkout.id),
        channel=checkout.channel_id,
        total=wire.money(draft.total_minor, draft.currency),
    )


def draft_order_deleted(draft: DraftOrder) -> pb.DraftOrderDeleted:
    return pb.DraftOrderDeleted(draft_order_id=str(draft.id), version=draft.version)


def draft_order_sent(draft: DraftOrder, checkout: Checkout, token: str) -> pb.DraftOrderSent:
    return pb.DraftOrderSent(
        draft_order_id=str(draft.id),
        version=draft.version,
        owner_id=str(checkout.owner_id),
        email=checkout.email,
        token=token,
        locale=checkout.locale,
        channel=checkout.channel_id,
        total=wire.money(draft.total_minor, draft.currency),
        expires_at=wire.timestamp(checkout.expires_at),
    )
