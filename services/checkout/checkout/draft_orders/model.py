"""Draft orders: the table, and who their buyer is."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import Index

from chassis.data.rows import Field, Row, counter, document, minor
from chassis.rpc.auth import Caller
from chassis.rpc.errors import VersionMismatch
from checkout.checkouts.cart import CartForOrder
from checkout.checkouts.model import Checkout

# A repeat of the call that placed the order is answered for as long.
_TOLD: Final = timedelta(hours=48)


class DraftOrder(Row, table=True):
    """A checkout that staff saved, with its cart as it was priced then.

    The prices of the cart hold for the buyer who pays by a link; an order takes the stock as any
    other. `link_digest` is the SHA-256 of the token of the link that was mailed last: an earlier
    one opens nothing. The link and the checkout end together; that of an order that was placed
    tells of it for two days more, as a key does.
    """

    __tablename__ = "draft_order"
    __table_args__ = (
        Index("draft_order_checkout", "checkout_id", unique=True),
        Index("draft_order_link", "link_digest", unique=True),
    )

    id: UUID = Field(primary_key=True)
    version: int = counter(default=1)
    checkout_id: UUID = Field(foreign_key="checkout.id")
    name: str = Field(repr=False)
    cart: CartForOrder = document(CartForOrder, repr=False)
    currency: str
    total_minor: int = minor()
    saved_by: UUID
    created_at: datetime
    saved_at: datetime
    link_digest: bytes | None = Field(default=None, repr=False)
    sent_at: datetime | None = None

    def require_version(self, expected: int) -> None:
        """Raises VersionMismatch; 0 expects any version."""
        if expected not in (0, self.version):
            raise VersionMismatch("the draft order changed: read it again", version=self.version)


def link_ends_at(checkout: Checkout) -> datetime:
    """Returns when a link to a checkout opens nothing any more."""
    return checkout.expires_at + (_TOLD if checkout.has_order else timedelta())


def buyer_of(checkout: Checkout) -> Caller:
    """Returns the buyer of a checkout, as whom the holder of its link acts on it."""
    return Caller(checkout.owner_id, checkout.owner_kind, organization_id=checkout.organization_id)
