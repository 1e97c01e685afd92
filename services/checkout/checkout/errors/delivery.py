"""Refusals of delivery and of pick-up in a store."""

from chassis.rpc.errors import Exists, Invalid, NotFound, Refused


class DeliveryZoneNotFound(NotFound):
    """No delivery zone has this code."""


class DeliveryCalendarNotFound(NotFound):
    """No delivery calendar has this code."""


class DeliveryCarrierNotFound(NotFound):
    """No delivery carrier has this code."""


class UnknownCarrier(NotFound):
    """No carrier of this code has a connection that takes webhooks."""


class DeliveryMethodNotFound(NotFound):
    """No delivery method has this code."""


class DeliveryRateNotFound(NotFound):
    """No delivery rate has this code."""


class DeliveryRateExists(Exists):
    """Another rate (`code`) has the same method, zone and currency; `path` says where."""


class NotPickedUp(Refused):
    """The order is delivered to an address, not picked up in a store."""


class NotReadyForPickup(Refused):
    """The store has not said yet that the order is ready: it has no code."""


class PickedUpInStore(Refused):
    """The order is picked up in a store: say that it is ready instead of shipping it."""


class PickupUnavailable(Refused):
    """The store does not have all of the goods now: choose another one, or delivery."""


class TariffNotSet(Refused):
    """No delivery rate is set for the currency: set one, or sell in another currency."""


class DeliverySettingInUse(Refused):
    """Another setting (`code`) uses the zone, calendar or carrier: change or delete that first."""


class LabelNotFound(NotFound):
    """The shipment has no label."""


class LabelNotOffered(Refused):
    """The carrier of the shipment has no connection that makes labels."""


class LabelRefused(Refused):
    """The carrier refuses the label; `problem` is its reason."""


class ShipmentOver(Refused):
    """The shipment arrived: it needs no label."""


class CarrierNeeded(Invalid):
    """Say which carrier brings the shipment: the order's delivery method names none."""


class CarrierNotOffered(Refused):
    """The carrier (`code`) is disabled, or takes no parcels of the order's channel."""


class InvalidDeliverySetting(Invalid):
    """A zone, calendar, method or rate cannot be so; `path` names the field, `problem` says why."""


class UnknownDeliveryOption(Invalid):
    """The option is not offered for the address and the cart."""


class UnknownPickupLocation(Invalid):
    """There is no such pick-up location, or the channel does not deliver to its country."""


class WrongPickupCode(Invalid):
    """The code is not that of the order."""
