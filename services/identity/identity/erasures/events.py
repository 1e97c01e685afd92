"""Events of erasures."""

from identity.customers.model import Customer
from sojourn.identity.v1.events_pb2 import CustomerErased


def customer_erased(customer: Customer) -> CustomerErased:
    """Returns the event of a customer who is gone.

    It has the address only where it was proven to be theirs: another person's data stays.
    """
    is_theirs = customer.email_confirmed_at is not None
    return CustomerErased(
        customer_id=str(customer.id),
        email=customer.email if is_theirs else "",
        locale=customer.locale,
        channel=customer.channel,
    )
