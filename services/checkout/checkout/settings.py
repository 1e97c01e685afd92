"""What the environment decides about checkout."""

from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from chassis.runtime.settings import Settings
from checkout.taxes.rates import COUNTRIES


class ChannelSettings(BaseModel):
    """What checkout knows of a shop front or market."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    countries: tuple[str, ...] = Field(
        default=COUNTRIES, min_length=1, description="ISO 3166-1 alpha-2 codes that are served, the home first"
    )
    origin_country: str = Field(default="DE", description="where parcels start")
    order_prefix: str = Field(default="S", pattern=r"^[A-Z0-9]{1,6}$", description="what order numbers begin with")
    pickup: bool = Field(default=True, description="whether goods can be picked up in the origin country")


class CheckoutSettings(Settings):
    """Names are environment variables in upper case. Durations of business are business time, the others are real time."""

    identity_target: str = Field(description="gRPC target of identity")
    catalog_target: str = Field(description="gRPC target of catalog")
    cart_target: str = Field(description="gRPC target of cart")
    payment_provider: str = Field(default="simulator", description="name of an entry point of the group sojourn.payment_providers")
    synthetic_payments: bool = Field(
        default=False, description="connect the simulator beside another payment provider, for synthetic shoppers only"
    )
    payment_timeout_seconds: float = Field(default=5, gt=0, description="after this a call to the provider is in doubt")
    reservation_seconds: int = Field(default=900, gt=0, description="business time for which stock is kept: the deadline of a payment")
    checkout_lifetime_seconds: int = Field(default=6 * 3600, gt=0, description="business time after which a checkout is given up")
    complete_wait_seconds: float = Field(default=10, gt=0, description="how long a call waits for its order to settle")
    complete_waiters: int = Field(
        default=10,
        ge=1,
        description="calls that wait for one order in a replica; further repeats are answered at once with the order as it is",
    )
    resume_after_seconds: float = Field(default=15, gt=0, description="when a timer takes over an order that its caller began")
    reconcile_every_seconds: float = Field(default=60, gt=0, description="how often the reconciler looks")
    reconcile_after_seconds: float = Field(default=60, ge=0, description="what is younger is left to its own timers")
    channels: dict[str, ChannelSettings] = Field(default_factory=dict, description="JSON by channel code; others have the defaults")
    crash_at: str = Field(default="", description="tests only: where to kill this process once, e.g. before:capture:commit")
    crash_marker: Path | None = Field(default=None, description="tests only: file that says that the crash has been")

    @model_validator(mode="after")
    def _no_crashes_in_production(self) -> Self:
        if self.crash_at and self.environment == "production":
            raise ValueError("CRASH_AT is refused in production")
        if self.crash_at and self.crash_marker is None:
            raise ValueError("CRASH_AT needs CRASH_MARKER")
        return self

    def channel(self, code: str) -> ChannelSettings:
        """The channel `code`, or the defaults where it is not configured."""
        return self.channels.get(code or self.default_channel) or ChannelSettings()
