"""Every refusal of the provider.

The class name in snake case is its `code`; `status` is the HTTP status.
"""

import re
from typing import ClassVar


class Refusal(Exception):
    """Ends a transaction with no effect; the members become part of the problem document."""

    status: ClassVar[int] = 409
    code: ClassVar[str] = "refusal"

    def __init_subclass__(cls) -> None:
        cls.code = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()

    def __init__(self, detail: str, **members: str | int) -> None:
        super().__init__(detail)
        self.detail = detail
        self.members = members


class Unauthenticated(Refusal):
    status = 401


class PaymentNotFound(Refusal):
    status = 404


class CustomerNotFound(Refusal):
    status = 404


class SetUpNotFound(Refusal):
    status = 404


class ChallengeNotFound(Refusal):
    status = 404


class DisputeNotFound(Refusal):
    status = 404


class PaymentInDispute(Refusal):
    """A payment is disputed once."""


class WrongDisputeStatus(Refusal):
    pass


class DisputeExceedsCaptured(Refusal):
    pass


class UnknownPaymentMethod(Refusal):
    status = 422


class KeyReused(Refusal):
    """The idempotency key was used with another body."""


class CancelledBeforeCreation(Refusal):
    """The idempotency key was cancelled before any payment, and stays unusable."""


class NothingUnderCancelledKey(Refusal):
    """A look-up of a key that was cancelled before creation."""

    status = 404


class WrongPaymentStatus(Refusal):
    pass


class CaptureExceedsAuthorization(Refusal):
    pass


class RefundExceedsCaptured(Refusal):
    pass


class ChallengeAlreadyResolved(Refusal):
    pass


class Outage(Refusal):
    """Every payment call while the misbehaviour rule `outage` holds."""

    status = 503


class ProviderTimedOut(Refusal):
    """The charge is committed, and the answer was withheld for as long as the rule says."""

    status = 504
