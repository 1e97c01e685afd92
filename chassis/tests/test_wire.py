"""Values of the platform as messages hold them, and back."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.line_item import Availability, LineItem
from chassis.money import MOST_MINOR, AmountTooLarge, Money
from chassis.notices import Notice, NoticeCode, NoticeType, Severity
from chassis.quantity import PIECE, Quantity
from chassis.rpc import wire
from chassis.rpc.constraints import InvalidField
from chassis.rpc.ids import InvalidId
from chassis.rpc.wire import AVAILABILITIES, TOTAL_TYPES, EnumCodec
from chassis.testing import an_item, eur
from chassis.totals import TotalType
from sojourn.cart.v1 import cart_pb2
from sojourn.common.v1 import line_item_pb2, message_pb2, money_pb2, quantity_pb2


class CartStatus(StrEnum):
    OPEN = "open"
    ORDERED = "ordered"


class StatusOrAny(StrEnum):
    ANY = "any"
    OPEN = "open"


class Renamed(StrEnum):
    OPEN = "open"
    LEFT = "left"


CART_STATUSES = EnumCodec(cart_pb2.CartStatus, CartStatus)


@pytest.mark.parametrize(
    ("codec", "members", "contract"),
    [
        (AVAILABILITIES, Availability, line_item_pb2.Availability),
        (TOTAL_TYPES, TotalType, money_pb2.TotalType),
        (CART_STATUSES, CartStatus, None),
    ],
)
def test_every_member_comes_back_from_its_number(
    codec: EnumCodec[Any, Any], members: type[StrEnum], contract: Any
) -> None:
    for member in members:
        assert codec.decode(codec.encode(member)) is member
    if contract is not None:
        assert {codec.encode(member) for member in members} == set(contract.values()) - {0}


def test_a_member_is_the_value_of_its_name() -> None:
    assert CART_STATUSES.encode(CartStatus.ORDERED) == cart_pb2.CART_STATUS_ORDERED
    assert TOTAL_TYPES.encode(TotalType.ITEMS_DISCOUNT) == money_pb2.TOTAL_TYPE_ITEMS_DISCOUNT
    assert AVAILABILITIES.decode(line_item_pb2.AVAILABILITY_LOW_STOCK) is Availability.LOW_STOCK


def test_a_text_of_a_column_is_encoded_as_its_member() -> None:
    assert CART_STATUSES.encode("open") == cart_pb2.CART_STATUS_OPEN
    with pytest.raises(KeyError):
        CART_STATUSES.encode("gone")


@pytest.mark.parametrize("number", [0, cart_pb2.CART_STATUS_MERGED, 99, -1])
def test_a_number_without_a_member_is_refused_with_those_that_have_one(number: int) -> None:
    with pytest.raises(InvalidField) as refusal:
        CART_STATUSES.decode(number)

    assert refusal.value.reason == "INVALID_FIELD"
    assert refusal.value.metadata == {"rule": "enum.defined_only", "allowed": "open, ordered"}


def test_a_field_that_was_not_set_is_the_unspecified_member_where_there_is_one() -> None:
    codec = EnumCodec(cart_pb2.CartStatus, CartStatus, unspecified=CartStatus.OPEN)

    assert codec.decode(0) is CartStatus.OPEN
    assert codec.decode(cart_pb2.CART_STATUS_ORDERED) is CartStatus.ORDERED
    assert codec.encode(CartStatus.OPEN) == cart_pb2.CART_STATUS_OPEN
    with pytest.raises(InvalidField):
        codec.decode(99)


def test_the_unspecified_member_need_not_have_a_value_in_the_contract() -> None:
    codec = EnumCodec(cart_pb2.CartStatus, StatusOrAny, unspecified=StatusOrAny.ANY)

    assert codec.encode(StatusOrAny.ANY) == cart_pb2.CART_STATUS_UNSPECIFIED
    assert codec.decode(0) is StatusOrAny.ANY


def test_a_member_without_a_value_in_the_contract_fails_at_once() -> None:
    with pytest.raises(KeyError, match="CartStatus has no CART_STATUS_LEFT"):
        EnumCodec(cart_pb2.CartStatus, Renamed)


quantities = st.builds(
    Quantity,
    st.integers(0, 10**6),
    st.integers(0, 6),
    st.integers(1, 10**6),
    st.sampled_from([PIECE, "KGM", "MTR"]),
)


@given(quantities)
def test_a_quantity_comes_back_from_its_message(quantity: Quantity) -> None:
    assert wire.quantity_of(wire.quantity(quantity)) == quantity


def test_a_quantity_without_a_unit_is_of_pieces() -> None:
    assert wire.quantity_of(quantity_pb2.Quantity(steps=3)) == Quantity(
        3, scale=0, increment=1, unit_code="C62"
    )


@st.composite
def items(draw: st.DrawFn) -> LineItem:
    subtotal = draw(st.integers(0, MOST_MINOR))
    currency = draw(st.sampled_from(["EUR", "JPY", "KWD"]))
    return LineItem(
        variant_id=draw(st.uuids()),
        product_id=draw(st.uuids().map(str)),
        sku=draw(st.text(max_size=9)),
        title=draw(st.text(max_size=9)),
        options=draw(st.text(max_size=9)),
        product_slug="tea",
        image_url="https://img.example/tea",
        quantity=draw(quantities),
        unit_price=Money(draw(st.integers(0, MOST_MINOR)), currency),
        subtotal=Money(subtotal, currency),
        discount=Money(draw(st.integers(-subtotal, 0)), currency),
        tax_class="reduced",
        mass_grams=draw(st.integers(0, 2**62)),
        volume_cm3=draw(st.integers(0, 2**62)),
    )


@given(items())
def test_a_line_item_comes_back_from_its_message(item: LineItem) -> None:
    message = wire.line_item(item)

    assert wire.line_item_of(message) == item
    assert (
        message.total.amount_minor
        == message.subtotal.amount_minor + message.discount.amount_minor
        == item.total.amount_minor
    )


def test_a_line_item_is_told_field_by_field() -> None:
    item = an_item(
        quantity=1_250,
        price_minor=19_99,
        discount_minor=-2_50,
        scale=3,
        increment=250,
        unit_code="KGM",
        options="Roast: dark",
        image_url="https://img.example/beans",
        mass_grams=1_250,
        volume_cm3=3_752,
    )

    assert wire.line_item(item) == line_item_pb2.LineItem(
        variant_id=str(item.variant_id),
        product_id=item.product_id,
        sku="TEE-M",
        title="Tee",
        options="Roast: dark",
        product_slug="tee",
        image_url="https://img.example/beans",
        quantity=quantity_pb2.Quantity(steps=1_250, scale=3, increment=250, unit_code="KGM"),
        unit_price=eur(19_99),
        subtotal=eur(24_99),
        discount=eur(-2_50),
        total=eur(22_49),
        tax_class="standard",
        mass_grams=1_250,
        volume_cm3=3_752,
        kind=line_item_pb2.ITEM_KIND_PHYSICAL,
    )


def test_a_line_item_of_no_variant_or_beyond_the_bound_is_refused() -> None:
    message = wire.line_item(an_item())

    for wrong in (line_item_pb2.LineItem(variant_id="tee"), line_item_pb2.LineItem()):
        with pytest.raises(InvalidId):
            wire.line_item_of(wrong)
    message.subtotal.amount_minor = MOST_MINOR + 1
    with pytest.raises(AmountTooLarge):
        wire.line_item_of(message)


@given(
    st.sampled_from(NoticeType),
    st.sampled_from(NoticeCode),
    st.text(max_size=20),
    st.sampled_from(Severity),
)
def test_a_notice_comes_back_from_its_message(
    type: NoticeType, code: NoticeCode, content: str, severity: Severity
) -> None:
    notice = Notice(type, code, "$.lines[0]", content, severity)

    message = wire.notice(notice)

    assert wire.notice_of(message) == notice


def test_every_value_of_the_contract_is_a_notice_s() -> None:
    for members, contract in (
        (NoticeType, message_pb2.MessageType),
        (NoticeCode, message_pb2.MessageCode),
        (Severity, message_pb2.MessageSeverity),
    ):
        words = [name.partition("_")[2].partition("_")[2].lower() for name in contract.keys()]  # noqa: SIM118
        assert set(words) - {"unspecified"} == set(members)


def test_an_error_is_told_with_its_severity() -> None:
    notice = Notice.error(
        NoticeCode.MISSING_EMAIL,
        "$.email",
        "The e-mail address is missing.",
        Severity.REQUIRES_BUYER_INPUT,
    )

    assert wire.notice(notice) == message_pb2.Message(
        type=message_pb2.MESSAGE_TYPE_ERROR,
        code=message_pb2.MESSAGE_CODE_MISSING_EMAIL,
        path="$.email",
        content="The e-mail address is missing.",
        severity=message_pb2.MESSAGE_SEVERITY_REQUIRES_BUYER_INPUT,
    )


@pytest.mark.parametrize(
    "unknown",
    [
        message_pb2.Message(code=message_pb2.MESSAGE_CODE_LOW_STOCK),
        message_pb2.Message(type=message_pb2.MESSAGE_TYPE_INFO),
        message_pb2.Message(type=message_pb2.MESSAGE_TYPE_INFO, code=999),  # type: ignore[arg-type]
        message_pb2.Message(
            type=message_pb2.MESSAGE_TYPE_INFO, code=message_pb2.MESSAGE_CODE_LOW_STOCK, severity=9
        ),  # type: ignore[arg-type]
    ],
)
def test_a_notice_of_a_later_release_is_refused(unknown: message_pb2.Message) -> None:
    with pytest.raises(InvalidField):
        wire.notice_of(unknown)


def test_a_time_that_is_none_leaves_its_field_not_set() -> None:
    at = datetime(2026, 3, 1, 12, 30, 15, 250_000, tzinfo=UTC)

    assert wire.timestamp(None) is None
    assert wire.timestamp(at).ToDatetime(UTC) == at
