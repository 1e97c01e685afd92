"""Rules of all contracts: enums begin with an unspecified value; ids and lists have bounds."""

import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor

import sojourn
from chassis.rpc.constraints import rules_of

# Fields of requests that are named as ids and are no UUIDs.
OTHER_IDS = {
    "sojourn.catalog.v1.ListStaffProductsRequest.external_id": "id of another system",
    "sojourn.identity.v1.CreateOrganizationRequest.external_id": "id of another system",
    "sojourn.identity.v1.ListOrganizationsRequest.external_id": "id of another system",
    "sojourn.identity.v1.UpdateOrganizationRequest.external_id": "id of another system",
    "sojourn.identity.v1.RefreshRequest.organization_id": "a UUID, or empty",
    "sojourn.checkout.v1.CreateCheckoutRequest.delivery_option_id": "code of a delivery option",
    "sojourn.checkout.v1.CreateCheckoutRequest.payment_method_id": "code of a payment method",
    "sojourn.checkout.v1.PlaceQuickOrderRequest.delivery_option_id": "code of a delivery option",
    "sojourn.checkout.v1.PlaceQuickOrderRequest.payment_method_id": "code of a payment method",
    "sojourn.checkout.v1.CreateCheckoutRequest.vat_id": "VAT id of a business",
    "sojourn.checkout.v1.CompleteLinkedCheckoutRequest.payment_method_id": "code of a payment "
    "method",
    "sojourn.checkout.v1.PreviewTaxesRequest.vat_id": "VAT id of a business",
    "sojourn.checkout.v1.UpdateCheckoutRequest.vat_id": "VAT id of a business",
    "sojourn.checkout.v1.UpdateCheckoutRequest.delivery_option_id": "code of a delivery option",
    "sojourn.checkout.v1.EditOrderLinesRequest.payment_method_id": "code of a payment method",
    "sojourn.checkout.v1.ExchangeReturnRequest.payment_method_id": "code of a payment method",
    "sojourn.checkout.v1.UpdateCheckoutRequest.payment_method_id": "code of a payment method",
    "sojourn.checkout.v1.UpdateCheckoutRequest.saved_payment_method_id": "a UUID, or empty",
    "sojourn.checkout.v1.SetUpPaymentMethodRequest.payment_method_id": "code of a payment method",
    "sojourn.identity.v1.IssueServiceTokenRequest.client_id": "name of a service",
    "sojourn.journey.v1.FindPeopleRequest.imported_id": "id of another tool",
    "sojourn.journey.v1.GetJourneyRequest.trace_id": "trace id of the W3C, 32 hex digits",
    "sojourn.journey.v1.RecordTouchpointsRequest.session_id": "text that the visitor's client "
    "makes",
}
# Lists of requests whose length the service checks.
OTHER_LISTS = {"sojourn.common.v1.AskRequest.questions": "refused beyond 256 as TOO_MANY_QUESTIONS"}
# Messages in requests whose content the service checks: its refusals name the line of an import, or
# the place in a map or a question. The gateway fills `OrderedLines` with an answer of checkout.
CHECKED_BY_THE_SERVICE = {
    "sojourn.cart.v1.OrderedLines",
    "sojourn.catalog.v1.CategoryInput", "sojourn.catalog.v1.ProductInput",
    "sojourn.catalog.v1.VariantInput",
    "sojourn.common.v1.Question", "sojourn.journey.v1.Condition", "sojourn.journey.v1.JourneyMap",
    "sojourn.journey.v1.Rule",
}  # fmt: skip


def messages() -> Iterator[Descriptor]:
    """All messages of the contracts."""
    for module in pkgutil.walk_packages(sojourn.__path__, "sojourn."):
        if module.name.endswith("_pb2"):
            found: list[Any] = [
                *importlib.import_module(module.name).DESCRIPTOR.message_types_by_name.values()
            ]
            while found:
                message = found.pop()
                found += message.nested_types
                if not is_map_entry(message):
                    yield message


def enums() -> Iterator[EnumDescriptor]:
    """All enums of the contracts."""
    files = {message.file.name: message.file for message in messages()}
    for file in files.values():
        yield from file.enum_types_by_name.values()
    for message in messages():
        yield from message.enum_types


def requests() -> list[Descriptor]:
    return [message for message in messages() if message.name.endswith("Request")]


def reached(messages: list[Descriptor]) -> Iterator[FieldDescriptor]:
    """The fields of messages and of all that is in them, up to what the service checks."""
    seen, left = set[str](), [*messages]
    while left:
        message = left.pop()
        if (
            message.full_name in seen
            or message.full_name in CHECKED_BY_THE_SERVICE
            or not message.file.package.startswith("sojourn.")
        ):
            continue
        seen.add(message.full_name)
        for field in message.fields:
            yield field
            if field.message_type is not None and not is_map_entry(field.message_type):
                left.append(field.message_type)


def is_map_entry(message: Descriptor) -> bool:
    return bool(message.GetOptions().map_entry)


def is_map(field: FieldDescriptor) -> bool:
    return field.message_type is not None and is_map_entry(field.message_type)


def is_text(field: FieldDescriptor) -> bool:
    return field.type == FieldDescriptor.TYPE_STRING


def is_bounded(rules: Any) -> bool:
    """Returns whether a text has a maximum length, by itself or by a bounded pattern."""
    return bool(
        rules.uuid
        or rules.HasField("max_len")
        or getattr(rules, "in")
        or (rules.pattern and not set("*+") & set(rules.pattern))
    )


def test_the_contracts_are_found() -> None:
    folders = (Path(__file__).parents[2] / "protos" / "sojourn").glob("*/v1")
    assert {message.file.package for message in messages()} == {
        f"sojourn.{folder.parent.name}.v1" for folder in folders
    }
    asked = {
        method.input_type.full_name
        for file in {message.file.name: message.file for message in messages()}.values()
        for service in file.services_by_name.values()
        for method in service.methods
    }
    assert {request.full_name for request in requests()} == asked


def test_every_enum_has_an_unspecified_value_of_zero_under_its_own_prefix() -> None:
    for enum in enums():
        zero = enum.values_by_number[0].name
        assert zero.endswith("_UNSPECIFIED"), enum.full_name
        assert zero.replace("_", "").removesuffix("UNSPECIFIED") == enum.name.upper(), (
            enum.full_name
        )
        assert all(
            value.name.startswith(zero.removesuffix("UNSPECIFIED")) for value in enum.values
        ), enum.full_name


def test_every_id_of_a_request_is_a_uuid_or_is_named_here_as_something_else() -> None:
    ids = [
        (
            field,
            rules_of(field).string
            if not field.is_repeated
            else rules_of(field).repeated.items.string,
        )
        for request in requests()
        for field in request.fields
        if is_text(field) and field.name.endswith(("_id", "_ids"))
    ]

    assert {field.full_name for field, rules in ids if not rules.uuid} == set(OTHER_IDS)
    assert all(rules.HasField("max_len") for _, rules in ids if not rules.uuid)


def test_every_list_and_map_of_a_request_has_a_maximum_or_is_named_as_checked_by_its_service() -> (
    None
):
    unbounded = {
        field.full_name
        for field in reached(requests())
        if field.is_repeated
        and not (
            rules_of(field).map.HasField("max_pairs")
            if is_map(field)
            else rules_of(field).repeated.HasField("max_items")
        )
    }

    assert unbounded == set(OTHER_LISTS)


def test_every_text_of_a_request_has_a_most() -> None:
    texts: list[tuple[str, Any]] = []
    for field in reached(requests()):
        rules = rules_of(field)
        if is_map(field):
            entry: Any = field.message_type
            kinds = (("key", rules.map.keys), ("value", rules.map.values))
            texts += [
                (f"{field.full_name}.{name}", each.string)
                for name, each in kinds
                if is_text(entry.fields_by_name[name])
            ]
        elif is_text(field):
            texts.append(
                (
                    field.full_name,
                    rules.repeated.items.string if field.is_repeated else rules.string,
                )
            )

    assert {name for name, rules in texts if not is_bounded(rules)} == set()


def test_every_enum_of_a_request_takes_only_values_that_it_defines() -> None:
    loose = {
        field.full_name
        for field in reached(requests())
        if field.type == FieldDescriptor.TYPE_ENUM
        and not (
            rules_of(field).repeated.items.enum if field.is_repeated else rules_of(field).enum
        ).defined_only
    }

    assert loose == set()
