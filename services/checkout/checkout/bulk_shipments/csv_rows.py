"""Rows of a bulk shipment in a CSV."""

import csv
import io
import re
from collections.abc import Mapping
from typing import Final

from checkout.bulk_shipments.model import BulkShipmentStatus, RowResult, ShipmentRow
from checkout.errors.orders import InvalidShipmentFile

MOST_ROWS: Final = 500
_NEEDED: Final = ("order_number", "carrier")
_LENGTHS: Final = {
    "order_number": 64,
    "carrier": 100,
    "tracking_number": 100,
    "tracking_url": 500,
    "sku": 200,
    "quantity": 7,
    "channel": 64,
}
_URL: Final = re.compile(r"(https://[^\s<>\"']+)?")


def read_rows(content: bytes) -> tuple[list[ShipmentRow], list[RowResult]]:
    """Returns the rows of a file, and the refusals of those that make no sense.

    With such a row the others of its order are refused, so that no parcel goes out in part. Raises
    InvalidShipmentFile for a file that cannot be read row by row.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidShipmentFile(path="content", problem="it is not UTF-8") from None
    header, _, _ = text.partition("\n")
    separator = ";" if header.count(";") > header.count(",") else ","
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        columns = [name.strip().lower() for name in reader.fieldnames or ()]
        _require_columns(columns)
        reader.fieldnames = columns
        records = [record for record in reader if any(record.values())]
    except csv.Error as error:
        raise InvalidShipmentFile(path="content", problem=f"no CSV: {error}") from None
    if not records or len(records) > MOST_ROWS:
        raise InvalidShipmentFile(path="content", problem=f"1 to {MOST_ROWS} rows")
    return _sorted_out(records)


def _sorted_out(
    records: list[dict[str | None, str | list[str] | None]],
) -> tuple[list[ShipmentRow], list[RowResult]]:
    rows, refused = list[ShipmentRow](), list[RowResult]()
    for number, record in enumerate(records):
        try:
            rows.append(_row_of(number, record))
        except InvalidShipmentFile as error:
            named = str(record.get("order_number") or "").strip()[: _LENGTHS["order_number"]]
            problem = f"{error.metadata['path']}: {error.metadata['problem']}"
            row = ShipmentRow(number=number, order_number=named, carrier="")
            refused.append(_refusal(row, problem))
    broken = {each.row.order_number for each in refused}
    for row in rows:
        if row.order_number in broken:
            refused.append(_refusal(row, "another row of the order makes no sense"))
    return [row for row in rows if row.order_number not in broken], refused


def _refusal(row: ShipmentRow, problem: str) -> RowResult:
    reason = InvalidShipmentFile.reason
    return RowResult(row, BulkShipmentStatus.REFUSED, reason=reason, problem=problem)


def _require_columns(columns: list[str]) -> None:
    for name in columns:
        if name not in _LENGTHS or columns.count(name) > 1:
            allowed = ", ".join(_LENGTHS)
            raise InvalidShipmentFile(path=f"columns[{name[:40]}]", problem=f"one of {allowed}")
    for name in _NEEDED:
        if name not in columns:
            raise InvalidShipmentFile(path=f"columns[{name}]", problem="it is needed")


def _row_of(number: int, record: Mapping[str | None, str | list[str] | None]) -> ShipmentRow:
    if None in record:
        raise InvalidShipmentFile(path=f"rows[{number}]", problem="more cells than columns")
    cells = {str(name): str(value or "").strip() for name, value in record.items()}
    for name, text in cells.items():
        path = f"rows[{number}].{name}"
        if len(text) > _LENGTHS[name] or not text.isprintable():
            raise InvalidShipmentFile(path=path, problem=f"at most {_LENGTHS[name]} characters")
        if not text and name in _NEEDED:
            raise InvalidShipmentFile(path=path, problem="it is needed")
    quantity = cells.pop("quantity", "")
    if quantity and not (quantity.isascii() and quantity.isdecimal()):
        raise InvalidShipmentFile(path=f"rows[{number}].quantity", problem="a whole number")
    if not _URL.fullmatch(cells.get("tracking_url", "")):
        raise InvalidShipmentFile(path=f"rows[{number}].tracking_url", problem="an https URL")
    return ShipmentRow(number=number, quantity=int(quantity or 0), **cells)
