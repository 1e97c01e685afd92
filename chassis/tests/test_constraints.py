"""Each rule of the contracts' constraints, on requests of the contracts."""

from typing import Any

import pytest
from buf.validate.validate_pb2 import DESCRIPTOR as VOCABULARY
from buf.validate.validate_pb2 import FieldRules
from buf.validate.validate_pb2 import field as rules_extension
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from google.protobuf.timestamp_pb2 import Timestamp

from chassis.rpc.constraints import InvalidField, require_constraints
from chassis.rpc.ids import InvalidId
from chassis.runtime.clock import uuid7
from sojourn.cart.v1 import cart_pb2 as cart
from sojourn.catalog.v1 import catalog_pb2 as catalog
from sojourn.checkout.v1 import checkout_pb2 as checkout
from sojourn.common.v1.address_pb2 import Address
from sojourn.common.v1.money_pb2 import Money
from sojourn.common.v1.page_pb2 import Page
from sojourn.identity.v1 import identity_pb2 as identity
from sojourn.journey.v1 import journey_pb2 as journey
from sojourn.notifications.v1 import notifications_pb2 as notifications

ID = "01890a5d-ac96-774b-bcce-b302099a8057"
SOON = Timestamp(seconds=2_000_000_000)


def a_line(**fields: Any) -> cart.LineInput:
    return cart.LineInput(**{"variant_id": ID, "quantity": 1, **fields})


def a_stock_line(**fields: Any) -> catalog.StockLine:
    return catalog.StockLine(**{"variant_id": ID, "quantity": 1, **fields})


def a_promotion(**fields: Any) -> cart.PutPromotionRequest:
    usual = {"code": "ten", "label": {"en": "Ten"}, "percent_basis_points": 1_000}
    return cart.PutPromotionRequest(promotion=cart.Promotion(**{**usual, **fields}))


def a_reservation(**fields: Any) -> catalog.ReserveRequest:
    return catalog.ReserveRequest(
        **{"reservation_id": ID, "lines": [a_stock_line()], "expires_at": SOON, **fields}
    )


def a_shipment(**fields: Any) -> checkout.CreateShipmentRequest:
    return checkout.CreateShipmentRequest(**{"order_id": ID, "carrier": "DHL", **fields})


def some_touchpoints(**fields: Any) -> journey.RecordTouchpointsRequest:
    return journey.RecordTouchpointsRequest(
        **{"visitor_id": ID, "touchpoints": [journey.BeaconTouchpoint()], **fields}
    )


def facts_of(message: Message) -> dict[str, str]:
    """The path, rule and bound of the refusal of a message."""
    with pytest.raises(InvalidField) as refusal:
        require_constraints(message)
    assert refusal.value.reason == "INVALID_FIELD"
    return refusal.value.metadata


def broken(path: str, rule: str, allowed: object = None) -> dict[str, str]:
    return {"path": path, "rule": rule, **({} if allowed is None else {"allowed": str(allowed)})}


@pytest.mark.parametrize(
    ("request_", "path"),
    [
        (cart.AddLineRequest(cart_id=ID), "line"),
        (cart.PutPromotionRequest(), "promotion"),
        (a_reservation(expires_at=None), "expires_at"),
        (journey.PutMapRequest(), "map"),
    ],
)
def test_a_required_field_that_is_not_set_is_refused(request_: Message, path: str) -> None:
    assert facts_of(request_) == broken(path, "required")


def test_a_required_message_without_content_is_set() -> None:
    require_constraints(a_reservation(expires_at=Timestamp()))


@pytest.mark.parametrize("id", [ID, ID.upper(), "00000000-0000-0000-0000-000000000000"])
def test_a_uuid_is_taken(id: str) -> None:
    require_constraints(cart.GetCartRequest(cart_id=id))


@pytest.mark.parametrize(
    "id",
    [
        "",
        "tea",
        ID[:-1],
        f"{ID}0",
        f"{ID}\n",
        f" {ID}",
        f"{{{ID}}}",
        f"urn:uuid:{ID}",
        ID.replace("-", ""),
        "g" + ID[1:],
        "٣" + ID[1:],
    ],
)
def test_what_is_no_uuid_with_hyphens_is_refused(id: str) -> None:
    with pytest.raises(InvalidId) as refusal:
        require_constraints(cart.GetCartRequest(cart_id=id))

    assert refusal.value.reason == "INVALID_ID"
    assert refusal.value.metadata == {"field": "cart_id", "path": "cart_id", "rule": "string.uuid"}


def test_the_path_of_an_id_in_a_list_names_its_place() -> None:
    with pytest.raises(InvalidId) as refusal:
        require_constraints(cart.CreateCartRequest(lines=[a_line(), a_line(variant_id="tea")]))

    assert refusal.value.metadata == {
        "field": "lines[1].variant_id",
        "path": "lines[1].variant_id",
        "rule": "string.uuid",
    }


@pytest.mark.parametrize("code", ["x", "x" * 64, "🎒" * 64])
def test_a_text_within_its_lengths_is_taken_and_code_points_count(code: str) -> None:
    require_constraints(cart.ApplyCouponRequest(cart_id=ID, code=code))


@pytest.mark.parametrize(
    ("code", "rule", "allowed"), [("", "string.min_len", 1), ("x" * 65, "string.max_len", 64)]
)
def test_a_text_beyond_its_lengths_is_refused(code: str, rule: str, allowed: int) -> None:
    assert facts_of(cart.ApplyCouponRequest(cart_id=ID, code=code)) == broken("code", rule, allowed)


def test_bytes_beyond_their_length_are_refused() -> None:
    require_constraints(
        checkout.ReceiveWebhookRequest(provider="simulator", body=b"\xff" * 262_144)
    )

    too_long = checkout.ReceiveWebhookRequest(provider="simulator", body=b"\xff" * 262_145)
    assert facts_of(too_long) == broken("body", "bytes.max_len", 262_144)


@pytest.mark.parametrize("currency", ["", "EUR"])
def test_a_text_of_the_pattern_is_taken(currency: str) -> None:
    require_constraints(cart.CreateCartRequest(currency=currency))


@pytest.mark.parametrize("currency", ["eur", "EU", "EURO", "EUR\n", "\nEUR", "ÄÖÜ", " "])
def test_a_text_of_another_pattern_is_refused_also_with_a_line_feed_at_its_end(
    currency: str,
) -> None:
    assert facts_of(cart.CreateCartRequest(currency=currency)) == broken(
        "currency", "string.pattern", "^([A-Z]{3})?$"
    )


@pytest.mark.parametrize(
    "url",
    [
        "http://dhl.example",
        "https://",
        "https://dhl.example/a b",
        "https://dhl.example\n",
        "javascript:alert(1)",
    ],
)
def test_a_tracking_url_of_another_form_is_refused(url: str) -> None:
    assert facts_of(a_shipment(tracking_url=url))["path"] == "tracking_url"


@pytest.mark.parametrize("size", [0, 500])
def test_a_number_within_its_bounds_is_taken(size: int) -> None:
    require_constraints(checkout.ListOrdersRequest(page=Page(size=size)))


@pytest.mark.parametrize(
    ("request_", "facts"),
    [
        (checkout.ListOrdersRequest(page=Page(size=-1)), broken("page.size", "int32.gte", 0)),
        (checkout.ListOrdersRequest(page=Page(size=501)), broken("page.size", "int32.lte", 500)),
        (
            cart.AddLineRequest(cart_id=ID, line=a_line(quantity=0)),
            broken("line.quantity", "int64.gte", 1),
        ),
        (
            cart.AddLineRequest(cart_id=ID, line=a_line(quantity=1_000_001)),
            broken("line.quantity", "int64.lte", 1_000_000),
        ),
        (
            cart.AddLineRequest(cart_id=ID, line=a_line(), expected_version=-1),
            broken("expected_version", "int64.gte", 0),
        ),
    ],
)
def test_a_number_beyond_its_bounds_is_refused(request_: Message, facts: dict[str, str]) -> None:
    assert facts_of(request_) == facts


ORDER_STATES = (
    "pending, action_required, placed, partially_shipped, shipped, delivered, cancelling, "
    "cancelled, refused"
)


def test_a_value_that_the_contract_does_not_define_is_refused_with_those_that_it_does() -> None:
    require_constraints(checkout.ListOrdersRequest())
    require_constraints(checkout.ListOrdersRequest(status=checkout.ORDER_STATUS_REFUSED))

    for unknown in (10, -1):
        assert facts_of(checkout.ListOrdersRequest(status=unknown)) == broken(
            "status", "enum.defined_only", ORDER_STATES
        )  # type: ignore[arg-type]


def test_a_value_that_is_ruled_out_is_refused_as_if_it_were_not_defined() -> None:
    require_constraints(
        checkout.CancelOrderRequest(order_id=ID, reason=checkout.ORDER_REASON_FRAUD)
    )

    allowed = "buyer_request, fraud, out_of_stock, other"
    assert facts_of(checkout.CancelOrderRequest(order_id=ID)) == broken(
        "reason", "enum.defined_only", allowed
    )


@pytest.mark.parametrize(
    ("request_", "facts"),
    [
        (a_reservation(lines=[]), broken("lines", "repeated.min_items", 1)),
        (a_reservation(lines=[a_stock_line()] * 201), broken("lines", "repeated.max_items", 200)),
        (
            cart.CreateCartRequest(lines=[a_line()] * 101),
            broken("lines", "repeated.max_items", 100),
        ),
    ],
)
def test_a_list_with_too_few_or_too_many_items_is_refused(
    request_: Message, facts: dict[str, str]
) -> None:
    assert facts_of(request_) == facts


def test_lists_at_their_bounds_are_taken() -> None:
    require_constraints(a_reservation(lines=[a_stock_line()] * 200))
    require_constraints(cart.CreateCartRequest(lines=[a_line()] * 100))
    require_constraints(cart.CreateCartRequest())


@pytest.mark.parametrize(
    ("request_", "facts"),
    [
        (
            a_promotion(coupon_codes=["A", ""]),
            broken("promotion.coupon_codes[1]", "string.min_len", 1),
        ),
        (
            a_promotion(coupon_codes=["A", "B", "x" * 65]),
            broken("promotion.coupon_codes[2]", "string.max_len", 64),
        ),
        (
            a_promotion(category_slugs=["Tea"]),
            broken("promotion.category_slugs[0]", "string.pattern", "^[a-z0-9]+(?:-[a-z0-9]+)*$"),
        ),
    ],
)
def test_an_item_that_breaks_the_rules_of_items_is_refused_with_its_place(
    request_: Message, facts: dict[str, str]
) -> None:
    assert facts_of(request_) == facts


def test_each_item_of_a_list_of_ids_is_one() -> None:
    require_constraints(catalog.GetOffersRequest(variant_ids=[ID, ID]))

    with pytest.raises(InvalidId) as refusal:
        require_constraints(catalog.GetOffersRequest(variant_ids=[ID, "", ID]))
    assert refusal.value.metadata["path"] == "variant_ids[1]"


@pytest.mark.parametrize(
    ("request_", "facts"),
    [
        (catalog.PutPageRequest(slug="s"), broken("title", "map.min_pairs", 1)),
        (
            catalog.PutPageRequest(slug="s", title={f"l{n}": "x" for n in range(51)}),
            broken("title", "map.max_pairs", 50),
        ),
        (
            catalog.PutPageRequest(slug="s", title={"x" * 36: "x"}),
            broken(f"title.{'x' * 36}", "string.max_len", 35),
        ),
        (
            catalog.PutPageRequest(slug="s", title={"en": "x", "de": "x" * 501}),
            broken("title.de", "string.max_len", 500),
        ),
        (
            identity.SetConsentsRequest(granted={"x" * 41: True}),
            broken(f"granted.{'x' * 40}", "string.max_len", 40),
        ),
        (
            notifications.SetPreferencesRequest(wanted={str(n): True for n in range(21)}),
            broken("wanted", "map.max_pairs", 20),
        ),
        (
            a_promotion(label={"en": "Ten", "english!": "Ten"}),
            broken(
                "promotion.label.english!", "string.pattern", "^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$"
            ),
        ),
    ],
)
def test_a_map_whose_size_keys_or_values_break_a_rule_is_refused(
    request_: Message, facts: dict[str, str]
) -> None:
    assert facts_of(request_) == facts


def test_maps_within_their_rules_are_taken() -> None:
    require_constraints(
        catalog.PutPageRequest(slug="s", title={f"l{n}": "x" * 500 for n in range(50)})
    )
    require_constraints(identity.SetConsentsRequest(granted={"x" * 40: False}))
    require_constraints(a_promotion(label={"en": "Ten", "zh-Hant-TW": "十"}))


def test_a_field_that_may_be_empty_is_checked_where_it_is_not() -> None:
    require_constraints(notifications.ListMessagesRequest())
    require_constraints(notifications.ListMessagesRequest(order_id=ID))

    with pytest.raises(InvalidId) as refusal:
        require_constraints(notifications.ListMessagesRequest(order_id="tea"))
    assert refusal.value.metadata["path"] == "order_id"


def test_items_that_are_ignored_are_not_checked_but_their_list_is() -> None:
    bad = journey.BeaconTouchpoint(kind="!")

    require_constraints(some_touchpoints(touchpoints=[bad] * 100))

    assert facts_of(bad)["path"] == "kind"
    assert facts_of(some_touchpoints(touchpoints=[bad] * 101)) == broken(
        "touchpoints", "repeated.max_items", 100
    )
    assert facts_of(some_touchpoints(touchpoints=[])) == broken(
        "touchpoints", "repeated.min_items", 1
    )


@pytest.mark.parametrize(
    ("request_", "facts"),
    [
        (
            a_promotion(minimum_subtotals=[Money(currency="EUR"), Money(currency="euro")]),
            broken("promotion.minimum_subtotals[1].currency", "string.pattern", "^[A-Z]{3}$"),
        ),
        (
            checkout.UpdateCheckoutRequest(
                checkout_id=ID, delivery_address=Address(address_country="DEU")
            ),
            broken("delivery_address.address_country", "string.pattern", "^([A-Za-z]{2})?$"),
        ),
        (
            a_shipment(lines=[checkout.ShipmentLineInput(order_line_id=ID)]),
            broken("lines[0].quantity", "int64.gte", 1),
        ),
        (
            checkout.RefundOrderRequest(
                order_id=ID, amount=Money(amount_minor=1), reason=checkout.ORDER_REASON_OTHER
            ),
            broken("amount.currency", "string.pattern", "^[A-Z]{3}$"),
        ),
    ],
)
def test_a_field_of_a_message_within_is_refused_with_its_full_path(
    request_: Message, facts: dict[str, str]
) -> None:
    assert facts_of(request_) == facts


def test_a_message_that_is_absent_is_not_looked_into() -> None:
    require_constraints(
        checkout.RefundOrderRequest(order_id=ID, reason=checkout.ORDER_REASON_OTHER)
    )
    require_constraints(checkout.UpdateCheckoutRequest(checkout_id=ID))
    require_constraints(checkout.ListOrdersRequest())


def test_an_optional_field_is_checked_where_it_is_set() -> None:
    require_constraints(checkout.UpdateCheckoutRequest(checkout_id=ID, email=""))

    request = checkout.UpdateCheckoutRequest(checkout_id=ID, delivery_option_id="x" * 65)
    assert facts_of(request) == broken("delivery_option_id", "string.max_len", 64)


def test_the_first_broken_field_is_told() -> None:
    too_long = "x" * 101
    request = checkout.CreateShipmentRequest(
        order_id=ID, carrier=too_long, tracking_number=too_long
    )

    assert facts_of(request)["path"] == "carrier"


def test_a_refusal_does_not_repeat_the_value() -> None:
    with pytest.raises(InvalidField) as refusal:
        require_constraints(cart.CreateCartRequest(currency="secret"))

    assert str(refusal.value) == "currency is of the form ^([A-Z]{3})?$"
    assert "secret" not in str(refusal.value.metadata)


def a_message_with(rules: FieldRules, **field: Any) -> Any:
    """A message with one field, `value`, under rules that no request of the contracts has."""
    file = FileDescriptorProto(
        name=f"{uuid7()}.proto", package=f"sample_{uuid7().hex}", syntax="proto3"
    )
    file.dependency.append(VOCABULARY.name)
    kind = file.enum_type.add(name="Color")
    for number, name in enumerate(("UNSPECIFIED", "RED", "BLUE")):
        kind.value.add(name=f"COLOR_{name}", number=number)
    message = file.message_type.add(name="Sample")
    if field.pop("is_optional", False):
        message.oneof_decl.add(name="_value")
        field |= {"proto3_optional": True, "oneof_index": 0}
    made = message.field.add(
        **{"name": "value", "number": 1, "label": FieldDescriptorProto.LABEL_OPTIONAL, **field}
    )
    if made.type == FieldDescriptorProto.TYPE_ENUM:
        made.type_name = f".{file.package}.Color"
    made.options.Extensions[rules_extension].CopyFrom(rules)
    pool = DescriptorPool()
    for known in (VOCABULARY.dependencies[0], VOCABULARY):
        pool.AddSerializedFile(known.serialized_pb)
    pool.Add(file)
    return GetMessageClass(pool.FindMessageTypeByName(f"{file.package}.Sample"))


def test_a_text_that_is_none_of_those_allowed_is_refused() -> None:
    rules = FieldRules()
    getattr(rules.string, "in").extend(["red", "blue"])
    sample = a_message_with(rules, type=FieldDescriptorProto.TYPE_STRING)

    require_constraints(sample(value="red"))

    for value in ("green", "", "RED", "red\n"):
        assert facts_of(sample(value=value)) == broken("value", "string.in", "blue, red")


def test_an_enum_value_that_is_none_of_those_allowed_is_refused() -> None:
    rules = FieldRules()
    getattr(rules.enum, "in").append(2)
    sample = a_message_with(rules, type=FieldDescriptorProto.TYPE_ENUM)

    require_constraints(sample(value=2))

    for value in (0, 1, 3):
        assert facts_of(sample(value=value)) == broken("value", "enum.defined_only", "blue")


def test_a_list_with_an_item_twice_is_refused_where_items_are_unique() -> None:
    rules = FieldRules()
    rules.repeated.unique = True
    sample = a_message_with(
        rules, type=FieldDescriptorProto.TYPE_STRING, label=FieldDescriptorProto.LABEL_REPEATED
    )

    require_constraints(sample(value=["a", "b"]))

    assert facts_of(sample(value=["a", "b", "a"]))["rule"] == "repeated.unique"


def test_an_optional_field_that_is_absent_breaks_no_rule_that_its_default_breaks() -> None:
    rules = FieldRules()
    rules.string.min_len = 1
    sample = a_message_with(rules, type=FieldDescriptorProto.TYPE_STRING, is_optional=True)

    require_constraints(sample())
    require_constraints(sample(value="x"))

    assert facts_of(sample(value="")) == broken("value", "string.min_len", 1)


@pytest.mark.parametrize(
    "label", [FieldDescriptorProto.LABEL_OPTIONAL, FieldDescriptorProto.LABEL_REPEATED]
)
def test_a_required_text_or_list_is_not_empty(label: FieldDescriptorProto.Label.ValueType) -> None:
    sample = a_message_with(
        FieldRules(required=True), type=FieldDescriptorProto.TYPE_STRING, label=label
    )

    require_constraints(sample(value="x"))

    assert facts_of(sample()) == broken("value", "required")


def test_the_vocabulary_has_no_rule_that_is_not_tested_here() -> None:
    types: list[FieldDescriptor] = list(
        VOCABULARY.message_types_by_name["FieldRules"].oneofs_by_name["type"].fields
    )

    assert {
        f"{kind.name}.{rule.name}"
        for kind in types
        if kind.message_type
        for rule in kind.message_type.fields
    } == {
        "int32.lte",
        "int32.gte",
        "int64.lte",
        "int64.gte",
        "string.min_len",
        "string.max_len",
        "string.pattern",
        "string.in",
        "string.uuid",
        "bytes.max_len",
        "enum.defined_only",
        "enum.in",
        "enum.not_in",
        "repeated.min_items",
        "repeated.max_items",
        "repeated.unique",
        "repeated.items",
        "map.min_pairs",
        "map.max_pairs",
        "map.keys",
        "map.values",
    }
