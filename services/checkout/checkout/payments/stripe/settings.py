"""Settings of Stripe, from the environment."""

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class StripeSettings(BaseSettings):
    """Names are environment variables in upper case.

    `stripe_webhook_secret` may hold several secrets, separated by commas, while one is replaced.
    """

    model_config = SettingsConfigDict(frozen=True, hide_input_in_errors=True)

    stripe_secret_key: SecretStr = Field(
        min_length=1, description="secret or restricted key of the account (sk_…, rk_…)"
    )
    stripe_webhook_secret: SecretStr = Field(
        min_length=1, description="signing secret of the webhook endpoint (whsec_…)"
    )
    stripe_url: str = Field(
        default="https://api.stripe.com", pattern=r"^https?://", description="base URL of the API"
    )
    stripe_return_url: str = Field(
        default="",
        pattern=r"^(https?://\S+)?$",
        description="page to which the bank leads buyers back whose checkout names none",
    )
