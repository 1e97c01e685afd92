"""Settings of the gateway."""

from typing import Final

from pydantic import Field, SecretStr, field_validator, model_validator

from chassis.runtime.settings import Settings
from gateway.http.client_address import ANYBODY, TrustedProxies

_LEAST_SECRET: Final = 32
_MIB: Final = 1024 * 1024
# Addresses are shared by offices, carriers and households.
_CALLERS_PER_ADDRESS: Final = 5
_GUESTS_PER_LOGIN: Final = 6


class GatewaySettings(Settings):
    """Settings of the gateway, read from the environment."""

    http_port: int = 8080
    grpc_port: int = 0
    public_url: str = Field(
        default="http://localhost:8080", description="where clients reach this gateway; for links"
    )
    storefront_url: str = Field(
        default="",
        description="base URL of the pages that tracked links in mails lead to; empty: PUBLIC_URL",
    )
    catalog_target: str
    cart_target: str
    checkout_target: str
    identity_target: str = Field(min_length=1)
    journey_target: str
    notifications_target: str
    visitor_secret: SecretStr = Field(
        default=SecretStr(""),
        description="signs visitors' handles; at least 32 characters, the same for all replicas; "
        "required in production",
    )
    previous_visitor_secret: SecretStr = Field(
        default=SecretStr(""), description="handles signed with it stay good and are replaced"
    )
    touchpoint_buffer: int = Field(
        default=10_000,
        ge=0,
        description="touchpoints kept while the broker is away; more are lost, and counted",
    )
    allowed_origins: list[str] = Field(
        default=[], description="origins of browser front ends (CORS), as a JSON list"
    )
    trusted_proxies: str = Field(
        default="127.0.0.1",
        description="whose X-Forwarded-For counts: CIDRs and addresses, comma-separated, or a "
        "number of hops; * (any peer) in development",
    )
    max_body_bytes: int = 256 * 1024
    max_staff_body_bytes: int = 8 * _MIB
    max_bodies_in_flight_bytes: int = Field(
        default=64 * _MIB, ge=_MIB, description="bodies of all requests under way; 503 beyond"
    )
    max_head_bytes: int = Field(
        default=32 * 1024, ge=1024, description="request line and headers; 431 beyond"
    )
    head_seconds: float = Field(
        default=10, gt=0, description="time to send a head, for silent connections too; 408 beyond"
    )
    max_small_bodies_in_flight_bytes: int = Field(
        default=32 * _MIB,
        ge=0,
        description="reserve for bodies of at most 16 KiB, which large bodies cannot use up",
    )
    body_grace_seconds: float = Field(
        default=10, ge=0, description="how far a body may fall behind its least rate; 408 beyond"
    )
    least_body_bytes_per_second: int = Field(
        default=1024, ge=0, description="least rate of a body; bytes sent early count for the grace"
    )
    body_stall_seconds: float = Field(
        default=5, gt=0, description="longest time without a byte of a body; 408 beyond"
    )
    body_seconds: float = Field(
        default=120, gt=0, description="time to send a whole body; 408 beyond"
    )
    answer_stall_seconds: float = Field(
        default=30,
        gt=0,
        description="longest time in which a client reads nothing of an answer that waits for it; "
        "closed beyond",
    )
    max_connections: int = Field(
        default=10_000, ge=1, description="open connections; fewer where descriptors are few"
    )
    max_connections_per_address: int = Field(
        default=500, ge=1, description="of one address; trusted proxies have no such limit"
    )
    reserved_descriptors: int = Field(
        default=128, ge=16, description="descriptors kept for peers, the broker and the admin port"
    )
    rate_limit_per_minute: int = Field(
        default=600, description="per caller: the token's subject, or the address of who has none"
    )
    storefront_rate_limit_per_minute: int = Field(
        default=60_000,
        description="per storefront: a server with the access token of an API key of the role "
        "storefront in Sojourn-Storefront, in place of its address's limits",
    )
    peer_calls: int = Field(
        default=64,
        ge=4,
        description="calls in flight to one service at first; fewer while it answers late, up to "
        "4 times while it does not",
    )
    peer_passwords: int = Field(
        default=16, ge=1, description="calls in flight that hash a password, beside those"
    )
    peer_orders: int = Field(
        default=32, ge=1, description="calls in flight that place or end an order, beside those"
    )
    peer_target_seconds: float = Field(
        default=0.75, gt=0, description="a short call that takes longer tells of overload"
    )
    address_rate_limit_per_minute: int | None = Field(
        default=None,
        description="per address, with and without tokens; 5 × RATE_LIMIT_PER_MINUTE by default",
    )
    login_rate_limit_per_minute: int = Field(
        default=20,
        description="logins and registrations per account and address; also refreshes per session",
    )
    address_login_rate_limit_per_minute: int | None = Field(
        default=None,
        description="logins and registrations per address; 5 × LOGIN_RATE_LIMIT_PER_MINUTE by "
        "default",
    )
    code_rate_limit_per_minute: int = Field(
        default=10, description="codes of gift cards that one caller tries"
    )
    address_code_rate_limit_per_minute: int | None = Field(
        default=None,
        description="codes of gift cards per address; 5 × CODE_RATE_LIMIT_PER_MINUTE by default",
    )
    guest_session_limit_per_minute: int | None = Field(
        default=None,
        description="new guests per address; 6 × LOGIN_RATE_LIMIT_PER_MINUTE by default",
    )
    cache_seconds: float = Field(
        default=60,
        ge=0,
        le=60,
        description="how old an anonymous catalogue answer may be; 0 caches nothing",
    )
    shared_cache_seconds: int = Field(
        default=30,
        ge=0,
        le=3_600,
        description="how long a CDN may keep an anonymous catalogue answer that belongs to no "
        "visitor (s-maxage); 0: such answers are private",
    )
    cache_entries: int = Field(default=5_000, ge=0)
    cache_bytes: int = Field(
        default=32 * _MIB, ge=0, description="what cached answers take at the most"
    )
    cache_settling_seconds: float = Field(
        default=1,
        ge=0,
        description="how long after a change in the catalogue nothing is cached; longer than "
        "catalog's SEARCH_POLL_SECONDS",
    )

    @property
    def most_per_address(self) -> int:
        return (
            self.address_rate_limit_per_minute or _CALLERS_PER_ADDRESS * self.rate_limit_per_minute
        )

    @property
    def most_logins_per_address(self) -> int:
        return (
            self.address_login_rate_limit_per_minute
            or _CALLERS_PER_ADDRESS * self.login_rate_limit_per_minute
        )

    @property
    def most_codes_per_address(self) -> int:
        return (
            self.address_code_rate_limit_per_minute
            or _CALLERS_PER_ADDRESS * self.code_rate_limit_per_minute
        )

    @property
    def most_guest_sessions_per_address(self) -> int:
        return (
            self.guest_session_limit_per_minute
            or _GUESTS_PER_LOGIN * self.login_rate_limit_per_minute
        )

    @field_validator("trusted_proxies")
    @classmethod
    def _readable_proxies(cls, text: str) -> str:
        TrustedProxies.parse(text)
        return text

    @model_validator(mode="after")
    def _safe_in_production(self) -> "GatewaySettings":
        if self.environment != "production":
            return self
        if self.trusted_proxies.strip() == ANYBODY:
            raise ValueError(
                "TRUSTED_PROXIES=* is refused in production: name the proxies' CIDRs, or give the "
                "number of hops"
            )
        if len(self.visitor_secret.get_secret_value()) < _LEAST_SECRET:
            raise ValueError(
                f"VISITOR_SECRET needs at least {_LEAST_SECRET} characters in production"
            )
        if 0 < len(self.previous_visitor_secret.get_secret_value()) < _LEAST_SECRET:
            raise ValueError(f"PREVIOUS_VISITOR_SECRET needs at least {_LEAST_SECRET} characters")
        return self
