"""Settings of the cart service."""

from pydantic import Field, SecretStr

from chassis.settings import Settings


class CartSettings(Settings):
    """What the cart service reads from the environment."""

    identity_target: str = Field(min_length=1)
    catalog_target: str
    restore_secret: SecretStr = Field(min_length=16, description="signs the links that restore saved carts")
    abandon_after_seconds: float = Field(default=3600, gt=0, description="business time without a change after which a cart is abandoned")
