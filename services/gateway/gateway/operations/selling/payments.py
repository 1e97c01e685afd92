"""Payment methods and credit limits as staff keep them, and the import of bank transfers."""

from typing import Final

from gateway.contracts.query_models import Parameters
from gateway.contracts.rpc import rpc
from gateway.endpoints.access import staff
from gateway.endpoints.endpoint import KIB, WHOLE, Endpoint, KeyRule
from sojourn.checkout.v1.bank_transfers_pb2_grpc import BankTransferServiceServicer
from sojourn.checkout.v1.credit_limits_pb2_grpc import CreditLimitServiceServicer
from sojourn.checkout.v1.payment_methods_pb2_grpc import PaymentMethodServiceServicer

_WRITE: Final = staff("payments.write")
_PATH: Final = "/v1/staff/payment-methods/{code}"
_LIMIT: Final = "/v1/staff/credit-limits/{code}"
ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/v1/staff/payment-methods",
        rpc=rpc(PaymentMethodServiceServicer.ListPaymentMethods),
        callers=_WRITE,
        touchpoint=None,
        query=Parameters(defaults={"page_size": 50}),
        text="Payment methods by code; where none was set, those of the shop's provider.",
    ),
    Endpoint(
        method="GET",
        path=_PATH,
        rpc=rpc(PaymentMethodServiceServicer.GetPaymentMethod),
        callers=_WRITE,
        touchpoint=None,
        text="A payment method.",
    ),
    Endpoint(
        method="PUT",
        path=_PATH,
        rpc=rpc(PaymentMethodServiceServicer.PutPaymentMethod),
        callers=_WRITE,
        touchpoint=None,
        body="payment_method",
        paths={"code": "payment_method.code"},
        key=KeyRule.OPTIONAL,
        text="Creates or replaces a payment method by its code. Checkouts follow within seconds; "
        "orders that are placed keep their payment.",
    ),
    Endpoint(
        method="DELETE",
        path=_PATH,
        rpc=rpc(PaymentMethodServiceServicer.DeletePaymentMethod),
        callers=_WRITE,
        touchpoint=None,
        key=KeyRule.OPTIONAL,
        status=204,
        text="Deletes a payment method; payments that were made with it stay. A repeat is fine.",
    ),
    Endpoint(
        method="GET",
        path="/v1/staff/credit-limits",
        rpc=rpc(CreditLimitServiceServicer.ListCreditLimits),
        callers=_WRITE,
        touchpoint=None,
        query=Parameters(defaults={"page_size": 50}),
        text="Credit limits by code, also those of one customer or organization, with what is "
        "outstanding.",
    ),
    Endpoint(
        method="GET",
        path=_LIMIT,
        rpc=rpc(CreditLimitServiceServicer.GetCreditLimit),
        callers=_WRITE,
        touchpoint=None,
        text="A credit limit with what is outstanding.",
    ),
    Endpoint(
        method="PUT",
        path=_LIMIT,
        rpc=rpc(CreditLimitServiceServicer.PutCreditLimit),
        callers=_WRITE,
        touchpoint=None,
        body="credit_limit",
        paths={"code": "credit_limit.code"},
        key=KeyRule.OPTIONAL,
        text="Grants or changes a credit limit by its code, up to which its buyer pays by invoice. "
        "A repeat changes nothing.",
    ),
    Endpoint(
        method="DELETE",
        path=_LIMIT,
        rpc=rpc(CreditLimitServiceServicer.DeleteCreditLimit),
        callers=_WRITE,
        touchpoint=None,
        key=KeyRule.OPTIONAL,
        status=204,
        text="Revokes a credit limit; orders stay as they are. A repeat is fine.",
    ),
    Endpoint(
        method="POST",
        path="/v1/staff/bank-transfers/import",
        rpc=rpc(BankTransferServiceServicer.ImportBankTransfers),
        callers=_WRITE,
        touchpoint=None,
        body=WHOLE,
        most_bytes=1024 * KIB,
        text="Settles the payments that credits of a bank statement name by their reference, and "
        "says of each what became of it. A line settles once, however often it is imported.",
    ),
)
