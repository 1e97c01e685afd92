"""Settings that every service has; read once from the environment."""

from typing import Literal

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Frozen settings of a process.

    A service adds its own in a subclass. Names are environment variables in upper case.
    """

    model_config = SettingsConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    service_instance: str = Field(default="local", description="name of this replica")
    environment: Literal["development", "production"] = "production"
    host: str = Field(default="0.0.0.0", description="address to bind")  # noqa: S104 - a container's only interface
    grpc_port: int = Field(default=50051, description="0 serves no gRPC")
    admin_port: int = Field(default=9090, description="health and metrics")
    database_url: SecretStr = SecretStr("")
    migrate_database_url: SecretStr = SecretStr("")
    migrate_contract: bool = Field(
        default=False,
        description="whether migrate also takes away what the release before still needed",
    )
    database_pool_size: int = Field(
        default=10, ge=2, description="connections of this process at the most"
    )
    nats_url: SecretStr = SecretStr("")
    migrate_nats_url: SecretStr = Field(
        default=SecretStr(""),
        description="the user who makes streams and consumers; default: NATS_URL",
    )
    event_replicas: int = Field(default=1, description="replicas of each stream, made by migrate")
    identity_target: str = Field(
        default="", description="gRPC target of identity, for its public keys"
    )
    client_id: str = ""
    client_secret: SecretStr = SecretStr("")
    otlp_endpoint: str = Field(
        default="", description="OTLP/HTTP traces URL; empty exports nothing"
    )
    trace_sample_rate: float = Field(default=1.0, ge=0, le=1)
    log_level: str = "INFO"
    clock: Literal["real", "virtual"] = "real"
    drain_seconds: float = Field(
        default=5, ge=0, description="how long to keep accepting after SIGTERM"
    )
    stop_seconds: float = Field(
        default=20, ge=0, description="how long to finish what is in flight"
    )
    token_issuer: str = "sojourn-identity"  # noqa: S105 - a name
    default_channel: str = "default"

    @model_validator(mode="after")
    def _no_virtual_time_in_production(self) -> "Settings":
        if self.clock == "virtual" and self.environment == "production":
            raise ValueError("CLOCK=virtual is refused in production")
        return self
