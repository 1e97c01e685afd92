"""Reads of gift cards, their entries and their settings."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, text
from sqlmodel import col, select

from chassis.data.statements import one_of, prepare
from chassis.data.tx import Read, Tx
from checkout.errors.gift_cards import GiftCardNotFound
from checkout.gift_cards.model import (
    GiftCard,
    GiftCardEntry,
    GiftCardSettings,
    GiftCardSource,
    GiftCardStatus,
)
from checkout.gift_cards.shares import NO_GIFT_CARDS, AppliedGiftCards
from checkout.idempotency import IdempotencyKey
from checkout.payments.model import Payment

_BY_HASH: Final = prepare(select(GiftCard).where(one_of(GiftCard.code_hash, "hashes")))
_BY_KEY: Final = prepare(
    select(GiftCard).where(
        GiftCard.caller == bindparam("caller"), GiftCard.idempotency_key == bindparam("key")
    )
)
_OF_IDS: Final = prepare(select(GiftCard).where(one_of(GiftCard.id, "ids")))
_LOCK: Final = prepare(
    select(GiftCard)
    .where(one_of(GiftCard.id, "ids"))
    # In one order, so that two orders with the same cards do not wait for each other.
    .order_by(col(GiftCard.id))
    .with_for_update()
)
# Verbatim as in the partial index `payment_held_by_card`.
_IS_HELD: Final = text("gift_card_id IS NOT NULL AND status = 'authorized'")


async def get_gift_card(read: Read, gift_card_id: UUID) -> GiftCard:
    """Returns a card. Raises GiftCardNotFound."""
    found = await read.get(GiftCard, gift_card_id)
    if found is None:
        raise GiftCardNotFound
    return found


async def get_gift_card_by_hash(read: Read, code_hash: bytes) -> GiftCard:
    """Returns the card of a code's hash. Raises GiftCardNotFound."""
    found = await read.all(_BY_HASH, hashes=[code_hash])
    if not found:
        raise GiftCardNotFound
    card: GiftCard = found[0]
    return card


async def find_by_hashes(read: Read, hashes: Sequence[bytes]) -> dict[bytes, GiftCard]:
    """Returns the cards of codes' hashes."""
    return {bytes(card.code_hash): card for card in await read.all(_BY_HASH, hashes=list(hashes))}


async def find_keyed_gift_card(read: Read, key: IdempotencyKey) -> GiftCard | None:
    """Returns the card that a key issued. Raises KeyReused if it came with another request."""
    card: GiftCard | None = await read.one(_BY_KEY, caller=key.caller, key=key.key)
    if card is not None:
        key.require_same_request(bytes(card.fingerprint or b""))
    return card


async def lock_gift_card(tx: Tx, gift_card_id: UUID) -> GiftCard:
    """Returns a card, locked until the transaction ends. Raises GiftCardNotFound."""
    card = await tx.lock(GiftCard, gift_card_id)
    if card is None:
        raise GiftCardNotFound
    return card


async def lock_gift_cards(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, GiftCard]:
    """Locks cards until the transaction ends. Locks them after orders and checkouts."""
    return {card.id: card for card in await tx.all(_LOCK, ids=list(ids))}


async def find_applied_gift_cards(
    read: Read, ids: Sequence[UUID], channel: str
) -> AppliedGiftCards:
    """Returns the cards of a checkout in their order. Asks nothing where there are none."""
    if not ids:
        return NO_GIFT_CARDS
    found = {card.id: card for card in await read.all(_OF_IDS, ids=list(ids))}
    settings = await get_gift_card_settings(read, channel)
    cards = tuple(found[each] for each in ids if each in found)
    return AppliedGiftCards(cards, settings.pays_gift_cards)


async def list_gift_cards(
    read: Read,
    *,
    status: GiftCardStatus | None,
    source: GiftCardSource | None,
    ending: str,
    order_id: UUID | None,
    before: UUID | None,
    limit: int,
) -> list[GiftCard]:
    """Returns cards before an id, newest first; None and an empty text are no filter."""
    query = select(GiftCard).order_by(col(GiftCard.id).desc()).limit(limit)
    if status is not None:
        query = query.where(GiftCard.status == status)
    if source is not None:
        query = query.where(GiftCard.source == source)
    if ending:
        query = query.where(GiftCard.ending == ending)
    if order_id is not None:
        query = query.where(GiftCard.order_id == order_id)
    if before is not None:
        query = query.where(GiftCard.id < before)
    return await read.all(query)


async def list_gift_card_entries(
    read: Read, gift_card_id: UUID, *, before: UUID | None, limit: int
) -> list[GiftCardEntry]:
    """Returns entries of a card before an id, newest first."""
    query = (
        select(GiftCardEntry)
        .where(GiftCardEntry.gift_card_id == gift_card_id)
        .order_by(col(GiftCardEntry.id).desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(GiftCardEntry.id < before)
    return await read.all(query)


async def get_gift_card_settings(read: Read, channel: str) -> GiftCardSettings:
    """Returns what holds in a channel; version 0 where nothing was set for it."""
    found = await read.get(GiftCardSettings, channel)
    return found or GiftCardSettings(channel=channel, version=0)


async def find_held_payments(read: Read, *, limit: int) -> list[Payment]:
    """Returns payments whose cards hold their amounts, oldest first."""
    return await read.all(
        select(Payment).where(_IS_HELD).order_by(col(Payment.created_at)).limit(limit)
    )
