"""Sentences of notices, in the languages of `locales.LANGUAGES`.

None of them tells how many units are in stock: exact counts are not public.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from chassis.locales import localized


class NoticeText(StrEnum):
    """The sentences that notices say."""

    PRICES_NOT_CURRENT = "prices_not_current"
    PRICE_CHANGED = "price_changed"
    COUPON_UNKNOWN = "coupon_unknown"
    COUPON_EXPIRED = "coupon_expired"
    COUPON_USED_UP = "coupon_used_up"
    COUPON_NOT_FIRST_ORDER = "coupon_not_first_order"
    COUPON_BELOW_MINIMUM = "coupon_below_minimum"
    ITEM_UNAVAILABLE = "item_unavailable"
    OUT_OF_STOCK = "out_of_stock"
    NOT_ENOUGH_STOCK = "not_enough_stock"
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


_TEXTS: Final[Mapping[NoticeText, Mapping[str, str]]] = {
    NoticeText.PRICES_NOT_CURRENT: {
        "en": "Prices and availability could not be checked just now.",
        "de": "Preise und Verfügbarkeit konnten gerade nicht geprüft werden.",
    },
    NoticeText.PRICE_CHANGED: {
        "en": "The price has changed since this was added.",
        "de": "Der Preis hat sich seit dem Hinzufügen geändert.",
    },
    NoticeText.COUPON_UNKNOWN: {
        "en": "This code is not known.",
        "de": "Dieser Code ist nicht bekannt.",
    },
    NoticeText.COUPON_EXPIRED: {
        "en": "This code has expired.",
        "de": "Dieser Code ist abgelaufen.",
    },
    NoticeText.COUPON_USED_UP: {
        "en": "This code has been used up.",
        "de": "Dieser Code ist aufgebraucht.",
    },
    NoticeText.COUPON_NOT_FIRST_ORDER: {
        "en": "This code is for a first order.",
        "de": "Dieser Code gilt für die erste Bestellung.",
    },
    NoticeText.COUPON_BELOW_MINIMUM: {
        "en": "The cart does not meet this code's conditions.",
        "de": "Der Warenkorb erfüllt die Bedingungen dieses Codes nicht.",
    },
    NoticeText.ITEM_UNAVAILABLE: {
        "en": "This is not sold any more.",
        "de": "Dieser Artikel wird nicht mehr verkauft.",
    },
    NoticeText.OUT_OF_STOCK: {
        "en": "This is out of stock.",
        "de": "Dieser Artikel ist ausverkauft.",
    },
    NoticeText.NOT_ENOUGH_STOCK: {
        "en": "Not enough of this is in stock.",
        "de": "Von diesem Artikel ist nicht genug auf Lager.",
    },
    NoticeText.LOW_STOCK: {
        "en": "Only a few are left.",
        "de": "Nur noch wenige verfügbar.",
    },
    NoticeText.BACKORDER: {
        "en": "Some of this is on its way to us and will be sent later.",
        "de": "Ein Teil davon ist auf dem Weg zu uns und wird später verschickt.",
    },
    NoticeText.PREORDER: {
        "en": "This is not out yet and will be sent later.",
        "de": "Dieser Artikel ist noch nicht erschienen und wird später verschickt.",
    },
    NoticeText.TOTAL_TOO_LARGE: {
        "en": "This is more than can be ordered at once; take something out.",
        "de": "Das ist mehr, als auf einmal bestellt werden kann; nehmen Sie etwas heraus.",
    },
    NoticeText.LOGIN_REQUIRED: {
        "en": "Log in to buy here.",
        "de": "Melden Sie sich an, um hier zu kaufen.",
    },
    NoticeText.MISSING_EMAIL: {
        "en": "Tell us where to write.",
        "de": "Geben Sie Ihre E-Mail-Adresse an.",
    },
    NoticeText.MISSING_DELIVERY_ADDRESS: {
        "en": "Tell us where to deliver.",
        "de": "Geben Sie die Lieferadresse an.",
    },
    NoticeText.MISSING_DELIVERY_OPTION: {
        "en": "Choose how to deliver.",
        "de": "Wählen Sie eine Versandart.",
    },
    NoticeText.MISSING_PAYMENT_METHOD: {
        "en": "Choose how to pay.",
        "de": "Wählen Sie eine Zahlungsart.",
    },
    NoticeText.CHALLENGE_REQUIRED: {
        "en": "Confirm the payment with your bank.",
        "de": "Bestätigen Sie die Zahlung bei Ihrer Bank.",
    },
    NoticeText.VAT_ID_INVALID: {
        "en": "The tax authority does not know this VAT id, so that tax is charged.",
        "de": "Das Finanzamt kennt diese USt-IdNr. nicht, deshalb wird Steuer berechnet.",
    },
    NoticeText.VAT_ID_UNCONFIRMED: {
        "en": "The tax authority could not confirm this VAT id yet.",
        "de": "Das Finanzamt konnte diese USt-IdNr. noch nicht bestätigen.",
    },
}


def notice_text(text: NoticeText, locale: str) -> str:
    """Returns a sentence in the language of a locale."""
    return localized(_TEXTS[text], locale)
