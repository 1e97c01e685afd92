"""Gift cards as staff issue, change and import them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from pydantic import JsonValue

from chassis.data.audit import record_audit
from chassis.data.tx import Tx
from chassis.money import CURRENCIES, Money
from chassis.runtime.clock import uuid7
from checkout.errors.gift_cards import (
    GiftCardExists,
    InvalidGiftCard,
    InvalidGiftCardSettings,
    WrongGiftCardStatus,
)
from checkout.gift_cards import events
from checkout.gift_cards.codes import (
    LONGEST,
    SHORTEST,
    GiftCardCodes,
    ending_of,
    new_code,
    normalize_code,
    shown_code,
)
from checkout.gift_cards.deliveries import GiftCardDelivery
from checkout.gift_cards.mail import mail_gift_card
from checkout.gift_cards.model import (
    EntryKind,
    GiftCard,
    GiftCardSettings,
    GiftCardSource,
    GiftCardStatus,
    in_currency,
)
from checkout.gift_cards.queries import (
    find_by_hashes,
    find_keyed_gift_card,
    get_gift_card_settings,
    lock_gift_card,
)
from checkout.idempotency import IdempotencyKey
from checkout.merchant_settings.actions import Imported, Subject, put_setting
from checkout.orders.model import Order


@dataclass(frozen=True, slots=True)
class NewGiftCard:
    """A card to make. Without a time of its own it expires as its channel's settings say."""

    amount: Money
    channel: str
    expires_at: datetime | None = None
    note: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class ImportedGiftCard:
    """A card of another system, with the code that buyers have. `path` is its place."""

    path: str
    code: str = field(repr=False)
    balance: Money
    channel: str
    expires_at: datetime | None = None
    note: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class GiftCardChanges:
    """Fields that staff set of a card: None leaves a field as it is."""

    expires_at: datetime | None = None
    is_endless: bool = False
    note: str | None = field(default=None, repr=False)


async def issue_gift_card(
    tx: Tx, new: NewGiftCard, codes: GiftCardCodes, *, key: IdempotencyKey, actor_id: UUID
) -> tuple[GiftCard, str, bool]:
    """Makes a card and returns it with its code, and whether it was there already.

    A repeat of the key returns the same. Emits GiftCardChanged. Raises InvalidGiftCard, KeyReused.
    """
    _require_amount(new.amount, "amount")
    if new.expires_at is not None and new.expires_at <= tx.now:
        raise InvalidGiftCard(path="expires_at", problem="it is over already")
    _require_channel(new.channel, "channel")
    settings = await get_gift_card_settings(tx, new.channel)
    expires_at = new.expires_at or settings.expiry_of_new(tx.now)
    code = new_code()
    card = draft_gift_card(code, codes, GiftCardSource.ISSUED, new.amount, tx.now)
    card.channel, card.expires_at, card.note = new.channel, expires_at, new.note
    card.caller, card.idempotency_key, card.fingerprint = key.caller, key.key, key.fingerprint
    entry = card.book(EntryKind.ISSUE, new.amount.amount_minor, tx.now, actor_id=actor_id)
    if not await tx.insert_new(card):
        known = await find_keyed_gift_card(tx, key)
        assert known is not None, "two codes of 80 bits are not the same"
        return known, shown_code(codes.open(bytes(known.sealed_code), known.id)), True
    await tx.insert(entry)
    _record(tx, actor_id, "issue", card, before=None)
    await tx.emit(events.gift_card_changed(card), key=card.id)
    return card, shown_code(code), False


async def update_gift_card(
    tx: Tx,
    gift_card_id: UUID,
    changes: GiftCardChanges,
    *,
    actor_id: UUID,
    expected_version: int = 0,
) -> GiftCard:
    """Sets the end of a card's time, and its note.

    Emits GiftCardChanged. Raises GiftCardNotFound, VersionMismatch.
    """
    card = await lock_gift_card(tx, gift_card_id)
    card.require_version(expected_version)
    before = _facts(card)
    if changes.is_endless or changes.expires_at is not None:
        card.expires_at = None if changes.is_endless else changes.expires_at
    if changes.note is not None:
        card.note = changes.note
    return await _store(tx, card, "update", before, actor_id)


async def adjust_gift_card(
    tx: Tx,
    gift_card_id: UUID,
    amount: Money,
    *,
    reason: str,
    actor_id: UUID,
    expected_version: int = 0,
) -> GiftCard:
    """Adds an amount to a card, or takes it off; what orders hold stays.

    Emits GiftCardChanged. Raises GiftCardNotFound, InvalidGiftCard, GiftCardBalanceTooLow,
    WrongGiftCardStatus, VersionMismatch.
    """
    card = await lock_gift_card(tx, gift_card_id)
    card.require_version(expected_version)
    card.require_not_revoked()
    if not amount.amount_minor:
        raise InvalidGiftCard(path="amount", problem="it is 0")
    if not in_currency(amount, card):
        raise InvalidGiftCard(path="amount.currency", problem=f"the card is in {card.currency}")
    before = _facts(card)
    entry = card.book(
        EntryKind.ADJUSTMENT, amount.amount_minor, tx.now, reason=reason, actor_id=actor_id
    )
    await tx.insert(entry)
    return await _store(tx, card, "adjust", before, actor_id)


async def disable_gift_card(
    tx: Tx, gift_card_id: UUID, *, actor_id: UUID, expected_version: int = 0
) -> GiftCard:
    """Stops a card: it pays no new order.

    Idempotent. Emits GiftCardChanged. Raises GiftCardNotFound, WrongGiftCardStatus,
    VersionMismatch.
    """
    return await _become(tx, gift_card_id, GiftCardStatus.DISABLED, actor_id, expected_version)


async def enable_gift_card(
    tx: Tx, gift_card_id: UUID, *, actor_id: UUID, expected_version: int = 0
) -> GiftCard:
    """Lets a stopped card pay again.

    Idempotent. Emits GiftCardChanged. Raises GiftCardNotFound, WrongGiftCardStatus,
    VersionMismatch.
    """
    return await _become(tx, gift_card_id, GiftCardStatus.ACTIVE, actor_id, expected_version)


async def send_gift_card(
    tx: Tx,
    gift_card_id: UUID,
    delivery: GiftCardDelivery | None,
    codes: GiftCardCodes,
    *,
    locale: str,
    actor_id: UUID,
) -> GiftCard:
    """Mails a card's code, to another address than before where a delivery is given.

    Emits GiftCardSent. Raises GiftCardNotFound, WrongGiftCardStatus, and InvalidGiftCard where
    nobody is known to mail it to.
    """
    card = await lock_gift_card(tx, gift_card_id)
    if card.status is not GiftCardStatus.ACTIVE:
        raise WrongGiftCardStatus(status=card.status)
    if card.is_store_credit:
        raise InvalidGiftCard(path="gift_card_id", problem="store credit has no code")
    order = await tx.get(Order, card.order_id) if card.order_id else None
    before = _facts(card)
    if delivery is not None:
        card.delivery = delivery
    if card.delivery is None and (order is None or not order.email):
        raise InvalidGiftCard(path="email", problem="nobody is known to mail it to")
    await mail_gift_card(tx, card, order, codes, locale=locale)
    _record(tx, actor_id, "send", card, before=before)
    return card


async def import_gift_cards(
    tx: Tx, cards: Sequence[ImportedGiftCard], codes: GiftCardCodes, *, actor_id: UUID
) -> Imported:
    """Brings cards of another system, all or none.

    Those that are there already stay as they are. Emits GiftCardChanged of each new one. Raises
    InvalidGiftCard, GiftCardExists.
    """
    hashes = _hashes_of(cards, codes)
    # Two imports of the same cards wait for each other, in one order of codes.
    await tx.fetch("SELECT pg_advisory_xact_lock(hashtext('gift_card_import'))")
    known = await find_by_hashes(tx, list(hashes))
    done = Imported()
    for code_hash, new in hashes.items():
        if before := known.get(code_hash):
            if before.source is not GiftCardSource.IMPORTED or not in_currency(new.balance, before):
                raise GiftCardExists(path=f"{new.path}.code", gift_card_id=before.id)
            done.unchanged += 1
            continue
        code = normalize_code(new.code)
        card = draft_gift_card(code, codes, GiftCardSource.IMPORTED, new.balance, tx.now)
        card.channel, card.expires_at, card.note = new.channel, new.expires_at, new.note
        entry = card.book(EntryKind.ISSUE, new.balance.amount_minor, tx.now, actor_id=actor_id)
        await tx.insert(card)
        await tx.insert(entry)
        _record(tx, actor_id, "import", card, before=None)
        await tx.emit(events.gift_card_changed(card), key=card.id)
        done.created += 1
    return done


async def put_gift_card_settings(
    tx: Tx, draft: GiftCardSettings, *, actor_id: UUID, expected_version: int = 0
) -> GiftCardSettings:
    """Sets what holds for the cards of a channel. A repeat changes nothing.

    Raises InvalidGiftCardSettings, VersionMismatch.
    """
    if not draft.channel.isprintable():
        raise InvalidGiftCardSettings(path="settings.channel", problem="no channel code")
    subject = Subject("gift_card_settings", draft.channel)
    return await put_setting(
        tx, subject, draft, actor_id=actor_id, expected_version=expected_version
    )


def draft_gift_card(
    code: str, codes: GiftCardCodes, source: GiftCardSource, amount: Money, now: datetime
) -> GiftCard:
    """Returns a card of a code with nothing booked on it yet."""
    card_id = uuid7()
    return GiftCard(
        id=card_id,
        code_hash=codes.hash(code),
        sealed_code=codes.seal(code, card_id),
        ending=ending_of(code),
        source=source,
        channel="",
        currency=amount.currency,
        initial_minor=amount.amount_minor,
        created_at=now,
    )


def _hashes_of(
    cards: Sequence[ImportedGiftCard], codes: GiftCardCodes
) -> dict[bytes, ImportedGiftCard]:
    """Returns the cards by the hashes of their codes, in the order of these.

    Raises InvalidGiftCard with the place of the first that cannot be.
    """
    found: dict[bytes, ImportedGiftCard] = {}
    for new in cards:
        if not SHORTEST <= len(normalize_code(new.code)) <= LONGEST:
            problem = f"{SHORTEST} to {LONGEST} letters and digits"
            raise InvalidGiftCard(path=f"{new.path}.code", problem=problem)
        _require_amount(new.balance, f"{new.path}.balance")
        _require_channel(new.channel, f"{new.path}.channel")
        code_hash = codes.hash(new.code)
        if code_hash in found:
            raise InvalidGiftCard(path=f"{new.path}.code", problem="it is there twice")
        found[code_hash] = new
    return dict(sorted(found.items()))


def _require_amount(amount: Money, path: str) -> None:
    if amount.amount_minor <= 0:
        raise InvalidGiftCard(path=path, problem="it is not above 0")
    if amount.currency not in CURRENCIES:
        raise InvalidGiftCard(path=f"{path}.currency", problem="no active ISO 4217 code")


def _require_channel(channel: str, path: str) -> None:
    if not channel.isprintable():
        raise InvalidGiftCard(path=path, problem="no channel code")


async def _become(
    tx: Tx, gift_card_id: UUID, status: GiftCardStatus, actor_id: UUID, expected_version: int
) -> GiftCard:
    card = await lock_gift_card(tx, gift_card_id)
    card.require_not_revoked()
    if card.status is status:
        return card
    card.require_version(expected_version)
    before, card.status = _facts(card), status
    action = "enable" if status is GiftCardStatus.ACTIVE else "disable"
    return await _store(tx, card, action, before, actor_id)


async def _store(
    tx: Tx, card: GiftCard, action: str, before: dict[str, JsonValue], actor_id: UUID
) -> GiftCard:
    await tx.update(card)
    _record(tx, actor_id, action, card, before=before)
    await tx.emit(events.gift_card_changed(card), key=card.id)
    return card


def _record(
    tx: Tx, actor_id: UUID, action: str, card: GiftCard, *, before: dict[str, JsonValue] | None
) -> None:
    record_audit(
        tx, actor_id, f"gift_card.{action}", f"gift_card:{card.id}",
        before=before, after=_facts(card),
    )  # fmt: skip


def _facts(card: GiftCard) -> dict[str, JsonValue]:
    """Returns what the audit keeps of a card: neither its code nor its note."""
    return {
        "status": card.status,
        "balance_minor": card.balance_minor,
        "currency": card.currency,
        "expires_at": card.expires_at.isoformat() if card.expires_at else None,
    }
