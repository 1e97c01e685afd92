"""Examples of messages in the form of the API, which fit their schemas."""

from collections.abc import Mapping
from typing import Final, cast

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from pydantic import JsonValue

from chassis.rpc.constraints import rules_of
from chassis.rpc.documents import enum_names
from gateway.contracts.encoding import is_map
from gateway.contracts.fields import is_required
from gateway.contracts.models import ContractModel
from gateway.contracts.rules import REQUIRED

UUID: Final = "0190a6e2-0000-7000-8000-000000000001"
_FREE: Final = "google.protobuf."
# By full name where the field's own name does not tell, then by name.
_TEXTS: Final[Mapping[str, str]] = {
    "sojourn.catalog.v1.PutPickupLocationRequest.code": "berlin-mitte",
    "sojourn.catalog.v1.ReadSitemapRequest.name": "categories.xml",
    "sojourn.checkout.v1.AdjustGiftCardRequest.reason": "Goodwill",
    "sojourn.checkout.v1.AdjustStoreCreditRequest.reason": "Goodwill",
    "sojourn.checkout.v1.ApplyGiftCardRequest.code": "ABCD-EFGH-JKLM-NPQR",
    "sojourn.checkout.v1.BoughtGiftCard.code": "ABCD-EFGH-JKLM-NPQR",
    "sojourn.checkout.v1.CheckGiftCardBalanceRequest.code": "ABCD-EFGH-JKLM-NPQR",
    "sojourn.checkout.v1.FindGiftCardRequest.code": "ABCD-EFGH-JKLM-NPQR",
    "sojourn.checkout.v1.ImportedGiftCard.code": "ABCD-EFGH-JKLM-NPQR",
    "sojourn.checkout.v1.IssueGiftCardResponse.code": "ABCD-EFGH-JKLM-NPQR",
    "sojourn.checkout.v1.ReceiveCarrierWebhookRequest.carrier": "acme",
    "sojourn.checkout.v1.ReturnLine.reason": "wrong-size",
    "sojourn.checkout.v1.ReturnLineInput.reason": "wrong-size",
    "sojourn.checkout.v1.StoreReturnLineInput.reason": "wrong-size",
    "access_token": "eyJhbGciOiJFZERTQSJ9.e30.c2ln",
    "action_url": "https://bank.example/challenge/1",
    "address_country": "DE",
    "address_locality": "Berlin",
    "address_region": "",
    "alt": "A red jacket",
    "api_key": "sojourn_example",
    "barcode": "4006381333931",
    "brand": "Northwind",
    "carrier": "DHL",
    "category_slug": "jackets",
    "channel": "web",
    "client_network": "192.0.2.0/24",
    "code": "welcome10",
    "comment": "Quick and friendly.",
    "continue_url": "",
    "coupon_code": "WELCOME10",
    "country": "DE",
    "currency": "EUR",
    "decline_code": "",
    "delivery_option_id": "standard",
    "device_token": "d1.example",
    "email": "sarah@example.com",
    "event_type": "sojourn.checkout.v1.OrderPlaced",
    "external_id": "shirt-1",
    "facet": "brand",
    "first_name": "Sarah",
    "guest_token": "eyJhbGciOiJFZERTQSJ9.e30.c2ln",
    "image_url": "https://shop.example/media/jacket.webp",
    "kind": "video.play",
    "label": "10 % off",
    "last_name": "Jones",
    "locale": "en",
    "map": "buying",
    "name": "Jackets",
    "next_page_token": "",
    "number": "S-100042",
    "options": "size: M, colour: red",
    "organization": "",
    "page_token": "",
    "password": "long enough to be safe",
    "path": "$.lines[0]",
    "payment_method_id": "card",
    "payment_token": "pm_card_ok",
    "pickup_code": "204815",
    "pickup_location": "berlin-mitte",
    "phone_number": "+49 30 901820",
    "postal_code": "10827",
    "product_slug": "red-jacket",
    "provider": "simulator",
    "provider_method": "card",
    "reason": "",
    "referrer_host": "example.com",
    "refresh_token": "r1.example",
    "refusal_reason": "",
    "restore_token": "t1.example",
    "seo_title": "Red jacket",
    "sku": "JACKET-RED-M",
    "slug": "red-jacket",
    "source": "erp",
    "street_address": "Hauptstr. 5",
    "subject": "trail-film",
    "tax_class": "standard",
    "title": "Red jacket",
    "token": "c1.example",
    "tracking_number": "00340434161094042557",
    "tracking_url": "https://carrier.example/00340434161094042557",
    "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
    "unit_code": "C62",
    "url": "https://shop.example/media/jacket.webp",
    "warehouse": "main",
}
_INTEGERS: Final[Mapping[str, int]] = {
    "amount_minor": 1999,
    "expires_in_seconds": 900,
    "increment": 1,
    "limit": 200,
    "mass_grams": 450,
    "on_hand": 20,
    "percent_basis_points": 1000,
    "quantity": 1,
    "scale": 0,
    "score": 9,
    "size": 24,
    "steps": 1,
    "version": 3,
    "volume_cm3": 3600,
}
_MAPS: Final[Mapping[str, dict[str, JsonValue]]] = {
    "granted": {"analytics": True, "marketing": False},
    "wanted": {"reminders": False},
    "initial_stock": {"": 5},
    "attributes": {"material": "wool"},
    "properties": {"seconds": "12"},
    "refusal_metadata": {},
}
_DEPTH: Final = 6


def example_of_message(message: type[Message]) -> JsonValue:
    """Returns an example of a message in an answer: with all of its fields."""
    return _message(cast(Descriptor, message.DESCRIPTOR), _DEPTH)


def example_of(field: FieldDescriptor) -> JsonValue:
    """Returns an example of a single value of a field."""
    return _single(field, _DEPTH)


def example_body(model: type[ContractModel]) -> dict[str, JsonValue]:
    """Returns an example of a body: what it needs, and what is usually sent."""
    return {
        name: value
        for name, field in model.contract.items()
        if (value := _sent(name, field, model)) is not None
    }


def _sent(name: str, field: FieldDescriptor, model: type[ContractModel]) -> JsonValue:
    is_needed = field.full_name in REQUIRED or is_required(field, rules_of(field))
    inner = model.nested.get(name)
    if is_map(field):
        entry = cast(Descriptor, field.message_type)
        value = entry.fields_by_name["value"]
        if inner is not None:
            return {"en": example_body(inner)} if is_needed else None
        return _map(field, value) if is_needed or name in _MAPS else None
    if inner is not None:
        item = example_body(inner)
        if field.is_repeated:
            return [item] if is_needed else None
        return item if is_needed or name == "delivery_address" else None
    if field.is_repeated:
        return [_single(field, 1)] if is_needed else None
    return _single(field, 1) if is_needed or name in _USUAL else None


# What is usually sent although no contract needs it.
_USUAL: Final = frozenset(
    {
        "address_locality",
        "carrier",
        "code",
        "currency",
        "delivery_option_id",
        "email",
        "external_id",
        "first_name",
        "is_default",
        "last_name",
        "on_hand",
        "password",
        "percent_basis_points",
        "postal_code",
        "published",
        "quantity",
        "reason",
        "score",
        "slug",
        "street_address",
        "tracking_number",
    }
)


def _message(descriptor: Descriptor, depth: int) -> JsonValue:
    return {field.name: _field(field, depth) for field in descriptor.fields}


def _field(field: FieldDescriptor, depth: int) -> JsonValue:
    if is_map(field):
        value = cast(Descriptor, field.message_type).fields_by_name["value"]
        return _map(field, value)
    if field.is_repeated:
        return [] if depth <= 0 else [_single(field, depth - 1)]
    return _single(field, depth)


def _map(field: FieldDescriptor, value: FieldDescriptor) -> JsonValue:
    return _MAPS.get(field.name) or {"en": _single(value, 0, name=field.name)}


def _single(field: FieldDescriptor, depth: int, *, name: str = "") -> JsonValue:
    name = name or field.name
    if field.enum_type is not None:
        without = {*rules_of(field).enum.not_in}
        numbers = [value.number for value in field.enum_type.values if value.number]
        at = next(index for index, number in enumerate(numbers) if number not in without)
        return enum_names(field.enum_type)[at]
    if field.message_type is not None:
        if field.message_type.full_name == Timestamp.DESCRIPTOR.full_name:
            return "2026-05-04T09:30:00Z"
        if field.message_type.full_name.startswith(_FREE):
            return {}
        return _message(field.message_type, depth - 1)
    if field.cpp_type == FieldDescriptor.CPPTYPE_STRING:
        return _text(field, name)
    if field.cpp_type == FieldDescriptor.CPPTYPE_BOOL:
        return name in ("is_default", "published", "active", "email_confirmed")
    if field.cpp_type == FieldDescriptor.CPPTYPE_DOUBLE:
        return 0.5
    return _INTEGERS.get(name, 1)


def _text(field: FieldDescriptor, name: str) -> str:
    if rules_of(field).string.uuid or name == "id" or (name.endswith("_id") and name not in _TEXTS):
        return UUID
    return _TEXTS.get(field.full_name) or _TEXTS.get(name, name.replace("_", " "))
