"""Payment methods and credit limits as staff keep them, and the import of bank transfers."""

from typing import Final

from gateway.contracts.query_models import Parameters
from gateway.contracts.rpc import rpc
from gateway.endpoints.access import staff
from gateway.endpoints.endpoint import KIB, WHOLE, Endpoint, KeyRule
from sojourn.checkout.v1.bank_transfers_pb2_grpc import BankTransferServiceServicer
from sojourn.checkout.v1.credit_limits_pb2_grpc import CreditLimitServiceServicer
from sojourn.checkout.v1.payment_captures_pb2_grpc import PaymentCaptureServiceServicer
from sojourn.checkout.v1.payment_methods_pb2_grpc import PaymentMethodServiceServicer
from sojourn.checkout.v1.refund_failures_pb2_grpc import RefundFailureServiceServicer

_WRITE: Final = staff("payments.write")
_ORDERS_READ: Final = staff("orders.read", or_scope="orders.write")
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
    Endpoint(
        method="GET",
        path="/v1/staff/payment-captures",
        rpc=rpc(PaymentCaptureServiceServicer.ListPaymentCaptures),
        callers=_ORDERS_READ,
        touchpoint=None,
        query=Parameters(defaults={"page_size": 50}),
        text="Captures of authorized payments with shipments, newest first; `status=failed` are "
        "those whose goods are on their way without their money.",
    ),
    Endpoint(
        method="POST",
        path="/v1/staff/payment-captures/{capture_id}/retry",
        rpc=rpc(PaymentCaptureServiceServicer.RetryPaymentCapture),
        callers=staff("orders.write"),
        touchpoint=None,
        key=KeyRule.OPTIONAL,
        text="Asks the provider again for a capture that failed. A repeat is fine.",
    ),
    Endpoint(
        method="GET",
        path="/v1/staff/payment-authorizations",
        rpc=rpc(PaymentCaptureServiceServicer.ListPaymentAuthorizations),
        callers=_ORDERS_READ,
        touchpoint=None,
        text="Payments that are authorized and taken with shipments that are still to come, those "
        "that lapse first: ship these orders first.",
    ),
    Endpoint(
        method="GET",
        path="/v1/staff/failed-refunds",
        rpc=rpc(RefundFailureServiceServicer.ListFailedRefunds),
        callers=_ORDERS_READ,
        touchpoint=None,
        query=Parameters(defaults={"page_size": 50}),
        text="Refunds that failed at the provider, newest first. `owed` are those told as "
        "refunded before: their money is set aside for the buyer.",
    ),
    Endpoint(
        method="POST",
        path="/v1/staff/failed-refunds/{refund_id}/retry",
        rpc=rpc(RefundFailureServiceServicer.RetryRefund),
        callers=staff("orders.write"),
        touchpoint=None,
        key=KeyRule.OPTIONAL,
        text="Asks the provider again to pay a refund out that is owed.",
    ),
    Endpoint(
        method="POST",
        path="/v1/staff/failed-refunds/{refund_id}/pay-otherwise",
        rpc=rpc(RefundFailureServiceServicer.PayRefundOtherwise),
        callers=staff("orders.write"),
        touchpoint=None,
        body=WHOLE,
        key=KeyRule.OPTIONAL,
        text="Records that a refund that is owed was paid out another way, by bank transfer.",
    ),
    Endpoint(
        method="GET",
        path="/v1/staff/bank-transfers/outstanding",
        rpc=rpc(BankTransferServiceServicer.ListOutstandingBankTransfers),
        callers=staff("payments.write", or_scope="orders.read"),
        touchpoint=None,
        query=Parameters(defaults={"page_size": 50}),
        text="Placed orders that wait for a transfer, those due first, with the reference, "
        "the amount, and how long they wait.",
    ),
)
