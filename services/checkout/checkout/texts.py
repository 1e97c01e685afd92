"""Texts of checkouts and orders for buyers, in the languages of `chassis.locales`."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from chassis.locales import language_of, localized

_PAYMENT: Final[Mapping[str, Mapping[str, str]]] = {
    "card": {"en": "Credit or debit card", "de": "Kredit- oder Debitkarte"},
    "apple_pay": {"en": "Apple Pay", "de": "Apple Pay"},
    "google_pay": {"en": "Google Pay", "de": "Google Pay"},
    "bank_transfer": {"en": "Bank transfer", "de": "Überweisung"},
    "cash_on_delivery": {"en": "Cash on delivery", "de": "Nachnahme"},
    "till_cash": {"en": "Cash at the till", "de": "Bar an der Kasse"},
    "till_card": {"en": "Card at the till", "de": "Karte an der Kasse"},
    "invoice": {"en": "Invoice", "de": "Rechnung"},
}
_DIGITAL: Final[Mapping[str, str]] = {
    "en": "By e-mail and in your order",
    "de": "Per E-Mail und in Ihrer Bestellung",
}
_INCLUDED: Final[Mapping[str, str]] = {"en": "{} included", "de": "{} enthalten"}


def digital_title(locale: str) -> str:
    """Returns the title of the delivery of what is not sent."""
    return localized(_DIGITAL, locale)


def title_in(titles: Mapping[str, str], locale: str, *, otherwise: str) -> str:
    """Returns a merchant's title in a locale, in its language, in English, or in any."""
    found = titles.get(locale) or titles.get(locale.partition("-")[0]) or titles.get("en")
    return found or next(iter(titles.values()), otherwise)


def payment_title(code: str, otherwise: str, locale: str) -> str:
    """Returns the title of a payment method; that of its provider for an unknown code."""
    return localized(_PAYMENT[code], locale) if code in _PAYMENT else otherwise


def rated_title(name: str, rate: Decimal, locale: str) -> str:
    """Returns the title of a tax with its rate, e.g. "VAT 5.5 %" or "MwSt. 5,5 %"."""
    percent = f"{(rate * 100).normalize():f}"
    if language_of(locale) == "de":
        percent = percent.replace(".", ",")
    return f"{name} {percent} %"


def included_tax(title: str, locale: str) -> str:
    """Returns the label of a tax that the prices include, e.g. "VAT 19 % included"."""
    return localized(_INCLUDED, locale).format(title)
