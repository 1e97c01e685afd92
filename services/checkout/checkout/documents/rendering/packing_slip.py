"""Packing slips as PDF: goods and quantities of a parcel, without prices."""

from collections.abc import Iterable
from typing import Final

from checkout.documents.packing_slips import PackedLine, PackingSlip
from checkout.documents.rendering.labels import Labels
from checkout.documents.rendering.page import Page
from checkout.gift_messages.model import GiftMessage

_COLUMNS: Final = ("item", "ordered", "packed")
_WIDTHS: Final = (64, 18, 18)
_ALIGNS: Final = ("LEFT", "RIGHT", "RIGHT")


def render_packing_slip(slip: PackingSlip) -> bytes:
    """Returns the file of a packing slip; the same bytes for the same slip."""
    labels = Labels(slip.language, slip.currency)
    page = Page(slip.seller, labels, legal_text=slip.legal_text)
    title = f"{labels('packing_slip')} {slip.order_number}"
    page.describe(title, slip.language, slip.shipped_on)
    page.add_page()
    page.write_seller()
    if slip.receiver is not None:
        page.write_party("ship_to", slip.receiver)
    page.write_title(title)
    page.write_facts(_facts(slip, labels))
    page.write_table(
        [labels(name) for name in _COLUMNS],
        [_cells(line, labels) for line in slip.lines],
        widths=_WIDTHS,
        aligns=_ALIGNS,
    )
    for title_of_line, gift in slip.gift_messages:
        heading = labels("gift_message")
        page.write_heading(f"{heading} ({title_of_line})" if title_of_line else heading)
        page.write_notes(_parts_of(gift))
    return bytes(page.output())


def _facts(slip: PackingSlip, labels: Labels) -> Iterable[tuple[str, str]]:
    yield labels("order"), f"{slip.order_number}, {labels.day(slip.ordered_on)}"
    yield labels("shipped"), labels.day(slip.shipped_on)
    yield labels("parcel"), str(slip.parcel)
    for name, value in (("carrier", slip.carrier), ("tracking", slip.tracking_number)):
        if value:
            yield labels(name), value


def _cells(line: PackedLine, labels: Labels) -> tuple[str, ...]:
    unit = "" if line.unit_code == "C62" else f" {line.unit_code}"
    return (
        "\n".join(part for part in (line.title, line.options, line.sku) if part),
        labels.number(line.ordered) + unit,
        labels.number(line.packed) + unit,
    )


def _parts_of(gift: GiftMessage) -> Iterable[str]:
    return (part for part in (gift.recipient_name, gift.message, gift.sender_name) if part)
