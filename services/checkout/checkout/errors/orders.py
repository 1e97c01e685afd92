"""Refusals of orders, their shipments, and the desk of the staff."""

from chassis.rpc.errors import Denied, Invalid, NotFound, Refused


class OrderNotFound(NotFound):
    """There is no such order, or it is not the caller's."""


class OrganizationManagersOnly(Denied):
    """Orders of an organization are for its managers, with a token that buys for it."""


class ShipmentNotFound(NotFound):
    """The order has no such shipment."""


class OrderNoteNotFound(NotFound):
    """The order has no such note."""


class DraftOrderNotFound(NotFound):
    """There is no such draft order, or its link ended or was replaced by another."""


class OrderLineNotFound(NotFound):
    """The order has no such line."""


class OrderLinkNotFound(NotFound):
    """The link to the order is unknown, expired or used: ask for another."""


class OrderOnHold(Refused):
    """Staff hold the order, `hold_reason` says why: release it first."""


class OrderNumberAmbiguous(Refused):
    """Orders of two channels have the number: name the channel."""


class TooManyOrderTags(Refused):
    """An order (`order_id`) has at most `most` tags: take others off first."""


class TooManyOrderNotes(Refused):
    """An order has at most `most` notes: delete one first."""


class OrderWithoutEmail(Refused):
    """The order has no e-mail address, or no longer: its buyer's account was erased."""


class SyntheticOrder(Refused):
    """The order is a synthetic shopper's: it is never shipped."""


class WrongOrderStatus(Refused):
    """The status of the order does not allow the change."""


class QuantityExceedsOrdered(Refused):
    """The quantity exceeds the part of the line that has not shipped."""


class NothingToShip(Refused):
    """All lines of the order have shipped."""


class InvalidOrderSearch(Invalid):
    """Filters or sorting of orders do not fit; `path` names the field, `problem` says why."""


class InvalidJournalAccounts(Invalid):
    """Accounts name a role that is none, or are empty; `path` names the role."""


class InvalidShipmentFile(Invalid):
    """A CSV of shipments has no sense; `path` names row and column, `problem` says why."""


class InvalidOrderTag(Invalid):
    """The tag has other characters than tags have; `path` names the field."""


class WrongIncrement(Invalid):
    """The goods are sold in steps of `increment`: give a multiple, or all that is left."""


class AccountNotOffered(Refused):
    """The buyer has an account, or the order is not placed, or it was forgotten: log in instead."""


class InvalidOrderEdit(Invalid):
    """An order cannot be edited so; `path` names the field, `problem` says why."""


class AddressOutOfZone(Refused):
    """The address is in another delivery zone: cancel the order, and let the buyer order anew."""


class AddressChangesTaxes(Refused):
    """The order has other taxes at this address: cancel it, and let the buyer order anew."""
