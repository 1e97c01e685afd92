"""Reliefs of orders: supplies to businesses in the EU, exports, and exemptions."""

from dataclasses import dataclass
from typing import Final

from checkout.taxes.categories import Relief, TaxCategory, relief_of
from checkout.taxes.model import Place, TaxSettings, UnconfirmedVatIds
from checkout.taxes.table import EU, collects_in, in_union, taxing_place
from checkout.vat_ids.model import VatIdCheck, VatIdStatus

# Countries without a value added tax: what leaves them is no export in the sense of EN 16931.
_WITHOUT_VAT: Final = frozenset({"US", "HK", "KW", "QA"})


@dataclass(frozen=True, slots=True)
class GrantedExemption:
    """An exemption of a customer or an organization, its reason in the language of the buyer."""

    code: str
    reason: str
    certificate_number: str = ""


@dataclass(frozen=True, slots=True)
class TaxBuyer:
    """Facts of a buyer that relieve from taxes."""

    vat_id: VatIdCheck | None = None
    exemption: GrantedExemption | None = None


NOBODY: Final = TaxBuyer()


@dataclass(frozen=True, slots=True)
class OrderRelief:
    """The reliefs of goods and of services of an order that is not taxed.

    With a `priced_at` the prices that include tax are lowered by the tax of that place.
    """

    goods: Relief
    services: Relief
    priced_at: Place | None
    exemption: GrantedExemption | None = None

    def of(self, *, is_service: bool) -> Relief:
        return self.services if is_service else self.goods


def find_relief(
    destination: Place,
    origin: str,
    settings: TaxSettings,
    buyer: TaxBuyer,
    *,
    locale: str,
    is_ioss: bool = False,
) -> OrderRelief | None:
    """Returns the relief of an order from the country `origin`; None where it is taxed.

    A supply to a business of another EU country is the law's and comes first, then that the seller
    collects no tax there, then what staff granted.
    """
    place = taxing_place(destination, origin, settings, is_ioss=is_ioss)
    if is_supply_to_business(destination, origin, settings, buyer.vat_id):
        return OrderRelief(
            relief_of(TaxCategory.INTRA_COMMUNITY, locale),
            relief_of(TaxCategory.REVERSE_CHARGE, locale),
            place or destination,
        )
    if place is None:
        is_export = destination.country != origin and origin not in _WITHOUT_VAT
        services = relief_of(TaxCategory.OUT_OF_SCOPE, locale)
        goods = relief_of(TaxCategory.EXPORT, locale) if is_export else services
        return OrderRelief(goods, services, Place(origin) if settings.deducts_on_export else None)
    if buyer.exemption is not None:
        relief = relief_of(TaxCategory.EXEMPT, locale, reason=buyer.exemption.reason)
        return OrderRelief(relief, relief, place, buyer.exemption)
    return None


def is_supply_to_business(
    destination: Place, origin: str, settings: TaxSettings, vat_id: VatIdCheck | None
) -> bool:
    """Returns whether the customer owes the tax in another EU country.

    The goods go from one EU country to another, and the customer has a good VAT id of one that is
    not the origin (Directive 2006/112/EC, articles 138 and 196). Domestic orders are always taxed.
    """
    if vat_id is None or vat_id.country == origin or not is_business(settings, vat_id):
        return False
    return origin in EU and in_union(destination) and destination.country != origin


def is_business(settings: TaxSettings, vat_id: VatIdCheck) -> bool:
    """Returns whether a VAT id is a good one of an EU country."""
    return vat_id.country in EU and (
        vat_id.status is VatIdStatus.VALID
        or (
            vat_id.status is VatIdStatus.UNCONFIRMED
            and settings.unconfirmed_vat_ids is UnconfirmedVatIds.ACCEPT
        )
    )


def may_use_ioss(
    destination: Place, origin: str, settings: TaxSettings, vat_id: VatIdCheck | None
) -> bool:
    """Returns whether goods may be sold under the import scheme, if their value is low.

    They go to a consumer in the EU from outside (Directive 2006/112/EC, articles 14 and 369l), to
    a country where the settings do not name the merchant as registered.
    """
    return (
        origin not in EU
        and in_union(destination)
        and not collects_in(destination, settings)
        and not (vat_id is not None and is_business(settings, vat_id))
    )
