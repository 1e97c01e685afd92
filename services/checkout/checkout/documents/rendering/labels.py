"""Labels and formats of printed documents, in the languages of `chassis.locales`."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Final

from babel import Locale, UnknownLocaleError, dates, numbers

from chassis.locales import language_of
from chassis.money import exponent

_LABELS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "invoice": "Invoice", "credit_note": "Credit note", "number": "Number", "date": "Date",
        "order": "Order", "supplied": "Date of supply", "of_invoice": "For invoice",
        "bill_to": "Bill to", "ship_to": "Ship to", "item": "Item", "quantity": "Quantity",
        "price": "Unit price", "tax": "VAT", "amount": "Amount", "lines": "Sum of items",
        "net": "Total without VAT", "taxes": "VAT {rate} % of {base}", "untaxed": "VAT of {base}",
        "gross": "Total", "paid": "Paid", "due": "Amount due", "due_on": "Payable until",
        "reference": "Reference", "vat_id": "VAT id", "tax_number": "Tax number",
        "page": "Page {page} of {pages}", "discount": "Discount",
        "pro_forma": "Pro forma invoice", "packing_slip": "Packing slip",
        "pro_forma_note": "This is not an invoice: no VAT can be deducted with it.",
        "shipped": "Sent", "parcel": "Parcel", "carrier": "Carrier", "tracking": "Tracking number",
        "packed": "In this parcel", "ordered": "Ordered", "gift_message": "Gift message",
    },
    "de": {
        "invoice": "Rechnung", "credit_note": "Gutschrift (Rechnungskorrektur)",
        "number": "Nummer", "date": "Datum", "order": "Bestellung", "supplied": "Lieferdatum",
        "of_invoice": "Zu Rechnung", "bill_to": "Rechnungsempfänger", "ship_to": "Lieferadresse",
        "item": "Artikel", "quantity": "Menge", "price": "Einzelpreis", "tax": "USt.",
        "amount": "Betrag", "lines": "Summe der Artikel", "net": "Summe ohne USt.",
        "taxes": "USt. {rate} % von {base}", "untaxed": "USt. von {base}", "gross": "Gesamtbetrag",
        "paid": "Bezahlt", "due": "Offener Betrag", "due_on": "Zahlbar bis",
        "reference": "Verwendungszweck", "vat_id": "USt-IdNr.", "tax_number": "Steuernummer",
        "page": "Seite {page} von {pages}", "discount": "Rabatt",
        "pro_forma": "Proforma-Rechnung", "packing_slip": "Lieferschein",
        "pro_forma_note": "Dies ist keine Rechnung; sie berechtigt nicht zum Vorsteuerabzug.",
        "shipped": "Versandt", "parcel": "Paket", "carrier": "Versand mit",
        "tracking": "Sendungsnummer", "packed": "In diesem Paket", "ordered": "Bestellt",
        "gift_message": "Grußkarte",
    },
}  # fmt: skip


class Labels:
    """Labels in a language, English where we have none of it, and numbers as it writes them."""

    def __init__(self, language: str, currency: str) -> None:
        self._language = language_of(language)
        self._texts = _LABELS[self._language]
        self._currency, self._digits = currency, exponent(currency)
        self._locale = _locale(language)

    def __call__(self, name: str, **values: str | int) -> str:
        return self._texts[name].format(**values)

    def money(self, minor: int) -> str:
        """Returns an amount with the code of its currency, whose digits are those of ISO 4217."""
        return (
            f"{self._number(Decimal(minor).scaleb(-self._digits), self._digits)} {self._currency}"
        )

    def price(self, price: Decimal) -> str:
        """Returns a price with two digits more than its currency has, where it needs them."""
        exact = price.quantize(Decimal(1).scaleb(-self._digits)) == price
        return self._number(price, self._digits if exact else self._digits + 2)

    def number(self, number: Decimal) -> str:
        return numbers.format_decimal(
            number, format="#,##0.######", locale=self._locale, numbering_system="latn"
        )

    def day(self, day: date) -> str:
        return dates.format_date(day, format="medium", locale=self._locale)

    def _number(self, number: Decimal, digits: int) -> str:
        pattern = "#,##0" + ("." + "0" * digits if digits else "")
        return numbers.format_decimal(
            number, format=pattern, locale=self._locale, numbering_system="latn"
        )


@lru_cache(128)
def _locale(language: str) -> Locale:
    try:
        return Locale.parse(language.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return Locale("en")
