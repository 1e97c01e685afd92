"""The carrier of a shipment: one that staff keep, or a name."""

from dataclasses import dataclass

from chassis.data.tx import Read
from checkout.delivery.model import DeliveryCarrier, DeliveryMethod
from checkout.errors.delivery import CarrierNeeded, CarrierNotOffered
from checkout.orders.model import Order
from checkout.shipments.model import NewShipment, Shipment
from checkout.texts import title_in


@dataclass(frozen=True, slots=True)
class NamedCarrier:
    """The name of a carrier, its code if it is kept, and where to follow the parcel."""

    name: str
    code: str
    tracking_url: str


async def name_carrier(read: Read, order: Order, new: NewShipment) -> NamedCarrier:
    """Returns the carrier of a new shipment of an order.

    A name that is the code of a carrier, in any case, is that carrier. Raises CarrierNeeded,
    CarrierNotOffered.
    """
    name, code = new.carrier, new.carrier.lower()
    if not name:
        method = await read.get(DeliveryMethod, order.delivery_option.id)
        name, code = (method.carrier, method.carrier_code) if method else ("", "")
    carrier = await read.get(DeliveryCarrier, code) if code and code.isprintable() else None
    if carrier is None:
        if not name:
            raise CarrierNeeded(path="carrier")
        return NamedCarrier(name, "", new.tracking_url)
    if not carrier.takes_from(order.channel_id):
        raise CarrierNotOffered(code=carrier.code)
    url = _tracking_url(carrier, order, new.tracking_number)
    title = title_in(carrier.titles, order.locale, otherwise=carrier.code)
    return NamedCarrier(title, carrier.code, new.tracking_url or url)


async def find_tracking_url(read: Read, order: Order, shipment: Shipment) -> str:
    """Returns where to follow a shipment by its carrier's template; empty where there is none."""
    code = shipment.carrier_code
    carrier = await read.get(DeliveryCarrier, code) if code else None
    return _tracking_url(carrier, order, shipment.tracking_number) if carrier else ""


def _tracking_url(carrier: DeliveryCarrier, order: Order, tracking_number: str) -> str:
    return carrier.tracking_url(
        tracking_number,
        postal_code=order.delivery_address.get("postal_code", ""),
        language=order.locale.partition("-")[0],
    )
