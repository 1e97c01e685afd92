"""Events of credit limits. They hold no personal data."""

from checkout.credit_limits.model import CreditLimit
from sojourn.checkout.v1 import credit_limits_pb2 as pb


def credit_limit_changed(limit: CreditLimit) -> pb.CreditLimitChanged:
    return pb.CreditLimitChanged(
        code=limit.code,
        customer_id=str(limit.customer_id or ""),
        organization_id=str(limit.organization_id or ""),
        version=limit.version,
    )


def credit_limit_deleted(code: str) -> pb.CreditLimitDeleted:
    return pb.CreditLimitDeleted(code=code)
