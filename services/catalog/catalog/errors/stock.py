"""Refusals of stock, reservations, warehouses and pick-up locations."""

from chassis.rpc.errors import Exists, Internal, Invalid, NotFound, Refused


class InvalidReservation(Invalid):
    """The lines or the expiry of a reservation make no sense."""


class ReservationNotFound(NotFound):
    """No such reservation."""


class ReservationReleased(Refused):
    """The reservation was given back before."""


class ReservationExpired(Refused):
    """The reservation ran out of time."""


class OutOfStock(Refused):
    """Less is available than asked; `variant_id` and `available` say of what and how much."""


class BelowReserved(Refused):
    """More is reserved, or kept for orders, than the new count; `reserved` says how much."""


class NotEnoughFree(Refused):
    """Less is free in the warehouse than a transfer takes: `free` at the line `path`."""


class TooMuchStock(Refused):
    """A level would be beyond 10^9 steps; `path` names the line."""


class InvalidStockChange(Invalid):
    """A line (`path`) changes nothing, repeats a SKU, or has the sign of another reason."""


class InvalidStockPolicy(Invalid):
    """A limit or a date belongs to a backorder or a preorder, which has one; `path` names it."""


class StockLevelNotFound(NotFound):
    """The variant never was in this warehouse."""


class UnknownSku(Invalid):
    """A line names a SKU that no variant has; `path` says where."""


class UnknownWarehouse(Invalid):
    """The request names a warehouse that does not exist; `path` says where."""


class WarehouseNotFound(NotFound):
    """No warehouse has this code."""


class InvalidWarehouse(Invalid):
    """A warehouse has a name, a country and a known time zone; `path` names the field."""


class WarehouseExists(Exists):
    """Another warehouse has this code."""


class WarehouseInUse(Refused):
    """It is the default, holds stock, serves a channel or a pick-up location: the metadata says."""


class PickupLocationNotFound(NotFound):
    """No pick-up location has this code."""


class PlaceNotFound(NotFound):
    """No pick-up location of the country has a postal code that begins alike."""


class InvalidPickupLocation(Invalid):
    """A pick-up location has a wrong name, place, time zone or hours; `path` names the field."""


class InvalidPlace(Invalid):
    """A search for pick-up locations names degrees or a postal code, and one of the two."""


class Oversold(Internal):
    """A defect: a stock level, though locked, did not have what was allocated from it."""
