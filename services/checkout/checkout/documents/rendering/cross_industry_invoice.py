"""Invoices and credit notes as XML: UN/CEFACT Cross Industry Invoice, as EN 16931 uses it.

The file is that of Factur-X 1.0 in the profile EN 16931. Names of terms are in brackets.
"""

from datetime import date
from decimal import Decimal
from typing import Final
from xml.etree import ElementTree as ET  # it writes only

from chassis.money import exponent
from checkout.documents import texts
from checkout.documents.content import (
    Adjustment,
    DocumentContent,
    DocumentLine,
    Party,
    TaxGroup,
    Treatment,
)
from checkout.documents.model import DocumentKind
from checkout.taxes.categories import TaxCategory

_NAMESPACES: Final = {
    "rsm": "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
    "ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
    "qdt": "urn:un:unece:uncefact:data:standard:QualifiedDataType:100",
}
PROFILE: Final = "urn:cen.eu:en16931:2017"
# UNTDID 1001.
_TYPES: Final = {DocumentKind.INVOICE: "380", DocumentKind.CREDIT_NOTE: "381"}
# UNTDID 4461: SEPA credit transfer, credit transfer, and as both sides agreed.
_SEPA, _AGREED = "58", "ZZZ"
# UNTDID 7161 and 5189.
_FREIGHT, _DISCOUNT = "FC", "95"
_UNRATED: Final = frozenset({TaxCategory.OUT_OF_SCOPE.value})
_REASONLESS: Final = frozenset({TaxCategory.STANDARD.value, TaxCategory.ZERO_RATED.value})

for _prefix, _uri in _NAMESPACES.items():
    ET.register_namespace(_prefix, _uri)


class _Writer:
    """Adds elements under an element."""

    def __init__(self, element: ET.Element, digits: int) -> None:
        self.element, self._digits = element, digits

    def child(self, name: str) -> "_Writer":
        return _Writer(ET.SubElement(self.element, _tag(name)), self._digits)

    def text(self, name: str, value: str, **attributes: str) -> None:
        """Adds a text, unless it is empty."""
        if value:
            ET.SubElement(self.element, _tag(name), attributes).text = value

    def amount(self, name: str, minor: int, **attributes: str) -> None:
        value = Decimal(minor).scaleb(-self._digits)
        self.text(name, f"{value:.{self._digits}f}", **attributes)

    def day(self, name: str, day: date, *, kind: str = "udt") -> None:
        at = self.child(name)
        at.text(f"{kind}:DateTimeString", f"{day:%Y%m%d}", format="102")


def write_invoice(kind: DocumentKind, content: DocumentContent) -> bytes:
    """Returns the XML of an invoice or a credit note; the same bytes for the same content."""
    root = ET.Element(_tag("rsm:CrossIndustryInvoice"))
    writer = _Writer(root, exponent(content.currency))
    context = writer.child("rsm:ExchangedDocumentContext")
    context.child("ram:GuidelineSpecifiedDocumentContextParameter").text("ram:ID", PROFILE)
    head = writer.child("rsm:ExchangedDocument")
    head.text("ram:ID", content.number)
    head.text("ram:TypeCode", _TYPES[kind])
    head.day("ram:IssueDateTime", content.issued_on)
    for note in (content.reason, content.legal_text):
        if note:
            head.child("ram:IncludedNote").text("ram:Content", note)
    trade = writer.child("rsm:SupplyChainTradeTransaction")
    for number, line in enumerate(content.lines, start=1):
        _line(trade.child("ram:IncludedSupplyChainTradeLineItem"), number, line, content)
    _agreement(trade.child("ram:ApplicableHeaderTradeAgreement"), content)
    _delivery(trade.child("ram:ApplicableHeaderTradeDelivery"), content)
    _settlement(trade.child("ram:ApplicableHeaderTradeSettlement"), content)
    ET.indent(root)
    written: bytes = ET.tostring(root, encoding="UTF-8", xml_declaration=True)
    return written


def _tag(name: str) -> str:
    prefix, _, local = name.partition(":")
    return f"{{{_NAMESPACES[prefix]}}}{local}"


def _line(writer: _Writer, number: int, line: DocumentLine, content: DocumentContent) -> None:
    writer.child("ram:AssociatedDocumentLineDocument").text("ram:LineID", str(number))
    product = writer.child("ram:SpecifiedTradeProduct")
    product.text("ram:SellerAssignedID", line.sku)
    product.text("ram:Name", line.title)
    product.text("ram:Description", line.options)
    price = writer.child("ram:SpecifiedLineTradeAgreement").child("ram:NetPriceProductTradePrice")
    price.text("ram:ChargeAmount", f"{line.unit_price:f}")
    delivery = writer.child("ram:SpecifiedLineTradeDelivery")
    delivery.text("ram:BilledQuantity", f"{line.quantity:f}", unitCode=line.unit_code)
    settlement = writer.child("ram:SpecifiedLineTradeSettlement")
    _treatment(settlement.child("ram:ApplicableTradeTax"), line.treatment)
    if line.allowance_minor:
        allowance = settlement.child("ram:SpecifiedTradeAllowanceCharge")
        allowance.child("ram:ChargeIndicator").text("udt:Indicator", "false")
        allowance.amount("ram:ActualAmount", line.allowance_minor)
        allowance.text("ram:ReasonCode", _DISCOUNT)
        allowance.text("ram:Reason", texts.discount(content.language))
    sums = settlement.child("ram:SpecifiedTradeSettlementLineMonetarySummation")
    sums.amount("ram:LineTotalAmount", line.net_minor)


def _treatment(writer: _Writer, treatment: Treatment) -> None:
    writer.text("ram:TypeCode", "VAT")
    writer.text("ram:CategoryCode", treatment.category)
    if treatment.category not in _UNRATED:
        writer.text("ram:RateApplicablePercent", _percent(treatment))


def _percent(treatment: Treatment) -> str:
    return f"{treatment.rate.normalize():f}"


def _agreement(writer: _Writer, content: DocumentContent) -> None:
    # BR-O-02: where nothing is in the scope of the tax, nobody's VAT id is there.
    has_ids = not any(each.treatment.category in _UNRATED for each in content.groups)
    seller = writer.child("ram:SellerTradeParty")
    seller.text("ram:ID", content.seller_code)
    _party(seller, content.seller, has_ids=has_ids)
    _party(writer.child("ram:BuyerTradeParty"), content.buyer, has_ids=has_ids)
    order = writer.child("ram:SellerOrderReferencedDocument")
    order.text("ram:IssuerAssignedID", content.order_number)


def _party(writer: _Writer, party: Party, *, has_ids: bool, is_place: bool = False) -> None:
    writer.text("ram:Name", party.name or "-")
    if party.registration:
        writer.child("ram:SpecifiedLegalOrganization").text("ram:ID", party.registration)
    if not is_place and (party.contact or party.phone_number or party.email):
        contact = writer.child("ram:DefinedTradeContact")
        contact.text("ram:PersonName", party.contact or party.name)
        if party.phone_number:
            phone = contact.child("ram:TelephoneUniversalCommunication")
            phone.text("ram:CompleteNumber", party.phone_number)
        if party.email:
            contact.child("ram:EmailURIUniversalCommunication").text("ram:URIID", party.email)
    address = writer.child("ram:PostalTradeAddress")
    address.text("ram:PostcodeCode", party.postal_code)
    first, _, second = party.street_address.partition("\n")
    address.text("ram:LineOne", first)
    address.text("ram:LineTwo", second.replace("\n", ", "))
    address.text("ram:CityName", party.address_locality)
    address.text("ram:CountryID", party.country)
    address.text("ram:CountrySubDivisionName", party.address_region)
    if is_place:
        return
    if party.email:
        mail = writer.child("ram:URIUniversalCommunication")
        mail.text("ram:URIID", party.email, schemeID="EM")
    if party.vat_id and has_ids:
        writer.child("ram:SpecifiedTaxRegistration").text("ram:ID", party.vat_id, schemeID="VA")
    if party.tax_number:
        writer.child("ram:SpecifiedTaxRegistration").text("ram:ID", party.tax_number, schemeID="FC")


def _delivery(writer: _Writer, content: DocumentContent) -> None:
    if content.receiver is not None:
        receiver = writer.child("ram:ShipToTradeParty")
        _party(receiver, content.receiver, has_ids=False, is_place=True)
    if content.supplied_on is not None:
        event = writer.child("ram:ActualDeliverySupplyChainEvent")
        event.day("ram:OccurrenceDateTime", content.supplied_on)


def _settlement(writer: _Writer, content: DocumentContent) -> None:
    writer.text("ram:PaymentReference", content.payment_reference)
    writer.text("ram:InvoiceCurrencyCode", content.currency)
    _means(writer.child("ram:SpecifiedTradeSettlementPaymentMeans"), content)
    for group in content.groups:
        _group(writer.child("ram:ApplicableTradeTax"), group)
    for each in content.adjustments:
        if each.net_minor:
            _adjustment(writer.child("ram:SpecifiedTradeAllowanceCharge"), each)
    if content.payment_note or content.due_on:
        terms = writer.child("ram:SpecifiedTradePaymentTerms")
        terms.text("ram:Description", content.payment_note)
        if content.due_on:
            terms.day("ram:DueDateDateTime", content.due_on)
    sums = writer.child("ram:SpecifiedTradeSettlementHeaderMonetarySummation")
    sums.amount("ram:LineTotalAmount", content.lines_minor)
    sums.amount("ram:ChargeTotalAmount", content.charges_minor)
    sums.amount("ram:AllowanceTotalAmount", content.allowances_minor)
    sums.amount("ram:TaxBasisTotalAmount", content.net_minor)
    sums.amount("ram:TaxTotalAmount", content.tax_minor, currencyID=content.currency)
    sums.amount("ram:GrandTotalAmount", content.gross_minor)
    sums.amount("ram:TotalPrepaidAmount", content.paid_minor)
    sums.amount("ram:DuePayableAmount", content.due_minor)
    if content.invoice is not None:
        reference = writer.child("ram:InvoiceReferencedDocument")
        reference.text("ram:IssuerAssignedID", content.invoice.number)
        reference.day("ram:FormattedIssueDateTime", content.invoice.issued_on, kind="qdt")


def _means(writer: _Writer, content: DocumentContent) -> None:
    """Writes the account where something is to be transferred, and how it was paid otherwise."""
    account = content.account
    if account is not None and content.due_minor > 0 and content.payment_reference:
        writer.text("ram:TypeCode", _SEPA)
        payee = writer.child("ram:PayeePartyCreditorFinancialAccount")
        payee.text("ram:IBANID", account.iban)
        payee.text("ram:AccountName", account.holder)
        if account.bic:
            bank = writer.child("ram:PayeeSpecifiedCreditorFinancialInstitution")
            bank.text("ram:BICID", account.bic)
        return
    writer.text("ram:TypeCode", _AGREED)
    writer.text("ram:Information", ", ".join(each.title for each in content.paid))


def _group(writer: _Writer, group: TaxGroup) -> None:
    treatment = group.treatment
    writer.amount("ram:CalculatedAmount", group.tax_minor)
    writer.text("ram:TypeCode", "VAT")
    if treatment.category not in _REASONLESS:
        writer.text("ram:ExemptionReason", treatment.reason)
    writer.amount("ram:BasisAmount", group.base_minor)
    writer.text("ram:CategoryCode", treatment.category)
    if treatment.category not in _REASONLESS:
        writer.text("ram:ExemptionReasonCode", treatment.reason_code)
    if treatment.category not in _UNRATED:
        writer.text("ram:RateApplicablePercent", _percent(treatment))


def _adjustment(writer: _Writer, each: Adjustment) -> None:
    writer.child("ram:ChargeIndicator").text("udt:Indicator", str(each.is_charge).lower())
    writer.amount("ram:ActualAmount", each.net_minor)
    writer.text("ram:ReasonCode", _FREIGHT if each.is_charge else _DISCOUNT)
    writer.text("ram:Reason", each.reason)
    _treatment(writer.child("ram:CategoryTradeTax"), each.treatment)
