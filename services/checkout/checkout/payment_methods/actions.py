"""Changes of payment methods by staff."""

from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Final
from uuid import UUID

from chassis.data.tx import Tx
from chassis.money import CURRENCIES
from checkout.errors.payments import InvalidPaymentMethod
from checkout.merchant_settings.actions import (
    Subject,
    delete_setting,
    require_version,
    store_setting,
)
from checkout.payment_methods import events
from checkout.payment_methods.model import MOST_METHODS, PaymentMethod
from checkout.payment_methods.queries import GROUP, lock_method
from checkout.payments.model import CapturePoint, Settlement
from checkout.payments.provider import PaymentProvider

# Of what is paid; more is a slip, such as percent in place of a share.
_MOST_FEE_RATE: Final = Decimal("0.2")


async def put_payment_method(
    tx: Tx,
    draft: PaymentMethod,
    *,
    seeds: Sequence[PaymentMethod],
    actor_id: UUID,
    expected_version: int = 0,
) -> PaymentMethod:
    """Creates or replaces a method by code. A repeat changes nothing.

    An `expected_version` of 0 accepts any. Emits PaymentMethodChanged. Raises InvalidPaymentMethod,
    VersionMismatch.
    """
    await _store_seeds(tx, seeds)
    before = await lock_method(tx, draft.code)
    require_version(before, expected_version)
    if before is None:
        await _require_room(tx)
    subject = Subject("payment_method", draft.code)
    if await store_setting(tx, subject, draft, before, actor_id=actor_id):
        await tx.emit(events.payment_method_changed(draft), key=str(subject))
        await GROUP.revise(tx)
    return draft


async def delete_payment_method(
    tx: Tx,
    code: str,
    *,
    seeds: Sequence[PaymentMethod],
    actor_id: UUID,
    expected_version: int = 0,
) -> None:
    """Deletes a method. Idempotent. Emits PaymentMethodDeleted. Raises VersionMismatch."""
    await _store_seeds(tx, seeds)
    before = await lock_method(tx, code)
    if before is None:
        return
    require_version(before, expected_version)
    subject = Subject("payment_method", code)
    await delete_setting(tx, subject, before, actor_id=actor_id)
    await tx.emit(events.payment_method_deleted(code), key=str(subject))
    await GROUP.revise(tx)


def require_possible(draft: PaymentMethod, providers: Collection[PaymentProvider]) -> None:
    """Raises InvalidPaymentMethod with the first field that cannot be, as its `path`."""
    provider = next((each for each in providers if each.name == draft.provider), None)
    if provider is None:
        names = ", ".join(each.name for each in providers)
        raise _invalid("provider", f"connected providers are: {names}")
    offered = [method.id for method in provider.methods]
    if draft.provider_method not in offered:
        raise _invalid("provider_method", f"methods of this provider are: {', '.join(offered)}")
    settlement = next(m.settlement for m in provider.methods if m.id == draft.provider_method)
    if draft.capture_at is CapturePoint.SHIPMENT and settlement is not Settlement.NOW:
        raise _invalid("capture", "nothing is authorized: the method is paid outside")
    if unknown := next((each for each in draft.currencies if each not in CURRENCIES), None):
        index = draft.currencies.index(unknown)
        raise _invalid(f"currencies[{index}]", "no active ISO 4217 code")
    if unknown := next((each for each in draft.fees if each not in CURRENCIES), None):
        raise _invalid(f"fees[{unknown}]", "no active ISO 4217 code")
    if draft.fee_rate and Decimal(draft.fee_rate) > _MOST_FEE_RATE:
        raise _invalid("fee_rate", f"a share such as 0.015, at most {_MOST_FEE_RATE}")
    if (draft.amount_from_minor or draft.amount_to_minor) and len(draft.currencies) != 1:
        raise _invalid("currencies", "amounts are in one currency: name exactly one")
    if draft.amount_to_minor and draft.amount_to_minor < draft.amount_from_minor:
        raise _invalid("amount_to_minor", "less than amount_from_minor")


def _invalid(field: str, problem: str) -> InvalidPaymentMethod:
    return InvalidPaymentMethod(path=f"payment_method.{field}", problem=problem)


async def _store_seeds(tx: Tx, seeds: Sequence[PaymentMethod]) -> None:
    """Locks the methods, and stores the seeded ones where nothing was ever stored.

    So the first change of staff does not take away what shoppers were offered before.
    """
    await GROUP.lock(tx)
    if await GROUP.find_revision(tx) is None:
        if seeds:
            await tx.upsert_many(PaymentMethod, list(seeds), update=())
        await GROUP.revise(tx)


async def _require_room(tx: Tx) -> None:
    row = await tx.fetch_one("SELECT count(*) FROM payment_method")
    if row and row[0] >= MOST_METHODS:
        raise _invalid("code", f"a shop has at most {MOST_METHODS} payment methods")
