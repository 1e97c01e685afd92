"""Events of tax exemptions. They hold no personal data."""

from checkout.tax_exemptions.model import TaxExemption
from sojourn.checkout.v1 import tax_exemptions_pb2 as pb


def tax_exemption_changed(exemption: TaxExemption) -> pb.TaxExemptionChanged:
    return pb.TaxExemptionChanged(
        code=exemption.code,
        customer_id=str(exemption.customer_id or ""),
        organization_id=str(exemption.organization_id or ""),
        version=exemption.version,
    )


def tax_exemption_deleted(code: str) -> pb.TaxExemptionDeleted:
    return pb.TaxExemptionDeleted(code=code)
