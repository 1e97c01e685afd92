"""Settings of the catalogue."""

from pydantic import Field

from chassis.runtime import settings


class Settings(settings.Settings):
    """Read once from the environment."""

    search_poll_seconds: float = Field(
        default=0.25, gt=0, description="how often a replica looks for changed products"
    )
    stock_audit_seconds: float = Field(
        default=60, gt=0, description="how often counters are compared with reservations"
    )
    synthetic_product: bool = Field(
        default=False,
        description="make the product that synthetic shoppers buy, where it is missing",
    )
    import_batch_size: int = Field(
        default=250, ge=1, le=500, description="products in one transaction of the import command"
    )
    bought_together_least_orders: int = Field(
        default=2, ge=1, description="orders with two products that make one show beside the other"
    )
    bought_together_most: int = Field(
        default=8, ge=0, le=24, description="products to show as bought together with another"
    )
    bought_together_seconds: int = Field(
        default=300, ge=1, description="how often what is bought together is shown anew"
    )
    relation_rules_seconds: float = Field(
        default=3_600,
        gt=0,
        description="from one sweep of the rules of related products to the next",
    )
