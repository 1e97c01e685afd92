"""Notices of carts and checkouts, in the vocabulary of the Universal Commerce Protocol."""

from dataclasses import dataclass
from enum import StrEnum


class NoticeType(StrEnum):
    """Gravity of a notice."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class NoticeCode(StrEnum):
    """The facts that notices tell."""

    PRICES_NOT_CURRENT = "prices_not_current"
    PRICE_CHANGED = "price_changed"
    COUPON_NOT_VALID = "coupon_not_valid"
    ITEM_UNAVAILABLE = "item_unavailable"
    OUT_OF_STOCK = "out_of_stock"
    LOW_STOCK = "low_stock"
    BACKORDER = "backorder"
    PREORDER = "preorder"
    TOTAL_TOO_LARGE = "total_too_large"
    LOGIN_REQUIRED = "login_required"
    MISSING_EMAIL = "missing_email"
    MISSING_DELIVERY_ADDRESS = "missing_delivery_address"
    MISSING_DELIVERY_OPTION = "missing_delivery_option"
    MISSING_PAYMENT_METHOD = "missing_payment_method"
    CHALLENGE_REQUIRED = "challenge_required"
    VAT_ID_INVALID = "vat_id_invalid"
    VAT_ID_UNCONFIRMED = "vat_id_unconfirmed"


class Severity(StrEnum):
    """The party that can mend it: the caller, or the buyer by an input or a look."""

    RECOVERABLE = "recoverable"
    REQUIRES_BUYER_INPUT = "requires_buyer_input"
    REQUIRES_BUYER_REVIEW = "requires_buyer_review"


@dataclass(frozen=True, slots=True)
class Notice:
    """One fact.

    `path` is a JSONPath into the cart or checkout; `content` is a sentence for people; only errors
    have a `severity`.
    """

    type: NoticeType
    code: NoticeCode
    path: str
    content: str
    severity: Severity

    @classmethod
    def error(
        cls, code: NoticeCode, path: str, content: str, severity: Severity = Severity.RECOVERABLE
    ) -> "Notice":
        return cls(NoticeType.ERROR, code, path, content, severity)

    @classmethod
    def warning(cls, code: NoticeCode, path: str, content: str) -> "Notice":
        return cls(NoticeType.WARNING, code, path, content, Severity.REQUIRES_BUYER_REVIEW)

    @classmethod
    def info(cls, code: NoticeCode, path: str, content: str) -> "Notice":
        return cls(NoticeType.INFO, code, path, content, Severity.REQUIRES_BUYER_REVIEW)
