"""Texts of documents, in the languages of `chassis.locales`."""

from collections.abc import Mapping
from typing import Final

from chassis.locales import localized
from checkout.documents.amounts.credits import CreditTexts
from checkout.orders.model import Order

_Texts = Mapping[str, str]
_REDUCTION: Final[_Texts] = {"en": "Refund of a part of the price", "de": "Teilerstattung"}
_DELIVERY: Final[_Texts] = {"en": "Delivery", "de": "Versand"}
_KEPT: Final[_Texts] = {
    "en": "Not refunded, or refunded before",
    "de": "Nicht oder bereits erstattet",
}
_REFUNDED: Final[_Texts] = {"en": "Refunded", "de": "Erstattet"}
_GIFT_CARD: Final[_Texts] = {"en": "Gift card", "de": "Gutschein"}
_STORE_CREDIT: Final[_Texts] = {"en": "Store credit", "de": "Guthaben"}
_DISCOUNT: Final[_Texts] = {"en": "Discount", "de": "Rabatt"}
_AT_THE_DOOR: Final[_Texts] = {"en": "Payable on delivery.", "de": "Zahlbar bei Lieferung."}
_SET_OFF: Final[_Texts] = {
    "en": "Set off against the amount due of the invoice.",
    "de": "Wird mit dem offenen Betrag der Rechnung verrechnet.",
}

_IMPORT_SCHEME: Final[_Texts] = {
    "en": "Import One Stop Shop (IOSS): {number}",
    "de": "Einfuhrregelung (IOSS): {number}",
}


def credit_texts(language: str) -> CreditTexts:
    """Returns the texts of credit notes in a language."""
    return CreditTexts(
        localized(_REDUCTION, language),
        localized(_DELIVERY, language),
        localized(_KEPT, language),
    )


def refunded(language: str) -> str:
    """Returns the title of money that went back."""
    return localized(_REFUNDED, language)


def gift_card(ending: str, language: str) -> str:
    """Returns the title of a payment by gift card, or by store credit, which has no code."""
    if not ending:
        return localized(_STORE_CREDIT, language)
    return f"{localized(_GIFT_CARD, language)} …{ending}"


def discount(language: str) -> str:
    """Returns the reason of the allowance of a line."""
    return localized(_DISCOUNT, language)


def at_the_door(language: str) -> str:
    """Returns the terms of a payment on delivery."""
    return localized(_AT_THE_DOOR, language)


def legal_text(seller: str, order: Order, language: str) -> str:
    """Returns the text of the seller, with the number of the import scheme if it was used."""
    number = order.taxation.ioss_number if order.taxation else ""
    scheme = localized(_IMPORT_SCHEME, language).format(number=number) if number else ""
    return "\n".join(each for each in (seller, scheme) if each)


def set_off(language: str) -> str:
    """Returns the terms of a credit note on what was not paid."""
    return localized(_SET_OFF, language)
