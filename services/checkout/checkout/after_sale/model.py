"""Settings of a channel for what follows a sale."""

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import CheckConstraint, Integer

from chassis.data.rows import Field, Row, code, column, counter, states
from checkout.errors import CancellationNotOffered


class DeliveryRefund(StrEnum):
    """When the price of delivery is given back with goods."""

    WHOLE_ORDER = "whole_order"
    SHARE = "share"
    NEVER = "never"


class AfterSaleSettings(Row, table=True):
    """What buyers of a channel may do after they bought.

    Buyers cancel what has not shipped for `cancellation_minutes` after the placing: 0 is never,
    None until it ships.
    """

    __tablename__ = "after_sale_settings"
    __table_args__ = (
        CheckConstraint("cancellation_minutes >= 0"),
        states("delivery_refund", DeliveryRefund),
    )

    channel: str = Field(primary_key=True)
    cancellation_minutes: int | None = column(Integer, default=None, nullable=True)
    delivery_refund: DeliveryRefund = code(DeliveryRefund, default=DeliveryRefund.WHOLE_ORDER)
    version: int = counter(default=1)

    def require_cancellable(self, placed_at: datetime | None, now: datetime) -> None:
        """Raises CancellationNotOffered once a buyer may not cancel any more."""
        if self.cancellation_minutes is None or placed_at is None:
            return
        until = placed_at + timedelta(minutes=self.cancellation_minutes)
        if now >= until:
            raise CancellationNotOffered(
                "the shop lets buyers cancel no more: ask its staff", until=until.isoformat()
            )
