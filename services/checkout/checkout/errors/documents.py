"""Refusals of documents and of the legal entities that issue them."""

from chassis.rpc.errors import Invalid, NotFound, Refused


class DocumentLinkNotFound(NotFound):
    """The link to the document is unknown or expired: ask the shop for another."""


class LegalEntityNotFound(NotFound):
    """No legal entity has this code."""


class DocumentNotFound(NotFound):
    """There is no such document, or it is not of the order."""


class LegalEntityInUse(Refused):
    """The legal entity issued documents: set `active` to false instead of deleting it."""


class ChannelWithoutSeller(Refused):
    """No legal entity sells in the channel: name one for it."""


class OrderInvoiced(Refused):
    """The order has an invoice, whose `number` and `document_id` are named."""


class InvalidLegalEntity(Invalid):
    """A legal entity cannot be so; `path` names the field, `problem` says what is wrong."""


class InvalidDocumentFilter(Invalid):
    """A day of the period is none; `path` names the field, `problem` says why."""
