"""What identity refuses, one fact a line."""

from chassis.errors import Exists, Invalid, NotFound, Refused, TooMany, Unauthenticated, Unavailable


class EmailTaken(Exists):
    """Somebody has this e-mail address."""


class InvalidEmail(Invalid):
    """Not an e-mail address."""


class WeakPassword(Invalid):
    """The password breaks a rule; `rule` is too_short, too_long, is_email or common."""


class InvalidName(Invalid):
    """A name is longer than 100 characters or has control characters."""


class InvalidLocale(Invalid):
    """Not a BCP 47 language tag."""


class InvalidChannel(Invalid):
    """Not a channel code."""


class InvalidPhone(Invalid):
    """Not a phone number; a national one needs a locale or an address with a country."""


class InvalidAddress(Invalid):
    """The address is wrong for its country; `fields` names what, and each of them says why (required, invalid, too_long)."""


class InvalidId(Invalid):
    """Not a UUID."""


class InvalidGuestToken(Invalid):
    """The guest token is forged, expired, not a guest's, or a synthetic one's."""


class UnknownConsentCategory(Invalid):
    """Not one of analytics, marketing, personalization."""


class UnknownRole(Invalid):
    """Not one of the roles of staff."""


class WrongCredentials(Unauthenticated):
    """The name or the secret is wrong; which of them is never told."""


class SessionRevoked(Unauthenticated):
    """The session was ended, or its refresh token came a second time."""


class SessionExpired(Unauthenticated):
    """The session is over by age."""


class TooManyAttempts(TooMany):
    """Too many wrong passwords for this account; `retry_after_seconds` says when the next may come."""


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
