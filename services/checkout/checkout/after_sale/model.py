"""Settings of a channel for what follows a sale."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import CheckConstraint, Integer

from chassis.data.rows import Field, Row, code, column, counter, document, states
from checkout.errors.after_sale import CancellationNotOffered

# As the right of withdrawal has it (Directive 2011/83/EU, article 9).
RETURN_DAYS: Final = 14
RETURN_PICTURES: Final = 5


class DeliveryRefund(StrEnum):
    """Rules by which the price of delivery is given back with goods."""

    WHOLE_ORDER = "whole_order"
    SHARE = "share"
    NEVER = "never"


class ExchangeShipping(StrEnum):
    """Times from which the replacement of an exchange may ship."""

    WHEN_RECEIVED = "when_received"
    AT_ONCE = "at_once"


class AfterSaleSettings(Row, table=True):
    """Settings of a channel for what its buyers may do after they bought.

    Buyers cancel what has not shipped for `cancellation_minutes` after the placing: 0 is never,
    None until it ships. They return goods for `return_days` from their delivery: 0 is never; a
    return has at most `return_pictures`.
    """

    __tablename__ = "after_sale_settings"
    __table_args__ = (
        CheckConstraint("cancellation_minutes >= 0"),
        states("delivery_refund", DeliveryRefund),
        CheckConstraint("return_days >= 0"),
        CheckConstraint("return_pictures >= 0"),
        states("exchange_shipping", ExchangeShipping),
    )

    channel: str = Field(primary_key=True)
    cancellation_minutes: int | None = column(Integer, default=None, nullable=True)
    delivery_refund: DeliveryRefund = code(DeliveryRefund, default=DeliveryRefund.WHOLE_ORDER)
    version: int = counter(default=1)
    return_days: int = column(Integer, default=RETURN_DAYS, server_default="14")
    return_address: dict[str, str] = document(
        dict[str, str], default_factory=dict, server_default="'{}'"
    )
    exchange_shipping: ExchangeShipping = code(
        ExchangeShipping,
        default=ExchangeShipping.WHEN_RECEIVED,
        server_default="'when_received'",
    )
    return_pictures: int = column(Integer, default=RETURN_PICTURES, server_default="5")

    def require_cancellable(self, placed_at: datetime | None, now: datetime) -> None:
        """Raises CancellationNotOffered once a buyer may not cancel any more."""
        if self.cancellation_minutes is None or placed_at is None:
            return
        until = placed_at + timedelta(minutes=self.cancellation_minutes)
        if now >= until:
            raise CancellationNotOffered(
                "the shop lets buyers cancel no more: ask its staff", until=until.isoformat()
            )
