"""Promises: what is sold before it is there, and what arrives for it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from catalog.errors import BelowReserved, InvalidStockPolicy
from catalog.listings.publish import reclassify
from catalog.stock import ledger
from catalog.stock import model as stock
from catalog.stock.changed_levels import CatalogContext, apply_changes
from catalog.stock.ledger import Change, Entry, StockReason
from catalog.stock.model import PROMISED, StockLevel
from catalog.stock.policies import PolicyKind, StockPolicy, policies_of, promised_of
from catalog.stock.queries import variant_of
from chassis.data.audit import record_audit
from chassis.data.tx import Read, Tx
from chassis.line_item import ItemKind
from chassis.rpc.errors import VersionMismatch

# Goods that arrive with them go to orders that wait.
_FILLING = {StockReason.RECEIPT, StockReason.RETURN}


async def get_stock_policy(read: Read, sku: str) -> tuple[StockPolicy, StockLevel | None]:
    """The policy of a SKU with its level of promises. Raises VariantNotFound."""
    variant = await variant_of(read, sku)
    policy = await read.get(StockPolicy, variant.id) or _no_policy(read, variant.id)
    return policy, await read.get(StockLevel, variant.id, PROMISED)


async def put_stock_policy(
    tx: Tx,
    context: CatalogContext,
    sku: str,
    *,
    kind: PolicyKind,
    most: int,
    expected_at: datetime | None,
    entry: Entry,
    expected_version: int = 0,
) -> tuple[StockPolicy, StockLevel | None]:
    """Sets how a SKU is sold when there is none of it.

    Raises VariantNotFound, InvalidStockPolicy, BelowReserved (more is promised), VersionMismatch.
    """
    if (kind is PolicyKind.NONE) is bool(most):
        raise InvalidStockPolicy("a limit belongs to backorders and preorders", path="most")
    if kind is PolicyKind.NONE and expected_at is not None:
        raise InvalidStockPolicy("nothing is expected without a policy", path="expected_at")
    variant = await variant_of(tx, sku)
    if variant.kind is not ItemKind.PHYSICAL:
        raise InvalidStockPolicy("is in no warehouse", path="sku")
    await tx.insert_new(
        StockLevel(variant_id=variant.id, warehouse=PROMISED, on_hand=0, reserved=0)
    )
    levels = await stock.lock_levels(tx, [variant.id])
    promised = next(level for level in levels if level.warehouse == PROMISED)
    before = await tx.get(StockPolicy, variant.id)
    policy = before.copy_row() if before else _no_policy(tx, variant.id)
    if expected_version not in (0, policy.version):
        raise VersionMismatch("the policy changed meanwhile", version=policy.version)
    left = most - policy.owed(promised)
    if left < promised.reserved:
        raise BelowReserved(
            "more is promised than that", path="most", reserved=most - left + promised.reserved
        )
    policy.kind, policy.most, policy.expected_at = kind, most, expected_at
    if before is not None and policy == before:
        return policy, promised
    policy.updated_at = tx.now
    if before is None:
        policy.version += 1
        await tx.insert(policy)
    else:
        await tx.update(policy)
    if left != promised.on_hand:
        changes = [Change(variant.id, PROMISED, left - promised.on_hand, reason=StockReason.COUNT)]
        await ledger.change_levels(tx, changes, entry)
        apply_changes(levels, changes)
    record_audit(
        tx,
        entry.actor_id,
        "put_stock_policy",
        f"sku:{sku}",
        before=_facts(before) if before else None,
        after=_facts(policy),
    )
    # The kind and the date are on pages too.
    await reclassify(tx, context.channels, context.tree, [variant.id])
    return policy, promised


async def fill_promises(
    tx: Tx, levels: Sequence[StockLevel], changes: Iterable[Change], entry: Entry
) -> None:
    """Sets goods that arrived aside for orders that wait. The levels are locked, and changed."""
    arrived = [each for each in changes if each.on_hand > 0 and each.reason in _FILLING]
    owing = {level.variant_id for level in levels if level.warehouse == PROMISED}
    if not owing:
        return
    policies = await policies_of(tx, sorted(owing))
    for change in arrived:
        policy = policies.get(change.variant_id)
        promised = promised_of(levels, change.variant_id)
        if policy is None or promised is None:
            continue
        if filled := min(policy.owed(promised), change.on_hand):
            pair = [
                Change(change.variant_id, change.warehouse, -filled, reason=StockReason.SALE),
                Change(change.variant_id, PROMISED, filled, reason=StockReason.RECEIPT),
            ]
            await ledger.change_levels(tx, pair, entry)
            apply_changes(levels, pair)


async def changes_of_restock(
    tx: Tx, levels: Sequence[StockLevel], lines: Sequence[stock.Allocation], warehouse: str
) -> list[Change]:
    """Changes that give back what a cancelled order took.

    What was promised is promised no more; if goods arrived for it, they are in `warehouse`.
    """
    back: dict[tuple[UUID, str], int] = {}
    owing = [line.variant_id for line in lines if line.warehouse == PROMISED]
    policies = await policies_of(tx, owing) if owing else {}
    for line in lines:
        left = line.quantity
        if line.warehouse == PROMISED:
            policy = policies.get(line.variant_id)
            owed = policy.owed(promised_of(levels, line.variant_id)) if policy else 0
            if forgiven := min(owed, left):
                back[line.variant_id, PROMISED] = forgiven
            left -= forgiven
        if left:
            place = (line.variant_id, warehouse if line.warehouse == PROMISED else line.warehouse)
            back[place] = back.get(place, 0) + left
    return [
        Change(variant_id, place, quantity, reason=StockReason.CANCELLATION)
        for (variant_id, place), quantity in sorted(back.items())
    ]


def _no_policy(read: Read, variant_id: UUID) -> StockPolicy:
    return StockPolicy(variant_id=variant_id, kind=PolicyKind.NONE, most=0, updated_at=read.now)


def _facts(policy: StockPolicy) -> dict[str, str | int | None]:
    expected = policy.expected_at.isoformat() if policy.expected_at else None
    return {"kind": policy.kind, "most": policy.most, "expected_at": expected}
