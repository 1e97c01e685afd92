"""Categories of tax in the code list of EN 16931, and reasons for which there is no tax."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from chassis.locales import localized


class TaxCategory(StrEnum):
    """Codes of UNCL 5305 that EN 16931 allows."""

    STANDARD = "S"
    ZERO_RATED = "Z"
    EXEMPT = "E"
    REVERSE_CHARGE = "AE"
    INTRA_COMMUNITY = "K"
    EXPORT = "G"
    OUT_OF_SCOPE = "O"


@dataclass(frozen=True, slots=True)
class Relief:
    """The reason for which an amount is not taxed, for buyers and for documents.

    `code` is of the list VATEX that EN 16931 uses, or empty.
    """

    category: TaxCategory
    title: str
    reason: str
    code: str = ""


_TITLES: Final[Mapping[TaxCategory, Mapping[str, str]]] = {
    TaxCategory.ZERO_RATED: {"en": "Zero rated", "de": "Nullsatz"},
    TaxCategory.EXEMPT: {"en": "Exempt from tax", "de": "Steuerfrei"},
    TaxCategory.REVERSE_CHARGE: {"en": "Reverse charge", "de": "Reverse Charge"},
    TaxCategory.INTRA_COMMUNITY: {
        "en": "Intra-Community supply",
        "de": "Innergemeinschaftliche Lieferung",
    },
    TaxCategory.EXPORT: {"en": "Export", "de": "Ausfuhr"},
    TaxCategory.OUT_OF_SCOPE: {"en": "Not subject to tax", "de": "Nicht steuerbar"},
}
_REASONS: Final[Mapping[TaxCategory, Mapping[str, str]]] = {
    TaxCategory.EXEMPT: {
        "en": "These goods are exempt from tax.",
        "de": "Diese Waren sind steuerfrei.",
    },
    TaxCategory.REVERSE_CHARGE: {
        "en": "Reverse charge: the customer owes the tax (Article 196 of Directive 2006/112/EC).",
        "de": "Steuerschuldnerschaft des Leistungsempfängers (Artikel 196 der Richtlinie "
        "2006/112/EG).",
    },
    TaxCategory.INTRA_COMMUNITY: {
        "en": "Exempt intra-Community supply (Article 138 of Directive 2006/112/EC).",
        "de": "Steuerfreie innergemeinschaftliche Lieferung (Artikel 138 der Richtlinie "
        "2006/112/EG).",
    },
    TaxCategory.EXPORT: {
        "en": "Export: the country of arrival levies its own taxes.",
        "de": "Ausfuhrlieferung: Das Bestimmungsland erhebt eigene Steuern.",
    },
    TaxCategory.OUT_OF_SCOPE: {
        "en": "The seller collects no tax at this place.",
        "de": "Der Verkäufer erhebt an diesem Ort keine Steuer.",
    },
}
# https://docs.peppol.eu/poacc/billing/3.0/codelist/vatex/
_CODES: Final = {
    TaxCategory.REVERSE_CHARGE: "VATEX-EU-AE",
    TaxCategory.INTRA_COMMUNITY: "VATEX-EU-IC",
    TaxCategory.EXPORT: "VATEX-EU-G",
    TaxCategory.OUT_OF_SCOPE: "VATEX-EU-O",
}


def relief_of(category: TaxCategory, locale: str, *, reason: str = "") -> Relief:
    """Returns a relief in the language of a locale; a `reason` stands in for the usual one."""
    usual = localized(_REASONS[category], locale) if category in _REASONS else ""
    return Relief(
        category,
        localized(_TITLES[category], locale),
        reason or usual,
        "" if reason else _CODES.get(category, ""),
    )
