"""Settings of web."""

from typing import Final

from pydantic import Field, field_validator, model_validator

from chassis.runtime import settings

ANYBODY: Final = "*"


class Settings(settings.Settings):
    """Settings of a process, read once from the environment."""

    http_port: int = 8080
    grpc_port: int = 0
    gateway_url: str = Field(min_length=1, description="where this process reaches the gateway")
    gateway_public_url: str = Field(
        default="", description="where browsers reach the gateway's documentation; empty: no link"
    )
    public_url: str = Field(
        default="http://localhost:8080",
        description="where browsers reach these pages; decides on Secure cookies",
    )
    shop_name: str = Field(default="Sojourn", min_length=1)
    storefront_channel: str = Field(
        default="",
        pattern=r"^[A-Za-z0-9._-]{0,64}$",
        description="channel of the shop's pages; empty: the gateway's default",
    )
    trusted_proxies: str = Field(
        default="127.0.0.1",
        description="whose X-Forwarded-For counts: CIDRs and addresses, comma-separated;"
        " * (any peer) in development",
    )
    gateway_seconds: float = Field(default=20, gt=0, description="longest wait for the gateway")
    max_connections_to_gateway: int = Field(default=64, ge=1)
    max_connections: int = Field(default=2_000, ge=1, description="open connections; 503 beyond")
    max_form_bytes: int = Field(default=16 * 1024, ge=1024, description="413 beyond")
    max_requests_in_flight: int = Field(default=256, ge=1, description="503 beyond")

    @property
    def has_secure_cookies(self) -> bool:
        """Returns whether browsers may send cookies by HTTPS only."""
        return self.environment == "production" or self.public_url.startswith("https:")

    @field_validator("gateway_url", "gateway_public_url", "public_url")
    @classmethod
    def _without_last_slash(cls, url: str) -> str:
        return url.rstrip("/")

    @model_validator(mode="after")
    def _safe_in_production(self) -> "Settings":
        if self.environment == "production" and self.trusted_proxies.strip() == ANYBODY:
            raise ValueError("TRUSTED_PROXIES=* is refused in production: name the proxies' CIDRs")
        return self
