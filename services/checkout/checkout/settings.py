"""Settings of checkout, from the environment."""

import base64
import binascii
from pathlib import Path
from typing import Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    field_validator,
    model_validator,
)

from chassis.runtime.settings import Settings
from checkout.taxes.seeds import COUNTRIES


class ChannelSettings(BaseModel):
    """Settings of a channel."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    countries: tuple[str, ...] = Field(
        default=COUNTRIES,
        min_length=1,
        description="ISO 3166-1 alpha-2 codes of the countries that are served, the home country "
        "first",
    )
    origin_country: str = Field(default="DE", description="country that parcels are sent from")
    order_prefix: str = Field(
        default="S", pattern=r"^[A-Z0-9]{1,6}$", description="prefix of order numbers"
    )
    pickup: bool = Field(
        default=True, description="whether goods can be picked up in the origin country"
    )


class CheckoutSettings(Settings):
    """Names are environment variables in upper case.

    Reservations, checkouts and transfers last in business time; other durations are real time.
    """

    identity_target: str = Field(description="gRPC target of identity")
    catalog_target: str = Field(description="gRPC target of catalog")
    cart_target: str = Field(description="gRPC target of cart")
    gift_card_key: SecretStr = Field(
        description="32 bytes, urlsafe base64; seals the codes of gift cards and finds them. With "
        "another one, no card is found by its code"
    )
    payment_provider: str = Field(
        default="simulator",
        description="names of entry points of the group sojourn.payment_providers, separated by "
        "commas; the methods of the first are offered where staff have set none",
    )
    synthetic_payments: bool = Field(
        default=False,
        description="connect the simulator beside another payment provider, for synthetic "
        "shoppers only",
    )
    payment_timeout_seconds: float = Field(
        default=5, gt=0, description="after this a call to the provider is in doubt"
    )
    reservation_seconds: int = Field(
        default=900,
        gt=0,
        description="business time for which stock is reserved: the deadline of a payment",
    )
    authorization_days: int = Field(
        default=7,
        ge=1,
        le=90,
        description="days for which banks keep an amount, where the provider does not say",
    )
    transfer_days: int = Field(
        default=14,
        gt=0,
        le=365,
        description="days of business time in which the transfer for an order is awaited; then the "
        "order is cancelled",
    )
    draft_order_days: int = Field(
        default=14,
        gt=0,
        le=365,
        description="days of business time for which a draft order, its prices and its link last "
        "after it was saved",
    )
    order_retention_years: int = Field(
        default=10,
        ge=0,
        le=100,
        description="full calendar years for which an order of an erased customer keeps e-mail and "
        "delivery address, as the law has documents kept; 0 keeps neither",
    )
    checkout_lifetime_seconds: int = Field(
        default=6 * 3600, gt=0, description="business time after which a checkout expires"
    )
    complete_wait_seconds: float = Field(
        default=10, gt=0, description="how long a call waits for its order to settle"
    )
    complete_waiters: int = Field(
        default=10,
        ge=1,
        description="calls that wait for one order in a replica; further repeats return the "
        "unsettled order at once",
    )
    resume_after_seconds: float = Field(
        default=15,
        gt=0,
        description="after this a timer takes over an order from the call that placed it",
    )
    reconcile_every_seconds: float = Field(
        default=60, gt=0, description="interval of the reconciliation"
    )
    reconcile_after_seconds: float = Field(
        default=60, ge=0, description="age from which orders, refunds and payments are reconciled"
    )
    channels: dict[str, ChannelSettings] = Field(
        default_factory=dict, description="JSON by channel code; other channels have the defaults"
    )
    vat_authorities: str = Field(
        default="",
        description="names of entry points of the group sojourn.vat_authorities, separated by "
        "commas, e.g. vies,hmrc; without one VAT ids are checked for their digits only",
    )
    vat_authority_timeout_seconds: float = Field(
        default=3, gt=0, description="how long a question to an authority may take; asked twice"
    )
    vat_answer_hours: int = Field(
        default=24,
        ge=0,
        description="hours of business time for which an answer on a VAT id is not asked again",
    )
    vat_answer_kept_days: int = Field(
        default=30,
        ge=1,
        description="days of business time for which an answer counts where the authority does not "
        "answer; older ones are deleted",
    )
    tax_providers: str = Field(
        default="",
        description="names of entry points of the group sojourn.tax_providers, separated by "
        "commas; the settings of a channel name the one that computes its taxes",
    )
    tax_provider_timeout_seconds: float = Field(
        default=2, gt=0, description="how long a question to a tax provider may take; asked twice"
    )
    fraud_scorers: str = Field(
        default="",
        description="names of entry points of the group sojourn.fraud_scorers, separated by "
        "commas; the settings of a channel name the one that scores its orders",
    )
    fraud_scorer_timeout_seconds: float = Field(
        default=2, gt=0, description="how long a question to a scorer may take; asked twice"
    )
    carriers: str = Field(
        default="",
        description="names of entry points of the group sojourn.carriers, separated by commas; a "
        "carrier names the one that takes its webhooks",
    )
    carrier_timeout_seconds: float = Field(
        default=10, gt=0, description="how long a call to a carrier may take"
    )
    crash_at: str = Field(
        default="",
        description="tests only: point at which this process is killed once, e.g. "
        "before:capture:commit",
    )
    crash_marker: Path | None = Field(
        default=None, description="tests only: file that records the crash"
    )

    @field_validator("gift_card_key")
    @classmethod
    def _thirty_two_bytes(cls, key: SecretStr) -> SecretStr:
        try:
            length = len(base64.urlsafe_b64decode(key.get_secret_value()))
        except (binascii.Error, ValueError):
            length = 0
        if length != 32:
            raise ValueError("must be 32 bytes in urlsafe base64")
        return key

    @property
    def carrier_names(self) -> frozenset[str]:
        """The names of the connected carriers."""
        return frozenset(name.strip() for name in self.carriers.split(",") if name.strip())

    @property
    def gift_card_master_key(self) -> bytes:
        """The 32 bytes of the key of gift cards."""
        return base64.urlsafe_b64decode(self.gift_card_key.get_secret_value())

    @model_validator(mode="after")
    def _no_crashes_in_production(self) -> Self:
        if self.crash_at and self.environment == "production":
            raise ValueError("CRASH_AT is refused in production")
        if self.crash_at and self.crash_marker is None:
            raise ValueError("CRASH_AT needs CRASH_MARKER")
        return self

    def channel(self, code: str) -> ChannelSettings:
        """Returns the settings of a channel, or the defaults if it is not configured.

        An empty code is the default channel.
        """
        return self.channels.get(code or self.default_channel) or ChannelSettings()
