"""Settings of the catalogue."""

from enum import StrEnum
from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, model_validator

from chassis.runtime import settings


class MediaStoreKind(StrEnum):
    """Stores of pictures."""

    DATABASE = "database"
    FOLDER = "folder"
    S3 = "s3"


class Settings(settings.Settings):
    """Read once from the environment."""

    search_poll_seconds: float = Field(
        default=0.25, gt=0, description="how often a replica looks for changed products"
    )
    search_folder: Path | None = Field(
        default=None,
        description="folder of a replica's search index; by default that of temporary files",
    )
    search_snapshot_changes: int = Field(
        default=5_000,
        ge=0,
        description="changed products after which a snapshot of the search index is stored, at"
        " least 2 % of all; 0 stores and opens none",
    )
    search_snapshot_seconds: float = Field(
        default=600, gt=0, description="how often a snapshot of the search index may be stored"
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
    media_store: MediaStoreKind = Field(
        default=MediaStoreKind.DATABASE, description="where pictures are kept"
    )
    media_folder: Path = Field(
        default=Path(), description="folder of pictures, which all replicas share"
    )
    media_s3_bucket: str = Field(default="", description="bucket of pictures")
    media_s3_region: str = Field(default="us-east-1", description="region of the bucket")
    media_s3_endpoint: str = Field(
        default="", description="URL of what speaks S3; empty for Amazon's own"
    )
    media_s3_key_id: str = Field(default="", description="access key of the bucket")
    media_s3_secret: SecretStr = Field(default=SecretStr(""), description="its secret")

    download_link_seconds: int = Field(
        default=3_600, ge=60, description="how long a download link of an order is good"
    )
    mailed_download_link_days: int = Field(
        default=7, ge=1, le=365, description="how long a mailed download link is good"
    )

    @model_validator(mode="after")
    def _has_what_the_store_needs(self) -> Self:
        if self.media_store is MediaStoreKind.FOLDER and self.media_folder == Path():
            raise ValueError("MEDIA_STORE=folder needs MEDIA_FOLDER")
        if self.media_store is MediaStoreKind.S3 and not self.media_s3_bucket:
            raise ValueError("MEDIA_STORE=s3 needs MEDIA_S3_BUCKET")
        return self
