"""Rows of bulk shipments: files, parcels, and quantities by line."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from chassis.line_item import ItemKind
from checkout.bulk_shipments.csv_rows import MOST_ROWS, read_rows
from checkout.bulk_shipments.model import Parcel, ShipmentRow, parcels_of
from checkout.errors.orders import InvalidShipmentFile, QuantityExceedsOrdered
from checkout.orders.model import OrderLine

ORDER = UUID(int=9)


def a_row(**fields: Any) -> ShipmentRow:
    return ShipmentRow(**{"number": 0, "order_number": "S-1", "carrier": "DHL", **fields})


def a_line(number: int, sku: str, quantity: int, shipped: int = 0) -> OrderLine:
    return OrderLine.model_construct(
        id=UUID(int=number), sku=sku, quantity=quantity, shipped_quantity=shipped,
        cancelled_quantity=0, kind=ItemKind.PHYSICAL,
    )  # fmt: skip


def test_a_file_has_its_columns_in_any_order_and_with_commas_or_semicolons() -> None:
    commas = b"order_number,carrier,tracking_number\r\nS-1,DHL,0034\r\n\r\nS-2,UPS,\r\n"
    semicolons = "\ufeffSKU;Carrier;Order_Number;Quantity\nMUG;DHL;S-1;2\n".encode()

    assert read_rows(commas) == (
        [a_row(tracking_number="0034"), a_row(number=1, order_number="S-2", carrier="UPS")], []
    )  # fmt: skip
    assert read_rows(semicolons) == ([a_row(sku="MUG", quantity=2)], [])


@pytest.mark.parametrize(
    ("content", "path"),
    [
        (b"\xff", "content"),
        (b"order_number,carrier\n", "content"),
        (b"order_number,carrier\n" + b"S-1,DHL\n" * (MOST_ROWS + 1), "content"),
        (b'order_number,carrier\n"S-1,DHL\n', "content"),
        (b"order_number,courier\nS-1,DHL\n", "columns[courier]"),
        (b"order_number,order_number\nS-1,DHL\n", "columns[order_number]"),
        (b"order_number\nS-1\n", "columns[carrier]"),
    ],
)
def test_a_file_without_sense_is_refused_with_its_place(content: bytes, path: str) -> None:
    with pytest.raises(InvalidShipmentFile) as caught:
        read_rows(content)

    assert caught.value.metadata["path"] == path


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (b"S-1,", "rows[1].carrier: it is needed"),
        (b"S-1,DHL,,,x", "rows[1]: more cells than columns"),
        (b"S-1,DHL,-1", "rows[1].quantity: a whole number"),
        (b"S-1,DHL,,http://a", "rows[1].tracking_url: an https URL"),
        (b"S-1,D\x01L", "rows[1].carrier: at most 100 characters"),
    ],
)
def test_a_row_without_sense_is_refused_and_its_order_with_it(row: bytes, problem: str) -> None:
    header = b"order_number,carrier,quantity,tracking_url\n"
    content = header + b"S-1,DHL,1,\n" + row + b"\nS-2,DHL,2,\n"

    rows, refused = read_rows(content)

    assert rows == [a_row(number=2, order_number="S-2", quantity=2)]
    assert {each.row.number: each.problem for each in refused} == {
        0: "another row of the order makes no sense", 1: problem,
    }  # fmt: skip
    assert {each.reason for each in refused} == {"INVALID_SHIPMENT_FILE"}


def test_rows_of_one_order_carrier_and_tracking_number_are_one_parcel() -> None:
    rows = [
        a_row(tracking_number="1", sku="A"), a_row(number=1, order_number="S-2"),
        a_row(number=2, tracking_number="1", sku="B"), a_row(number=3, tracking_number="2"),
    ]  # fmt: skip

    parcels = parcels_of(rows)

    assert [[row.number for row in parcel.rows] for parcel in parcels] == [[0, 2], [1], [3]]


def test_a_parcel_takes_what_is_left_of_a_sku_from_line_to_line() -> None:
    lines = [a_line(1, "A", 3, shipped=1), a_line(2, "A", 2), a_line(3, "B", 1)]

    some = Parcel([a_row(sku="A", quantity=3)]).quantities(lines)
    twice = Parcel([a_row(sku="A", quantity=1), a_row(sku="A", quantity=2)]).quantities(lines)
    rest = Parcel([a_row(sku="A", quantity=1), a_row(sku="A")]).quantities(lines)
    everything = Parcel([a_row(sku="A"), a_row()]).quantities(lines)

    assert some == twice == {UUID(int=1): 2, UUID(int=2): 1}
    assert rest == {UUID(int=1): 2, UUID(int=2): 2}
    assert everything == {}
    with pytest.raises(QuantityExceedsOrdered):
        Parcel([a_row(sku="A", quantity=5)]).quantities(lines)


def test_a_shipment_is_known_by_its_tracking_number_or_by_the_key() -> None:
    tracked, bare = Parcel([a_row(tracking_number="1")]), Parcel([a_row()])

    assert tracked.shipment_id(ORDER, "k") == tracked.shipment_id(ORDER, "other")
    assert bare.shipment_id(ORDER, "k") == bare.shipment_id(ORDER, "k")
    assert bare.shipment_id(ORDER, "k") != bare.shipment_id(ORDER, "other")
