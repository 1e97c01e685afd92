"""Events about customers."""

from collections.abc import Mapping

from identity.customers.model import ConsentCategory, Customer
from sojourn.identity.v1.customer_groups_pb2 import CustomerGroupChanged
from sojourn.identity.v1.events_pb2 import ConsentChanged


def consent_changed(customer: Customer, granted: Mapping[ConsentCategory, bool]) -> ConsentChanged:
    """Builds the event of changed consents.

    `granted` holds all answers, not only the changed ones.
    """
    answers = {str(category): answer for category, answer in granted.items()}
    return ConsentChanged(customer_id=str(customer.id), granted=answers, version=customer.version)


def customer_group_changed(customer: Customer) -> CustomerGroupChanged:
    return CustomerGroupChanged(
        customer_id=str(customer.id),
        customer_group=customer.customer_group,
        version=customer.version,
    )
