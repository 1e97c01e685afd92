"""Papers that are not stored: pro forma invoices and packing slips."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from io import BytesIO

from pypdf import PdfReader

from checkout.documents.packing_slips import PackedLine, PackingSlip
from checkout.documents.rendering.packing_slip import render_packing_slip
from checkout.documents.rendering.pdf import render_pro_forma
from checkout.gift_messages.model import GiftMessage
from checkout.taxes.calculation import TaxRule
from checkout.taxes.model import Place
from services.checkout.tests.documents import BUYER, NOW, SELLER, a_content, an_item, an_order

SLIP = PackingSlip(
    order_number="S-1", ordered_on=date(2026, 6, 1), shipped_on=date(2026, 6, 2), language="de",
    currency="EUR", seller=SELLER, legal_text="", parcel=2, carrier="DHL", tracking_number="0034",
    lines=(PackedLine("Seil", "Farbe: rot", "ROPE", "MTR", Decimal("1.5"), Decimal(3)),),
    receiver=BUYER,
    gift_messages=(("Seil", GiftMessage("1", "Viel Spaß!", "Ada", "Grace")),),
)  # fmt: skip


def text_of(pdf: bytes) -> str:
    reader = PdfReader(BytesIO(pdf))
    assert not reader.attachments
    return "\n".join(page.extract_text() for page in reader.pages)


def test_a_packing_slip_has_goods_and_messages_and_no_prices() -> None:
    printed = render_packing_slip(SLIP)

    assert printed == render_packing_slip(SLIP)
    text = text_of(printed)
    for part in (
        "Lieferschein S-1", "Seil", "ROPE", "1,5 MTR", "3 MTR", "Paket: 2", "DHL", "0034",
        "Hamburg", "Grußkarte (Seil)", "Grace", "Viel Spaß!", "Ada",
    ):  # fmt: skip
        assert part in text, part
    assert "EUR" not in text


def test_a_pro_forma_invoice_says_that_it_is_no_invoice_and_holds_no_xml() -> None:
    rule = TaxRule(Place("DE"), NOW.date(), origin="DE", locale="en")
    order, lines = an_order([an_item(9_99, steps=3)], rule, delivery_minor=4_90)

    printed = render_pro_forma(a_content(order, lines, number="S-1"))

    assert printed == render_pro_forma(a_content(order, lines, number="S-1"))
    text = text_of(printed)
    for part in ("Pro forma invoice S-1", "This is not an invoice", "34.87 EUR", "Side Street 2"):
        assert part in text, part
