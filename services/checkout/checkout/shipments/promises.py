"""Days on which a shipment is expected, and from when on it is late."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from checkout.delivery.days import Schedule, business_days_after, dispatch_day
from checkout.delivery.table import DeliveryTable, Goods
from checkout.orders.model import Order


@dataclass(frozen=True, slots=True)
class Promises:
    """The delivery settings that hold now, and the country that each channel sends from."""

    table: DeliveryTable
    origins: dict[str, str]
    default_origin: str

    def late_from(self, order: Order, shipped_at: datetime, positions: Collection[int]) -> datetime:
        """Returns from when on a parcel of an order is late; `positions` are those of its lines.

        That is the end of the last promised day, in the time zone of the method, after the working
        days that the method grants. One that leaves after the promised day, or has none, has the
        days that a new order would have.
        """
        origin = self.origins.get(order.channel_id, self.default_origin)
        address = order.delivery_address
        goods = Goods(
            country=address.get("address_country", origin),
            origin=origin,
            weight_grams=0,
            subtotal_minor=0,
            currency=order.currency,
            region=address.get("address_region", ""),
            postal_code=address.get("postal_code", ""),
            channel=order.channel_id,
        )
        planned = order.delivery_option.promised_on(positions)
        promised = planned or order.delivery_option.latest_on
        lane = self.table.lane_of(order.delivery_option.id, goods)
        if lane is None:
            return _after(promised, Schedule())
        schedule = lane.schedule
        left_late = planned is None or shipped_at.astimezone(schedule.zone).date() > planned
        if left_late and lane.served is not None:
            leaves_on = dispatch_day(shipped_at, schedule)
            promised = business_days_after(leaves_on, lane.served.most_days, schedule)
        return _after(business_days_after(promised, lane.grace_days, schedule), schedule)


def _after(day: date, schedule: Schedule) -> datetime:
    """Returns the end of a day, in UTC."""
    return datetime.combine(day + timedelta(days=1), time(), schedule.zone).astimezone(UTC)
