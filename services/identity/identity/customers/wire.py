"""Customers, addresses and consents as messages, and back."""

from collections.abc import Sequence

from chassis.rpc.wire import timestamp
from identity.customers.model import Address, Consent, Customer, PostalAddress, ProfileChanges
from sojourn.common.v1 import address_pb2 as common
from sojourn.identity.v1 import identity_pb2 as pb


def encode_customer(customer: Customer) -> pb.Customer:
    """Returns the message of a customer."""
    return pb.Customer(
        id=str(customer.id),
        email=customer.email,
        first_name=customer.first_name,
        last_name=customer.last_name,
        phone_number=customer.phone_number,
        locale=customer.locale,
        version=customer.version,
        created_at=timestamp(customer.created_at),
        email_confirmed=customer.email_confirmed_at is not None,
    )


def decode_profile_changes(request: pb.UpdateCustomerRequest) -> ProfileChanges:
    """Returns the fields that the request sets."""
    return ProfileChanges(
        first_name=request.first_name if request.HasField("first_name") else None,
        last_name=request.last_name if request.HasField("last_name") else None,
        phone_number=request.phone_number if request.HasField("phone_number") else None,
        locale=request.locale if request.HasField("locale") else None,
    )


def encode_address(address: Address) -> pb.CustomerAddress:
    """Returns the message of an address."""
    postal = common.Address(**{name: getattr(address, name) for name in PostalAddress.__slots__})
    return pb.CustomerAddress(
        id=str(address.id), address=postal, is_default=address.is_default, version=address.version
    )


def decode_address(message: common.Address) -> PostalAddress:
    """Returns the address of a message, as it was typed."""
    return PostalAddress(*(getattr(message, name) for name in PostalAddress.__slots__))


def encode_consents(consents: Sequence[Consent]) -> pb.Consents:
    """Returns the message of a customer's consents."""
    reply = pb.Consents(granted={consent.category: consent.granted for consent in consents})
    if consents:
        reply.updated_at.FromDatetime(max(consent.changed_at for consent in consents))
    return reply
