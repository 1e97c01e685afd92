"""Rows of exports as CSV of RFC 4180 in UTF-8.

No cell is a formula to a spreadsheet (OWASP).
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

from chassis.money import exponent
from chassis.totals import TotalType
from checkout.order_exports.journal import Entry
from checkout.orders.view import OrderView

ORDER_COLUMNS: Final = (
    "order_id", "number", "placed_at", "status", "channel", "currency", "total", "subtotal",
    "discount", "delivery", "fee", "tax", "captured", "refunded", "payment_methods", "email",
    "name", "country", "postal_code", "delivery_method", "promotion_codes", "tags", "customer_id",
)  # fmt: skip
LINE_COLUMNS: Final = (
    "order_id", "number", "placed_at", "status", "channel", "currency", "line_id", "sku", "title",
    "options", "tax_class", "quantity", "unit_code", "unit_price", "discount", "total", "tax",
    "shipped", "cancelled", "returned",
)  # fmt: skip
JOURNAL_COLUMNS: Final = (
    "entry", "at", "kind", "order_number", "order_id", "channel", "currency", "account", "debit",
    "credit",
)  # fmt: skip
_FORMULA: Final = re.compile(r"[=+\-@\t\r]")
_NUMBER: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def csv_of(rows: Iterable[Sequence[str]]) -> bytes:
    """Returns rows as CSV; a text that a spreadsheet would run begins with an apostrophe."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    for row in rows:
        writer.writerow([_guarded(cell) for cell in row])
    return text.getvalue().encode()


def order_row(view: OrderView, tags: Sequence[str]) -> list[str]:
    """Returns the row of an order."""
    order, address = view.order, view.order.delivery_address
    totals = {
        kind: sum(each.amount_minor for each in order.totals if each.type is kind)
        for kind in TotalType
    }
    money = [
        order.total_minor,
        totals[TotalType.SUBTOTAL],
        totals[TotalType.DISCOUNT],
        totals[TotalType.FULFILLMENT],
        totals[TotalType.FEE],
        sum(each.amount_minor for each in order.tax_lines),
        sum(each.captured_minor for each in view.payments),
        sum(each.refunded_minor for each in view.payments),
    ]
    names = (address.get("first_name", ""), address.get("last_name", ""))
    return [
        *_head(view),
        *(_decimal(amount, order.currency) for amount in money),
        " ".join(dict.fromkeys(each.method_id for each in view.payments)),
        order.email,
        " ".join(name for name in names if name),
        address.get("address_country", ""),
        address.get("postal_code", ""),
        order.delivery_option.id,
        " ".join(order.promotion_codes),
        " ".join(tags),
        str(order.owner_id),
    ]


def line_rows(view: OrderView) -> Iterator[list[str]]:
    """Yields the rows of an order's lines."""
    currency = view.order.currency
    for line in view.lines:
        steps = (line.shipped_quantity, line.cancelled_quantity, line.returned_quantity)
        yield [
            *_head(view),
            str(line.id),
            line.sku,
            line.title,
            line.options,
            line.tax_class,
            _quantity(line.quantity, line.scale),
            line.unit_code,
            _decimal(line.unit_price_minor, currency),
            _decimal(line.discount_minor, currency),
            _decimal(line.total_minor, currency),
            _decimal(line.tax_minor, currency),
            *(_quantity(each, line.scale) for each in steps),
        ]


def entry_rows(entry: Entry) -> Iterator[list[str]]:
    """Yields the debits and credits of an entry."""
    for each in entry.postings:
        amount = _decimal(abs(each.amount_minor), entry.currency)
        yield [
            f"{entry.kind}:{entry.subject_id}",
            _time(entry.at),
            entry.kind,
            entry.order_number,
            str(entry.order_id or ""),
            entry.channel,
            entry.currency,
            each.account,
            amount if each.amount_minor > 0 else "",
            amount if each.amount_minor < 0 else "",
        ]


def _head(view: OrderView) -> list[str]:
    order = view.order
    placed_at = _time(order.placed_at) if order.placed_at else ""
    return [
        str(order.id), order.number or "", placed_at, order.status.value, order.channel_id,
        order.currency,
    ]  # fmt: skip


def _time(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def _decimal(amount_minor: int, currency: str) -> str:
    digits = exponent(currency)
    return f"{Decimal(amount_minor).scaleb(-digits):.{digits}f}"


def _quantity(steps: int, scale: int) -> str:
    return f"{Decimal(steps).scaleb(-scale):.{scale}f}"


def _guarded(cell: str) -> str:
    return f"'{cell}" if _FORMULA.match(cell) and not _NUMBER.fullmatch(cell) else cell
