"""Tax exemptions as messages, and messages as values."""

from datetime import date
from uuid import UUID

from checkout.errors.taxes import InvalidTaxExemption
from checkout.tax_exemptions.model import TaxExemption
from sojourn.checkout.v1 import tax_exemptions_pb2 as pb


def exemption_from_proto(message: pb.TaxExemption, path: str = "tax_exemption") -> TaxExemption:
    """Returns the exemption of a message. Raises InvalidTaxExemption with its place in `path`."""

    def invalid(name: str, problem: str) -> InvalidTaxExemption:
        return InvalidTaxExemption(path=f"{path}.{name}", problem=problem)

    def day(name: str) -> date | None:
        text = getattr(message, name)
        try:
            return date.fromisoformat(text) if text else None
        except ValueError:
            raise invalid(name, "no day of the calendar") from None

    if not message.code:
        raise invalid("code", "it is needed")
    if bool(message.customer_id) is bool(message.organization_id):
        raise invalid("customer_id", "name a customer or an organization, and not both")
    valid_from, valid_to = day("valid_from"), day("valid_to")
    if valid_from and valid_to and valid_to <= valid_from:
        raise invalid("valid_to", "not after valid_from")
    return TaxExemption(
        code=message.code,
        customer_id=id_of(message.customer_id),
        organization_id=id_of(message.organization_id),
        reasons=dict(sorted(message.reasons.items())),
        certificate_number=message.certificate_number,
        places=sorted(message.places),
        valid_from=valid_from,
        valid_to=valid_to,
    )


def exemptions_from_proto(request: pb.ImportTaxExemptionsRequest) -> list[TaxExemption]:
    """Returns the exemptions of an import. Raises InvalidTaxExemption with its `path`."""
    drafts, seen = list[TaxExemption](), set[str]()
    for index, message in enumerate(request.tax_exemptions):
        path = f"tax_exemptions[{index}]"
        draft = exemption_from_proto(message, path)
        if draft.code in seen:
            raise InvalidTaxExemption(path=f"{path}.code", problem="it is there twice")
        seen.add(draft.code)
        drafts.append(draft)
    return drafts


def exemption_to_proto(exemption: TaxExemption) -> pb.TaxExemption:
    return pb.TaxExemption(
        code=exemption.code,
        customer_id=str(exemption.customer_id or ""),
        organization_id=str(exemption.organization_id or ""),
        reasons=exemption.reasons,
        certificate_number=exemption.certificate_number,
        places=exemption.places,
        valid_from=_text(exemption.valid_from),
        valid_to=_text(exemption.valid_to),
        version=exemption.version,
    )


def id_of(text: str) -> UUID | None:
    return UUID(text) if text else None


def _text(day: date | None) -> str:
    return day.isoformat() if day else ""
