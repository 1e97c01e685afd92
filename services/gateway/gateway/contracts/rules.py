"""Rules of JSON requests that the vocabulary of the contracts' constraints has no words for."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

# What a field stands for where JSON leaves it out. A message cannot tell 0 from nothing.
DEFAULTS: Final[Mapping[str, object]] = {
    "sojourn.cart.v1.LineInput.quantity": 1,
    "sojourn.cart.v1.Promotion.active": True,
    "sojourn.checkout.v1.CancelOrderRequest.reason": "buyer_request",
    "sojourn.checkout.v1.RefundOrderRequest.reason": "buyer_request",
    "sojourn.journey.v1.BeaconTouchpoint.outcome": "ok",
    "sojourn.journey.v1.GetFunnelRequest.with_touchpoints": True,
}
# Fields whose 0 is a statement: leaving one out by mistake must not empty a shelf.
REQUIRED: Final = frozenset(
    {
        "sojourn.cart.v1.SetLineQuantityRequest.quantity",
        "sojourn.catalog.v1.PutPageRequest.body",
        "sojourn.catalog.v1.SetStockRequest.on_hand",
        "sojourn.common.v1.Address.address_country",
        "sojourn.common.v1.Money.amount_minor",
        "sojourn.journey.v1.BeaconTouchpoint.id",
        "sojourn.journey.v1.BeaconTouchpoint.kind",
        "sojourn.journey.v1.RecordFeedbackRequest.score",
        "sojourn.journey.v1.SurveyRules.days_between",
        "sojourn.journey.v1.SurveyRules.most_per_year",
        # Services refuse an empty one with a reason of their own.
        "sojourn.cart.v1.RestoreCartRequest.restore_token",
        "sojourn.cart.v1.SaveCartRequest.email",
        "sojourn.identity.v1.ConfirmEmailRequest.token",
        "sojourn.identity.v1.CreateApiKeyRequest.name",
        "sojourn.identity.v1.CreateApiKeySessionRequest.api_key",
        "sojourn.identity.v1.LoginRequest.email",
        "sojourn.identity.v1.LoginRequest.password",
        "sojourn.identity.v1.LoginWithLinkRequest.token",
        "sojourn.identity.v1.LogoutRequest.refresh_token",
        "sojourn.identity.v1.RefreshRequest.refresh_token",
        "sojourn.identity.v1.RegisterRequest.email",
        "sojourn.identity.v1.RegisterRequest.password",
        "sojourn.journey.v1.RecordFeedbackRequest.token",
        "sojourn.notifications.v1.ConfirmAddressRequest.token",
        "sojourn.notifications.v1.UnsubscribeRequest.token",
    }
)
# Names of a person or of a part of their address: one line, and no advertisement.
PLAIN_NAMES: Final = frozenset({"first_name", "last_name", "address_locality", "address_region"})
ORGANIZATIONS: Final = frozenset({"organization"})
MOST_MINOR: Final = 10**12


@dataclass(frozen=True, slots=True)
class Format:
    """Form of a text that follows from its field's name, within the contract's own bounds."""

    pattern: str | None = None
    min_length: int | None = None
    max_length: int | None = None
    name: str | None = None
    strips: bool = False


_TOKEN: Final = Format(r"^[\x21-\x7e]+$", min_length=1, max_length=4096)
_FORMATS: Final[Mapping[str, Format]] = {
    "email": Format(r"^[^@\s]+@[^@\s]+$", 3, 254, "email", strips=True),
    # How strong it has to be is identity's rule.
    "password": Format(min_length=1, max_length=128, name="password"),
    "api_key": _TOKEN,
    "referrer_host": Format(r"^[a-z0-9.\-]*$"),
    "payment_token": Format(r"^[A-Za-z0-9_\-]{3,200}$"),
}
ANY_TEXT: Final = Format()
ONE_LINE: Final = Format(strips=True)


def format_of(field: str) -> Format:
    """Returns the form of the texts in a field of this name."""
    if (form := _FORMATS.get(field)) is not None:
        return form
    if field == "token" or field.endswith("_token"):
        return _TOKEN
    return ONE_LINE if field in PLAIN_NAMES or field in ORGANIZATIONS else ANY_TEXT
