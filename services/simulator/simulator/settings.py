"""Settings of the simulator, read from the environment."""

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Read once, at start, from environment variables of the same names in upper case."""

    model_config = SettingsConfigDict(frozen=True, hide_input_in_errors=True)

    host: str = "127.0.0.1"
    http_port: int = Field(ge=0, le=65535)
    ledger_path: Path
    simulator_api_key: SecretStr = Field(min_length=1)
    webhook_secret: SecretStr = Field(min_length=1)
    webhook_url: str | None = Field(default=None, pattern=r"^https?://")
    public_url: str | None = Field(default=None, pattern=r"^https?://")
    """URL at which a customer's browser reaches this program; by default of HOST and HTTP_PORT."""
    log_level: str = "INFO"

    @property
    def challenge_base_url(self) -> str:
        """The address under which challenge pages are linked, without a trailing slash."""
        return (self.public_url or f"http://{self.host}:{self.http_port}").rstrip("/")
