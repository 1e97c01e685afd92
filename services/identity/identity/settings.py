"""Settings of identity."""

import base64
import binascii

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from chassis.runtime import settings


class ServiceClient(BaseModel):
    """A service that may request tokens."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    secret: SecretStr
    scopes: tuple[str, ...] = ()
    acts_at: tuple[str, ...] = Field(
        default=(),
        description="services at which it may act for a shopper, against the shopper's own token",
    )
    acts_unattended: bool = Field(
        default=False,
        description="whether it may act for a shopper who does not wait: without their token",
    )

    @field_validator("secret")
    @classmethod
    def _not_empty(cls, secret: SecretStr) -> SecretStr:
        if not secret.get_secret_value():
            raise ValueError("a client needs a secret")
        return secret


class Settings(settings.Settings):
    """The settings of a process, read once from the environment."""

    key_encryption_key: SecretStr = Field(
        description="32 bytes, urlsafe base64; encrypts signing keys. With another one, no key "
        "opens and every session ends"
    )
    service_clients: dict[str, ServiceClient] = Field(
        default={}, description='JSON: {"cart": {"secret": "…", "scopes": ["stock.reserve"]}}'
    )
    staff_email: str = Field(
        default="", description="address of the first admin; empty creates none"
    )
    staff_password: SecretStr = SecretStr("")

    synthetic_api_key: SecretStr = Field(
        default=SecretStr(""),
        description="an API key of the role synthetic, beside those that staff create; empty "
        "accepts none",
    )

    access_token_seconds: int = Field(default=900, ge=1, le=3_600)
    guest_session_seconds: int = Field(
        default=90 * 86_400, ge=1, description="since the last refresh"
    )
    guest_unused_seconds: int = Field(
        default=6 * 3_600,
        ge=1,
        description="a guest's session that was never refreshed ends so long after it was made",
    )
    customer_session_seconds: int = Field(
        default=30 * 86_400, ge=1, description="since the last refresh"
    )
    staff_session_seconds: int = Field(
        default=12 * 3_600, ge=1, description="since the login; a refresh does not prolong it"
    )

    key_poll_seconds: float = Field(
        default=2, gt=0, description="how often a replica looks for new signing keys"
    )
    key_publish_delay_seconds: float = Field(
        default=0, ge=0, description="how long a new key is public before it signs"
    )

    # OWASP's parameters for argon2id: 19 MiB, 2 passes, 1 lane. About 25 ms of a core.
    argon2_memory_kib: int = Field(default=19_456, ge=8)
    argon2_time_cost: int = Field(default=2, ge=1)
    argon2_parallelism: int = Field(default=1, ge=1)
    password_queue: int = Field(
        default=100,
        ge=1,
        description="passwords that wait to be hashed, at the most; more are refused",
    )

    login_free_attempts: int = Field(
        default=5,
        ge=1,
        description="wrong passwords for an account from one network or device before it is "
        "locked there",
    )
    login_lock_seconds: float = Field(
        default=1, gt=0, description="first lock; doubles with each wrong password after it"
    )
    login_lock_max_seconds: float = Field(default=900, gt=0)
    login_forget_seconds: float = Field(
        default=3_600, gt=0, description="a quiet time after which wrong passwords are forgotten"
    )
    login_budget: int = Field(
        default=50,
        ge=1,
        description="wrong passwords for an account from all unknown devices, before these have "
        "to follow a mailed link",
    )
    login_budget_seconds: float = Field(
        default=86_400,
        gt=0,
        description="how long after the first of them the budget is whole again",
    )
    device_days: int = Field(
        default=180, ge=1, description="how long a device stays known after its last login"
    )
    sweep_seconds: float = Field(
        default=600, gt=0, description="how often expired rows are deleted"
    )

    @field_validator("key_encryption_key")
    @classmethod
    def _thirty_two_bytes(cls, key: SecretStr) -> SecretStr:
        try:
            length = len(base64.urlsafe_b64decode(key.get_secret_value()))
        except (binascii.Error, ValueError):
            length = 0
        if length != 32:
            raise ValueError("must be 32 bytes in urlsafe base64")
        return key

    @model_validator(mode="after")
    def _unused_guests_outlive_their_token(self) -> "Settings":
        if self.guest_unused_seconds < self.access_token_seconds:
            raise ValueError(
                "GUEST_UNUSED_SECONDS must not be less than ACCESS_TOKEN_SECONDS: a guest who is "
                "present refreshes after these"
            )
        return self

    @field_validator("synthetic_api_key")
    @classmethod
    def _hard_to_guess(cls, key: SecretStr) -> SecretStr:
        if 0 < len(key.get_secret_value()) < 32:
            raise ValueError("must have at least 32 characters")
        return key

    @property
    def master_key(self) -> bytes:
        """The key encryption key's 32 bytes."""
        return base64.urlsafe_b64decode(self.key_encryption_key.get_secret_value())

    @property
    def allows_test_domains(self) -> bool:
        """Whether addresses under `.test` are valid."""
        return self.environment == "development"
