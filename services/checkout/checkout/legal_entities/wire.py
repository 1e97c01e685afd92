"""Legal entities as messages, and messages as values."""

from typing import Final
from zoneinfo import ZoneInfo

from stdnum import iban

from chassis.rpc.errors import Invalid
from chassis.rpc.wire import EnumCodec
from checkout.errors.documents import InvalidLegalEntity
from checkout.legal_entities.model import (
    LINK_DAYS,
    SEEDED,
    BankAccount,
    EntityAddress,
    IssuesInvoices,
    LegalEntity,
    is_number_format,
)
from checkout.vat_ids.model import normalize_vat_id
from sojourn.checkout.v1 import legal_entities_pb2 as pb

_ISSUES: Final = EnumCodec(pb.IssuesInvoices, IssuesInvoices, unspecified=IssuesInvoices.SHIPPED)
_NEEDED: Final = ("code", "name")
_NEEDED_OF_ADDRESS: Final = ("street_address", "address_locality", "address_country")


def entity_from_proto(message: pb.LegalEntity, path: str) -> LegalEntity:
    """Returns the entity of a message at a path of the request. Raises InvalidLegalEntity."""

    def invalid(field: str, problem: str) -> InvalidLegalEntity:
        return InvalidLegalEntity(path=f"{path}.{field}", problem=problem)

    for field in _NEEDED:
        if not getattr(message, field).strip():
            raise invalid(field, "it is needed")
    for field in _NEEDED_OF_ADDRESS:
        if not getattr(message.address, field).strip():
            raise invalid(f"address.{field}", "it is needed")
    if not message.vat_id and not message.tax_number:
        raise invalid("vat_id", "an invoice needs a VAT id or a tax number of its seller")
    try:
        vat_id = normalize_vat_id(message.vat_id) if message.vat_id else ""
    except Invalid:
        raise invalid("vat_id", "no VAT id") from None
    account = BankAccount(
        iban.compact(message.bank_account.iban).upper(),
        message.bank_account.bic.upper(),
        message.bank_account.holder,
    )
    if account.iban and not iban.is_valid(account.iban):
        raise invalid("bank_account.iban", "no IBAN")
    invoices = message.invoice_format or SEEDED.invoice_format
    credits = message.credit_note_format or SEEDED.credit_note_format
    for field, text in (("invoice_format", invoices), ("credit_note_format", credits)):
        if not is_number_format(text):
            raise invalid(field, "it has {number} or {number:06} once, and {year} at most once")
    if invoices.partition("{")[0] == credits.partition("{")[0]:
        raise invalid("credit_note_format", "begin it with other letters than invoices")
    zone = message.time_zone or "UTC"
    try:
        ZoneInfo(zone)
    except (ValueError, OSError, LookupError):
        raise invalid("time_zone", "no name of a time zone, such as Europe/Berlin") from None
    return LegalEntity(
        code=message.code,
        name=message.name.strip(),
        address=EntityAddress(
            message.address.street_address,
            message.address.postal_code,
            message.address.address_locality,
            message.address.address_region,
            message.address.address_country,
        ),
        vat_id=vat_id,
        tax_number=message.tax_number,
        registration=message.registration,
        bank_account=account,
        email=message.email,
        phone_number=message.phone_number,
        legal_texts=dict(sorted(message.legal_texts.items())),
        channels=sorted(message.channels),
        languages=list(message.languages),
        invoice_format=invoices,
        credit_note_format=credits,
        issues_invoices=_ISSUES.decode(message.issues_invoices),
        time_zone=zone,
        is_enabled=message.active if message.HasField("active") else True,
        mails_documents=message.mails_documents if message.HasField("mails_documents") else True,
        link_days=message.link_days or LINK_DAYS,
    )


def entity_to_proto(entity: LegalEntity) -> pb.LegalEntity:
    address, account = entity.address, entity.bank_account
    return pb.LegalEntity(
        code=entity.code,
        name=entity.name,
        address=pb.LegalEntityAddress(
            street_address=address.street_address,
            postal_code=address.postal_code,
            address_locality=address.address_locality,
            address_region=address.address_region,
            address_country=address.address_country,
        ),
        vat_id=entity.vat_id,
        tax_number=entity.tax_number,
        registration=entity.registration,
        bank_account=pb.BankAccount(iban=account.iban, bic=account.bic, holder=account.holder),
        email=entity.email,
        phone_number=entity.phone_number,
        legal_texts=entity.legal_texts,
        channels=entity.channels,
        languages=entity.languages,
        invoice_format=entity.invoice_format,
        credit_note_format=entity.credit_note_format,
        issues_invoices=_ISSUES.encode(entity.issues_invoices),
        time_zone=entity.time_zone,
        active=entity.is_enabled,
        mails_documents=entity.mails_documents,
        link_days=entity.link_days,
        version=entity.version,
    )
