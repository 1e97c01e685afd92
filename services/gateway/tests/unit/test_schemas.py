"""Rendered messages fit their documented schemas."""

from typing import Any

import jsonschema_rs
import pytest
from google.protobuf.message import Message

from chassis.rpc.constraints import rules_of
from chassis.rpc.errors import InvalidPageToken, KeyReused, ScopeRequired, Unavailable
from gateway.contracts.encoding import FREE, is_map, render, render_public, to_json
from gateway.contracts.schemas import Schemas
from gateway.endpoints.preconditions import version_of
from gateway.http.problems import MalformedPrecondition, PreconditionRequired, problem
from sojourn.cart.v1 import cart_pb2
from sojourn.catalog.v1 import catalog_pb2
from sojourn.checkout.v1 import checkout_pb2
from sojourn.identity.v1 import identity_pb2
from sojourn.journey.v1 import journey_pb2

MESSAGES = [
    catalog_pb2.Product, catalog_pb2.ListProductsResponse, catalog_pb2.SearchProductsResponse,
    catalog_pb2.ContentPage,
    cart_pb2.Cart, cart_pb2.Promotion, checkout_pb2.Checkout, checkout_pb2.Order,
    identity_pb2.Session, identity_pb2.Customer, identity_pb2.Consents,
    journey_pb2.JourneyMap, journey_pb2.Funnel, journey_pb2.Journey,
]  # fmt: skip


def least(message: Message) -> Message:
    """Only what is always there: required messages, and a state in each required enum."""
    for field in message.DESCRIPTOR.fields:
        if field.message_type is not None and rules_of(field).required:
            getattr(message, field.name).SetInParent()
            least(getattr(message, field.name))
        elif field.enum_type is not None and not field.has_presence:
            setattr(message, field.name, _scalar(field))
    return message


def filled(message: Message, depth: int = 4) -> Message:
    """Every field set, one element in each list and map."""
    if depth < 0 or message.DESCRIPTOR.full_name in FREE:
        return message
    for field in message.DESCRIPTOR.fields:
        if is_map(field):
            value = field.message_type.fields_by_name["value"]
            if value.message_type is not None:
                filled(getattr(message, field.name)["key"], depth - 1)
            else:
                getattr(message, field.name)["key"] = _scalar(value)
        elif field.message_type is not None and depth:
            inner = getattr(message, field.name)
            filled(inner.add() if field.is_repeated else inner, depth - 1)
            if not field.is_repeated:
                inner.SetInParent()
        elif field.message_type is None:
            if field.is_repeated:
                getattr(message, field.name).append(_scalar(field))
            else:
                setattr(message, field.name, _scalar(field))
    return message


def _scalar(field: Any) -> Any:
    if field.enum_type is not None:
        return field.enum_type.values[-1].number
    return {field.CPPTYPE_STRING: "x", field.CPPTYPE_BOOL: True, field.CPPTYPE_DOUBLE: 1.5}.get(
        field.cpp_type, 7
    )


@pytest.mark.parametrize("kind", MESSAGES)
@pytest.mark.parametrize(
    "make", [lambda kind: least(kind()), lambda kind: filled(kind())], ids=["least", "filled"]
)
def test_a_rendered_message_fits_its_schema(kind: type[Message], make: Any) -> None:
    schemas = Schemas()
    reference = schemas.ref(kind)

    rendered = render(make(kind))

    document = {**reference, "components": {"schemas": schemas.components}}
    jsonschema_rs.validate(document, rendered)
    assert rendered.keys() == set(schemas.components[kind.DESCRIPTOR.name]["properties"])


@pytest.mark.parametrize("kind", MESSAGES)
def test_what_is_kept_of_public_answers_changes_nothing_of_them(kind: type[Message]) -> None:
    message = filled(filled(kind()))

    first, again = to_json(render_public(message)), to_json(render_public(message))

    assert first == again == to_json(render(message))


def test_every_field_of_the_api_is_described() -> None:
    schemas = Schemas()
    for kind in MESSAGES:
        schemas.ref(kind)

    missing = [
        f"{name}.{key}"
        for name, schema in schemas.components.items()
        for key, value in schema["properties"].items()
        if not value["description"]
    ]
    assert missing == []


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (KeyReused(), 409),
        (InvalidPageToken(), 422),
        (ScopeRequired(), 403),
        (Unavailable(), 503),
        (PreconditionRequired(), 428),
    ],
)
def test_a_refusal_has_one_status(error: Exception, status: int) -> None:
    assert problem(error).status_code == status  # type: ignore[arg-type]


def test_an_if_match_names_a_version() -> None:
    assert [version_of(text) for text in ("", "*", '"3"', 'W/"4"')] == [0, 0, 3, 4]
    with pytest.raises(MalformedPrecondition):
        version_of('"abc"')
