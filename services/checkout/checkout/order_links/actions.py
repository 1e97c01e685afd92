"""Use cases of secret links to orders."""

from datetime import timedelta
from typing import Final

from sqlalchemy import DateTime, bindparam, delete, update
from sqlmodel import col

from chassis.data.statements import prepare
from chassis.data.tx import Tx
from chassis.runtime.clock import real_now
from checkout.errors.orders import OrderLinkNotFound
from checkout.order_links import events
from checkout.order_links.model import (
    ACCESS_SECONDS,
    LINK_SECONDS,
    MOST_LINKS_A_DAY,
    LinkKind,
    OrderAccess,
    OrderLink,
    OrderLinkRequest,
    create_token,
    digest_of_token,
)
from checkout.order_links.queries import count_links_since, find_order_ids_by_number
from checkout.orders.store import lock_order

_DAY: Final = timedelta(days=1)
_DELETE_OLD: Final = prepare(
    delete(OrderLink).where(col(OrderLink.created_at) < bindparam("before"))
)
# A used link stays, so that it counts against the limit of a day.
_USE: Final = prepare(
    update(OrderLink)
    .where(
        col(OrderLink.token_digest) == bindparam("digest"),
        col(OrderLink.kind) == LinkKind.MAILED,
        col(OrderLink.expires_at) > bindparam("now", type_=DateTime(timezone=True)),
    )
    .values(expires_at=bindparam("now", type_=DateTime(timezone=True)))
    .returning(col(OrderLink.order_id))
)


async def request_order_link(tx: Tx, wanted: OrderLinkRequest) -> None:
    """Mails a link to the order of a number and an address; emits OrderLinkRequested.

    Does nothing if there is no such order.

    An order is mailed at most MOST_LINKS_A_DAY links a day; nothing tells the caller.
    """
    now = real_now()
    await tx.execute(_DELETE_OLD, before=now - _DAY)
    for order_id in await find_order_ids_by_number(tx, wanted.number, wanted.email):
        order = await lock_order(tx, order_id)
        if await count_links_since(tx, order_id, now - _DAY) >= MOST_LINKS_A_DAY:
            continue
        token = create_token()
        await tx.insert(
            OrderLink(
                token_digest=digest_of_token(token),
                order_id=order_id,
                kind=LinkKind.MAILED,
                created_at=now,
                expires_at=now + timedelta(seconds=LINK_SECONDS),
            )
        )
        await tx.emit(events.order_link_requested(order, token), key=order_id)


async def open_order_link(tx: Tx, token: str) -> OrderAccess:
    """Trades the token of a mailed link for a token that reads the order, once.

    Raises OrderLinkNotFound if the link is unknown, expired or used.
    """
    now = real_now()
    order_id = await tx.one(_USE, digest=digest_of_token(token), now=now)
    if order_id is None:
        raise OrderLinkNotFound
    access = OrderAccess(order_id, create_token(), now + timedelta(seconds=ACCESS_SECONDS))
    await tx.insert(
        OrderLink(
            token_digest=digest_of_token(access.token),
            order_id=order_id,
            kind=LinkKind.ACCESS,
            created_at=now,
            expires_at=access.expires_at,
        )
    )
    return access
