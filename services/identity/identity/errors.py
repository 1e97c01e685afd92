"""Refusals of identity, one fact a class."""

from chassis.rpc.errors import (
    Denied,
    Exists,
    Invalid,
    NotFound,
    Refused,
    TooMany,
    Unauthenticated,
    Unavailable,
)


class EmailTaken(Exists):
    """Another account has confirmed this e-mail address, or it is a staff member's."""


class WeakPassword(Invalid):
    """The password breaks a rule. `rule` is too_short, too_long, is_email or common."""


class InvalidChannel(Invalid):
    """The text is not a channel code."""


class InvalidAddress(Invalid):
    """The address is wrong for its country.

    `path` names the address, `fields` lists the problems, `allowed_<field>` what may be meant.
    """


class InvalidGuestToken(Invalid):
    """The guest token is forged, expired, not a guest's, or a synthetic shopper's."""


class AmbiguousShopper(Invalid):
    """A delegation is for a customer or for a guest, not for both."""


class UnknownConsentCategory(Invalid):
    """The category is not analytics, marketing or personalization."""


class UnknownRole(Invalid):
    """The text is not a role of staff."""


class WrongCredentials(Unauthenticated):
    """The name or the secret is wrong. The answer does not tell which."""


class LoginLinkRequired(Refused):
    """Unknown devices sent too many wrong passwords for the account: follow the mailed link."""


class LoginLinkInvalid(Unauthenticated):
    """The link that logs in is unknown, expired or used."""


class ConfirmationTokenNotFound(NotFound):
    """The link that confirms an address is unknown or expired."""


class ConfirmationSentRecently(TooMany):
    """A confirmation mail was requested a moment ago. Retry after `retry_after_seconds`."""


class SessionRevoked(Unauthenticated):
    """The session was ended, or its refresh token came a second time."""


class SessionExpired(Unauthenticated):
    """The session is too old."""


class TooManyAttempts(TooMany):
    """This network or device sent too many wrong passwords for the account.

    Retry after `retry_after_seconds`.
    """


class PasswordsBusy(TooMany):
    """More passwords wait to be verified than can be in time."""


class CustomersOnly(Denied):
    """Only customers who are logged in do this."""


class CustomerNotFound(NotFound):
    """The customer does not exist, or the caller may not see them."""


class ApiKeyNotFound(NotFound):
    """The API key does not exist."""


class AddressNotFound(NotFound):
    """The customer has no such address."""


class TooManyAddresses(Refused):
    """The customer has the largest number of addresses."""


class KeysUnavailable(Unavailable):
    """No signing key was loaded yet."""
