"""Settings of the cart."""

from pydantic import Field, SecretStr

from chassis.runtime import settings


class Settings(settings.Settings):
    """Read once from the environment."""

    catalog_target: str = Field(min_length=1, description="gRPC target of catalog, for offers")
    restore_secret: SecretStr = Field(
        min_length=16, description="signs the links that restore carts; a new one ends all links"
    )
    abandon_after_seconds: float = Field(
        default=3600,
        gt=0,
        description="business time without a change until a cart counts as abandoned",
    )
