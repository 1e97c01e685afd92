"""Mails of gift cards."""

from chassis.data.tx import Tx
from checkout.gift_cards import events
from checkout.gift_cards.codes import GiftCardCodes, shown_code
from checkout.gift_cards.model import GiftCard
from checkout.orders.model import Order


async def mail_gift_card(
    tx: Tx, card: GiftCard, order: Order | None, codes: GiftCardCodes, *, locale: str = ""
) -> None:
    """Writes a card with its present delivery, and emits GiftCardSent for the mail.

    Nobody is mailed where no address is kept any more.
    """
    code = shown_code(codes.open(bytes(card.sealed_code), card.id))
    event = events.gift_card_sent(card, order, code, locale=locale)
    card.sent_at = tx.now
    if order is not None and not order.email:
        # Its buyer was erased meanwhile, and the card waited for its day.
        card.delivery = None
    await tx.update(card)
    event.version = card.version
    if event.email:
        await tx.emit(event, key=card.id)
