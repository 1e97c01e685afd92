"""Use cases of related products: staff set lists and rules."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from catalog.errors import InvalidRelation, RelationRuleNotFound
from catalog.related.events import related_list_changed, relation_rule_changed
from catalog.related.model import ProductRelation, RelatedProductList, RelationRule, RelationSweep
from catalog.related.queries import existing_products, require_product
from catalog.supplements.model import lock_supplement
from catalog.supplements.store import save_supplement
from chassis.data import timers
from chassis.data.audit import record_audit
from chassis.data.tx import Tx
from chassis.rpc.errors import VersionMismatch

SWEEP: Final = "relation_rules"
_FIRST: Final = UUID(int=0)


async def put_related_product_list(
    tx: Tx,
    product_id: UUID,
    relation: ProductRelation,
    related_ids: Sequence[UUID],
    *,
    actor_id: UUID | None = None,
    expected_version: int = 0,
) -> RelatedProductList:
    """Creates or replaces a list; one that is the same keeps its version.

    Raises ProductNotFound, InvalidRelation, VersionMismatch.
    """
    before = await _lock_list(tx, product_id, relation, expected_version)
    await require_product(tx, product_id)
    after = RelatedProductList(
        product_id=product_id,
        relation=relation,
        related_ids=list(related_ids),
        version=before.version if before else 1,
    )
    return await _save_list(tx, before, after, "product_ids", actor_id)


async def update_related_product_list(
    tx: Tx,
    product_id: UUID,
    relation: ProductRelation,
    *,
    add: Sequence[UUID],
    remove: Sequence[UUID],
    actor_id: UUID | None = None,
    expected_version: int = 0,
) -> RelatedProductList:
    """Takes products off a list and puts others at its end.

    Raises ProductNotFound, InvalidRelation, VersionMismatch.
    """
    before = await _lock_list(tx, product_id, relation, expected_version)
    await require_product(tx, product_id)
    kept = [each for each in (before.related_ids if before else ()) if each not in remove]
    after = RelatedProductList(
        product_id=product_id,
        relation=relation,
        related_ids=[*kept, *(each for each in dict.fromkeys(add) if each not in kept)],
        version=before.version if before else 1,
    )
    return await _save_list(tx, before, after, "add", actor_id)


async def delete_related_product_list(
    tx: Tx,
    product_id: UUID,
    relation: ProductRelation,
    *,
    actor_id: UUID | None = None,
    expected_version: int = 0,
) -> None:
    """Deletes a list; an unknown one is passed over. Raises VersionMismatch."""
    before = await _lock_list(tx, product_id, relation, expected_version)
    if before is None:
        return
    await tx.delete(before)
    await _show(tx, product_id, relation, [])
    await tx.emit(
        related_list_changed(before, is_deleted=True), key=f"related:{product_id}:{relation.value}"
    )
    record_audit(
        tx,
        actor_id,
        "delete_related_products",
        f"product:{product_id}",
        before=_facts(before),
        after=None,
    )


async def put_relation_rule(
    tx: Tx, rule: RelationRule, *, actor_id: UUID | None = None, expected_version: int = 0
) -> RelationRule:
    """Creates or replaces a rule; one that is the same keeps its version.

    Raises InvalidRelationRule, VersionMismatch.
    """
    before = await _lock_rule(tx, rule.code, expected_version)
    rule.version = before.version if before else 1
    return await _save_rule(tx, before, rule, actor_id)


async def update_relation_rule(
    tx: Tx,
    code: str,
    changes: Mapping[str, Any],
    *,
    actor_id: UUID | None = None,
    expected_version: int = 0,
) -> RelationRule:
    """Changes the named fields.

    Raises RelationRuleNotFound, InvalidRelationRule, VersionMismatch.
    """
    before = await _lock_rule(tx, code, expected_version)
    if before is None:
        raise RelationRuleNotFound(code=code[:64])
    return await _save_rule(tx, before, before.copy_row(**changes), actor_id)


async def delete_relation_rule(
    tx: Tx, code: str, *, actor_id: UUID | None = None, expected_version: int = 0
) -> None:
    """Deletes a rule; an unknown one is passed over. Raises VersionMismatch."""
    before = await _lock_rule(tx, code, expected_version)
    if before is None:
        return
    await tx.delete(before)
    await start_sweep(tx)
    await tx.emit(relation_rule_changed(before, is_deleted=True), key=f"relation_rule:{code}")
    record_audit(
        tx,
        actor_id,
        "delete_relation_rule",
        f"relation_rule:{code}",
        before={"version": before.version},
        after=None,
    )


async def start_sweep(tx: Tx) -> None:
    """Applies the rules to all products, from the first one on."""
    await tx.upsert_many(RelationSweep, [RelationSweep(name=SWEEP, last_id=_FIRST)])
    await timers.schedule(tx, SWEEP, SWEEP, tx.now)


async def _lock_list(
    tx: Tx, product_id: UUID, relation: ProductRelation, expected_version: int
) -> RelatedProductList | None:
    found = await tx.lock(RelatedProductList, product_id, relation)
    if expected_version not in (0, found.version if found else 0):
        raise VersionMismatch("the list changed meanwhile", version=found.version if found else 0)
    return found


async def _save_list(
    tx: Tx,
    before: RelatedProductList | None,
    after: RelatedProductList,
    path: str,
    actor_id: UUID | None,
) -> RelatedProductList:
    after.require_valid(path)
    if before is not None and after.related_ids == before.related_ids:
        return before
    known = await existing_products(tx, after.related_ids)
    for related_id in after.related_ids:
        if related_id not in known and (before is None or related_id not in before.related_ids):
            raise InvalidRelation("names a product that exists", path=path, product_id=related_id)
    if before is None:
        # Two first writes at once: the second finds the row of the first.
        await tx.insert(after)
    else:
        await tx.update(after)
    relation = after.relation
    await _show(tx, after.product_id, relation, after.related_ids)
    await tx.emit(related_list_changed(after), key=f"related:{after.product_id}:{relation.value}")
    record_audit(
        tx,
        actor_id,
        "put_related_products",
        f"product:{after.product_id}",
        before=_facts(before) if before else None,
        after=_facts(after),
    )
    return after


async def _show(
    tx: Tx, product_id: UUID, relation: ProductRelation, related_ids: Sequence[UUID]
) -> None:
    supplement = await lock_supplement(tx, product_id)
    supplement.related = {
        **{kind: ids for kind, ids in supplement.related.items() if kind != relation.value},
        **({relation.value: list(related_ids)} if related_ids else {}),
    }
    await save_supplement(tx, supplement)


async def _lock_rule(tx: Tx, code: str, expected_version: int) -> RelationRule | None:
    # First the sweep: a batch of it holds the same lock.
    await tx.lock(RelationSweep, SWEEP)
    found = await tx.lock(RelationRule, code) if code.isprintable() else None
    if expected_version not in (0, found.version if found else 0):
        raise VersionMismatch("the rule changed meanwhile", version=found.version if found else 0)
    return found


async def _save_rule(
    tx: Tx, before: RelationRule | None, after: RelationRule, actor_id: UUID | None
) -> RelationRule:
    after.require_valid()
    if before is not None and after == before:
        return before
    if before is None:
        await tx.insert(after)
    else:
        await tx.update(after)
    await start_sweep(tx)
    await tx.emit(relation_rule_changed(after), key=f"relation_rule:{after.code}")
    record_audit(
        tx,
        actor_id,
        "put_relation_rule",
        f"relation_rule:{after.code}",
        before={"version": before.version} if before else None,
        after={
            "version": after.version,
            "relation": after.relation.value,
            "active": after.is_active,
        },
    )
    return after


def _facts(related: RelatedProductList) -> dict[str, Any]:
    return {
        "relation": related.relation.value,
        "product_ids": [str(each) for each in related.related_ids],
        "version": related.version,
    }
