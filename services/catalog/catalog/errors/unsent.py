"""Refusals of digital goods, their keys and files, and of gift cards."""

from chassis.rpc.errors import Invalid, NotFound, Refused, Unauthenticated


class InvalidGiftCardVariant(Invalid):
    """The variant cannot be a gift card; `path` names the place."""


class GiftCardVariantNotFound(NotFound):
    """The variant is no gift card."""


class InvalidDigitalGood(Invalid):
    """The variant cannot be a digital good; `path` names the place."""


class DigitalGoodNotFound(NotFound):
    """The variant is no digital good."""


class DigitalGoodInUse(Refused):
    """The digital good has free licence keys: revoke them first."""


class InvalidLicenceKey(Invalid):
    """A licence key has 1 to 500 printable characters; `path` names the place."""


class LicenceKeyNotFound(NotFound):
    """No such licence key."""


class LicenceKeyAssigned(Refused):
    """The order of the licence key is being placed (`order_id`): try again."""


class DigitalFileNotFound(NotFound):
    """No such file, or it was deleted."""


class DigitalFileComplete(Refused):
    """Buyers get the file already: begin another one of its name to replace it."""


class DigitalFileIncomplete(Refused):
    """A part of the file did not come (`part`)."""


class InvalidDigitalFilePart(Invalid):
    """A part of a file has 1 byte to 8 MiB."""


class TooManyDigitalFiles(Refused):
    """A digital good has at most `most` files."""


class DigitalGoodsNotDelivered(NotFound):
    """The order brought no digital goods, or not this one."""


class InvalidDownloadToken(Unauthenticated):
    """The link is forged, or its time is over: take another one from the order."""


class DownloadLimitReached(Refused):
    """The order downloaded the file as often as it may (`download_limit`)."""


class DownloadOver(Refused):
    """The order was refunded, or its time to download is over."""
