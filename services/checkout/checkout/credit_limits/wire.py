"""Credit limits as messages, and messages as values."""

from uuid import UUID

from chassis.money import Money
from chassis.rpc.wire import money
from checkout.credit_limits.model import CreditLimit
from checkout.errors.payments import InvalidCreditLimit
from sojourn.checkout.v1 import credit_limits_pb2 as pb


def limit_from_proto(message: pb.CreditLimit) -> CreditLimit:
    """Returns the limit of a message. Raises InvalidCreditLimit, UnknownCurrency."""

    def invalid(name: str, problem: str) -> InvalidCreditLimit:
        return InvalidCreditLimit(path=f"credit_limit.{name}", problem=problem)

    if not message.code:
        raise invalid("code", "it is needed")
    if bool(message.customer_id) is bool(message.organization_id):
        raise invalid("customer_id", "name a customer or an organization, and not both")
    limit = Money.from_proto(message.limit)
    if limit.amount_minor <= 0:
        raise invalid("limit", "it is not positive: an inactive limit grants nothing")
    return CreditLimit(
        code=message.code,
        customer_id=id_of(message.customer_id),
        organization_id=id_of(message.organization_id),
        currency=limit.currency,
        limit_minor=limit.amount_minor,
        payment_days=message.payment_days,
        is_enabled=message.active if message.HasField("active") else True,
    )


def limit_to_proto(limit: CreditLimit, outstanding_minor: int) -> pb.CreditLimit:
    return pb.CreditLimit(
        code=limit.code,
        customer_id=str(limit.customer_id or ""),
        organization_id=str(limit.organization_id or ""),
        limit=money(limit.limit_minor, limit.currency),
        payment_days=limit.payment_days,
        active=limit.is_enabled,
        outstanding=money(outstanding_minor, limit.currency),
        version=limit.version,
    )


def id_of(text: str) -> UUID | None:
    return UUID(text) if text else None
