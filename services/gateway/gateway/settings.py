"""Settings of the gateway."""

from pydantic import Field

from chassis.settings import Settings


class GatewaySettings(Settings):
    """What the gateway reads from the environment."""

    http_port: int = 8080
    grpc_port: int = 0
    public_url: str = Field(default="http://localhost:8080", description="where clients reach this gateway; for links")
    catalog_target: str
    cart_target: str
    checkout_target: str
    identity_target: str = Field(min_length=1)
    journey_target: str
    notifications_target: str
    touchpoint_buffer: int = Field(
        default=10_000, ge=0, description="touchpoints kept while the broker is away; more are lost, and counted"
    )
    allowed_origins: list[str] = Field(default=[], description="origins of browser front ends (CORS), as a JSON list")
    trusted_proxies: str = Field(default="127.0.0.1", description="whose X-Forwarded-For counts; comma-separated, * for all")
    max_body_bytes: int = 256 * 1024
    max_staff_body_bytes: int = 8 * 1024 * 1024
    rate_limit_per_minute: int = Field(default=600, description="per caller: the token's subject, or the address of who has none")
    login_rate_limit_per_minute: int = Field(default=20, description="logins and registrations per address")
    peer_calls: int = Field(default=64, ge=4, description="calls in flight to one service at the most; fewer while it answers late")
    peer_orders: int = Field(default=32, ge=1, description="calls in flight that place or end an order, beside those")
    peer_target_seconds: float = Field(default=0.75, gt=0, description="a short call that takes longer tells of overload")
    cache_seconds: float = Field(default=60, ge=0, le=60, description="how old an anonymous catalogue answer may be; 0 caches nothing")
    cache_entries: int = Field(default=5_000, ge=0)
    cache_settling_seconds: float = Field(
        default=1, ge=0, description="how long after a change in the catalogue nothing is cached; longer than catalog's SEARCH_POLL_SECONDS"
    )
