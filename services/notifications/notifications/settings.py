"""Settings of notifications."""

from collections.abc import Mapping
from email.utils import parseaddr
from typing import Literal

from pydantic import Field, SecretStr, field_validator, model_validator

from chassis.runtime import settings


class Settings(settings.Settings):
    """Settings of a process, read once from the environment."""

    mail_channel: Literal["smtp", "folder"] = Field(
        default="smtp", description="folder writes .eml files into MAIL_FOLDER"
    )
    mail_folder: str = ""
    smtp_host: str = ""
    smtp_port: int = Field(default=587, ge=1, le=65_535)
    smtp_user: str = Field(default="", description="empty: no login")
    smtp_password: SecretStr = SecretStr("")
    smtp_tls: Literal["none", "starttls", "tls"] = Field(
        default="starttls", description="none only for a server on the loopback interface"
    )
    receipts_url: str = Field(
        default="",
        description='answers ?message_id= with {"deliveries": n}; empty: a mail in doubt is sent '
        "again",
    )
    mail_from: str = Field(description="sender, e.g. Sojourn <shop@example.com>")
    shop_name: str = Field(default="Sojourn", min_length=1)
    public_url: str = Field(
        min_length=1, description="base URL of the API, to which mail programs unsubscribe"
    )
    storefront_url: str = Field(
        default="",
        description="base URL of the pages that links in mails lead to; empty: PUBLIC_URL",
    )
    storefront_url_by_channel: Mapping[str, str] = Field(
        default={}, description='JSON: {"us": "https://us.shop.example"}; beats STOREFRONT_URL'
    )
    tracks_mails: bool = Field(
        default=False,
        description="whether mails to customers who allow analytics tell that they were opened or "
        "clicked; the gateway needs the same STOREFRONT_URL",
    )
    default_locale: Literal["en", "de"] = Field(
        default="en", description="locale of mails in a language without texts"
    )
    unsubscribe_secret: SecretStr = Field(
        min_length=16, description="signs unsubscribe links; a new secret invalidates all links"
    )
    survey_secret: SecretStr = Field(
        min_length=16, description="signs survey links; the journey service has the same secret"
    )

    max_tries: int = Field(
        default=12, ge=1, description="temporary refusals of the mail server until a mail fails"
    )
    retry_backoff_seconds: float = Field(
        default=1, gt=0, description="delay after the first refusal; doubles with each further one"
    )
    retry_longest_backoff_seconds: float = Field(default=300, gt=0)
    doubt_seconds: float = Field(
        default=30,
        gt=0,
        description="time for which a submission without a reply may still be accepted",
    )
    give_up_after_seconds: float = Field(
        default=172_800, gt=0, description="time without the mail server until mails fail"
    )
    mails_per_recipient_and_day: int = Field(
        default=10,
        ge=1,
        description="mails to one address in 24 h; further ones are suppressed. Mails of orders "
        "and of security count and are never suppressed;"
        " mails that confirm the address of an account do not count and have a limit for each "
        "account",
    )
    low_stock_minutes: int = Field(
        default=15,
        ge=1,
        le=1_440,
        description="minutes of business time whose low stock levels are told to staff in one mail",
    )
    keep_days: int = Field(
        default=90,
        ge=1,
        description="days of business time after which recipient, variables and texts are erased",
    )

    @field_validator("mail_from")
    @classmethod
    def _an_address(cls, value: str) -> str:
        address = parseaddr(value)[1]
        local, _, domain = address.rpartition("@")
        if not (local and domain and address.isascii()):
            raise ValueError("must hold an e-mail address")
        return value

    @model_validator(mode="after")
    def _channel_is_complete(self) -> "Settings":
        if self.mail_channel == "smtp" and not self.smtp_host:
            raise ValueError("MAIL_CHANNEL=smtp needs SMTP_HOST")
        if self.mail_channel == "folder" and not self.mail_folder:
            raise ValueError("MAIL_CHANNEL=folder needs MAIL_FOLDER")
        return self
