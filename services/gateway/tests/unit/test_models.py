"""Request models follow the contracts: constraints, defaults, and the messages made of them."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from gateway.contracts.models import Selection, fields_at, model_of
from gateway.contracts.query_models import Parameters, query_model
from gateway.contracts.rpc import rpc
from gateway.contracts.texts import parse
from sojourn.cart.v1 import cart_pb2, cart_pb2_grpc
from sojourn.catalog.v1 import catalog_pb2, warehouses_pb2
from sojourn.checkout.v1 import checkout_pb2
from sojourn.journey.v1 import journey_pb2

ID = "0190a6e2-0000-7000-8000-000000000001"
CART = model_of(cart_pb2.CreateCartRequest.DESCRIPTOR, Selection(frozenset({"channel"})))
STOCK = model_of(catalog_pb2.SetStockRequest.DESCRIPTOR, Selection(frozenset({"sku"})))
ADDRESS = {
    "first_name": "Ann",
    "street_address": "Hauptstr. 5",
    "address_locality": "Berlin",
    "address_country": "DE",
}


def errors_of(model: Any, body: object) -> list[tuple[tuple[Any, ...], str]]:
    with pytest.raises(ValidationError) as refusal:
        model.model_validate(body)
    return [(error["loc"], error["type"]) for error in refusal.value.errors()]


def test_a_method_is_referred_to_by_its_servicer() -> None:
    add_line = rpc(cart_pb2_grpc.CartServiceServicer.AddLine)

    assert (add_line.path, add_line.package) == ("/sojourn.cart.v1.CartService/AddLine", "cart")
    assert (add_line.request, add_line.reply) == (cart_pb2.AddLineRequest, cart_pb2.Cart)
    assert "OUT_OF_STOCK" in add_line.description


def test_a_body_becomes_its_message_with_what_was_left_out() -> None:
    body = CART.model_validate({"currency": "EUR", "lines": [{"variant_id": ID}]})

    message = cart_pb2.CreateCartRequest(**body.arguments())

    line = cart_pb2.LineInput(variant_id=ID, quantity=1)
    assert message == cart_pb2.CreateCartRequest(currency="EUR", lines=[line])


def test_what_breaks_a_constraint_is_refused_with_its_place() -> None:
    body = {"currency": "eur", "channel": "x", "lines": [{"variant_id": "x", "colour": 1}]}

    assert errors_of(CART, body) == [
        (("currency",), "string_pattern_mismatch"),
        (("lines", 0, "variant_id"), "string_pattern_mismatch"),
        (("lines", 0, "colour"), "extra_forbidden"),
        (("channel",), "extra_forbidden"),
    ]
    assert fields_at(CART, ("lines", 0)) == ["quantity", "variant_id"]


@pytest.mark.parametrize("value", ["1", True, 1.0, 1000.0, None, [1], 10**400, -1, 1e400])
def test_numbers_are_strict(value: object) -> None:
    assert errors_of(CART, {"lines": [{"variant_id": ID, "quantity": value}]})
    assert errors_of(STOCK, {"on_hand": value})


def test_a_count_that_was_forgotten_is_not_zero() -> None:
    assert errors_of(STOCK, {}) == [(("on_hand",), "missing")]


def test_a_null_is_as_if_left_out_and_known_as_cleared() -> None:
    model = model_of(checkout_pb2.UpdateCheckoutRequest.DESCRIPTOR)

    body = model.model_validate({"checkout_id": ID, "email": None, "delivery_option_id": "express"})

    assert body.arguments() == {"checkout_id": ID, "delivery_option_id": "express"}
    assert body.cleared() == ["email"]


@pytest.mark.parametrize(
    ("field", "value", "is_taken"),
    [
        ("first_name", "Al\r\nBcc: all@example.com", False),
        ("last_name", "a\u2028b", False),
        ("first_name", "Win at http://evil.example/claim", False),
        ("first_name", "www.evil.example", False),
        ("organization", "evil.example/claim", False),
        ("organization", "Müller.com", True),
        ("first_name", "山田 太郎", True),
        ("first_name", "Jean\u00a0Luc", True),
        ("first_name", "امیر\u200cعلی", True),
        ("first_name", "\u202bמשה\u202c", True),
        ("first_name", "Dr. O'Neill-Smith, Jr.", True),
    ],
)
def test_names_are_one_line_and_no_advertisement(field: str, value: str, is_taken: bool) -> None:
    model = model_of(checkout_pb2.CreateCheckoutRequest.DESCRIPTOR)
    body = {"cart_id": ID, "delivery_address": {**ADDRESS, field: value}}

    if is_taken:
        assert model.model_validate(body)
    else:
        assert [place for place, _ in errors_of(model, body)] == [("delivery_address", field)]


@pytest.mark.parametrize(
    "at", ["0001-01-01T00:00:00+14:00", "2200-01-01T00:00:00Z", "2026-01-01T00:00:00", 5, "x"]
)
def test_a_time_is_a_text_with_a_zone_between_1900_and_2200(at: object) -> None:
    model = model_of(journey_pb2.BeaconTouchpoint.DESCRIPTOR)

    assert errors_of(model, {"id": ID, "kind": "a", "occurred_at": at})


def test_an_enum_is_its_name_in_json_and_its_number_in_the_message() -> None:
    model = model_of(checkout_pb2.CancelOrderRequest.DESCRIPTOR, Selection(frozenset({"order_id"})))

    given = model.model_validate({"reason": "fraud"})

    assert given.arguments() == {"reason": checkout_pb2.ORDER_REASON_FRAUD}
    assert model().arguments() == {"reason": checkout_pb2.ORDER_REASON_BUYER_REQUEST}
    assert errors_of(model, {"reason": "ORDER_REASON_FRAUD"}) == [(("reason",), "literal_error")]
    schema = model.model_json_schema()["properties"]["reason"]
    assert schema["enum"][:2] == ["buyer_request", "fraud"]


def test_a_free_document_reaches_the_message() -> None:
    model = model_of(journey_pb2.PutMapRequest.DESCRIPTOR)
    details = {"a": [1, None, {"b": True}]}

    body = model.model_validate(
        {"map": {"name": {"en": "a"}, "stages": [{"slug": "s", "details": details}]}}
    )

    message = journey_pb2.PutMapRequest(**body.arguments())
    assert message.map.stages[0].details["a"][2]["b"] is True


def test_pages_times_and_filters_are_flat_in_a_query() -> None:
    funnel = query_model(
        journey_pb2.GetFunnelRequest.DESCRIPTOR,
        Parameters(renamed={"with_touchpoints": "touchpoints"}),
    )
    search = query_model(catalog_pb2.SearchProductsRequest.DESCRIPTOR, Parameters())

    asked = funnel.model_validate({"since": "2026-01-01T00:00:00Z", "by": "channel"}).arguments()
    found = search.model_validate(
        {"filter": ["brand:a", "brand:b", "size:M"], "page_size": "10", "locale": "de"}
    ).arguments()

    message = journey_pb2.GetFunnelRequest(**asked)
    assert (message.time_range.since.seconds, message.with_touchpoints) == (1767225600, True)
    wanted = catalog_pb2.SearchProductsRequest(**found)
    assert [(each.name, [*each.values]) for each in wanted.filters] == [
        ("brand", ["a", "b"]),
        ("size", ["M"]),
    ]
    assert (wanted.page.size, wanted.view.locale) == (10, "de")


@pytest.mark.parametrize(
    "content", [b"{", b"NaN", b'{"a": NaN}', b'"\xff"', b'"\\u0041', b"[" * 60_000]
)
def test_what_is_no_json_is_told(content: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - json and pydantic_core have no common one
        parse(content)


@pytest.mark.parametrize("number", ["1e400", "-1e400", f"1{'0' * 400}"], ids=["e", "-e", "digits"])
def test_a_number_that_no_double_holds_is_refused_in_documents_too(number: str) -> None:
    given = Selection(frozenset({"code"}))
    warehouse = model_of(warehouses_pb2.UpdateWarehouseRequest.DESCRIPTOR, given)
    body = parse(b'{"metadata": {"sizes": [{"weight": %s}]}}' % number.encode())

    assert errors_of(warehouse, body) == [(("metadata",), "finite_number")]
