"""Rows of a bulk shipment in a CSV."""

import csv
import io
import re
from collections.abc import Mapping
from typing import Final

from checkout.bulk_shipments.model import ShipmentRow
from checkout.errors import InvalidShipmentFile

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


def read_rows(content: bytes) -> list[ShipmentRow]:
    """Returns the rows of a file. Raises InvalidShipmentFile, which names row and column."""
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
    return [_row_of(number, record) for number, record in enumerate(records)]


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
