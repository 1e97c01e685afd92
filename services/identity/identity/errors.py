"""What identity refuses, one fact a line."""

from chassis.rpc.errors import Exists, Invalid, NotFound, Refused, TooMany, Unauthenticated, Unavailable


class EmailTaken(Exists):
    """Another account has confirmed this e-mail address, or is a member of staff's."""


class WeakPassword(Invalid):
    """The password breaks a rule; `rule` is too_short, too_long, is_email or common."""


class InvalidChannel(Invalid):
    """Not a channel code."""


class InvalidAddress(Invalid):
    """The address is wrong for its country; `fields` names what, and each of them says why (required, invalid, too_long)."""


class InvalidGuestToken(Invalid):
    """The guest token is forged, expired, not a guest's, or a synthetic one's."""


class UnknownConsentCategory(Invalid):
    """Not one of analytics, marketing, personalization."""


class UnknownRole(Invalid):
    """Not one of the roles of staff."""


class WrongCredentials(Unauthenticated):
    """The name or the secret is wrong; which of them is never told."""


class LoginLinkRequired(Refused):
    """Too many wrong passwords came for the account from devices that never logged in: follow the link in the mail."""


class LoginLinkInvalid(Unauthenticated):
    """The link that logs in is not good, too old, or was used."""


class ConfirmationTokenNotFound(NotFound):
    """The link that confirms an address is not good or too old."""


class ConfirmationSentRecently(TooMany):
    """A confirmation mail was asked for moments ago; `retry_after_seconds` says when the next may be."""


class SessionRevoked(Unauthenticated):
    """The session was ended, or its refresh token came a second time."""


class SessionExpired(Unauthenticated):
    """The session is over by age."""


class TooManyAttempts(TooMany):
    """Too many wrong passwords for this account from this network or device; `retry_after_seconds` says when the next may come."""


class PasswordsBusy(TooMany):
    """More passwords wait to be checked than can be in time."""


class CustomerNotFound(NotFound):
    """No such customer, or not for this caller."""


class ApiKeyNotFound(NotFound):
    """No such API key."""


class AddressNotFound(NotFound):
    """No such address of this customer."""


class TooManyAddresses(Refused):
    """The customer has as many addresses as may be."""


class KeysUnavailable(Unavailable):
    """No signing key was loaded yet."""
