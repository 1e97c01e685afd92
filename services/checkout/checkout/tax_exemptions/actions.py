"""Changes of tax exemptions by staff, and their end with their customer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from pydantic import JsonValue

from chassis.data.audit import record_audit
from chassis.data.tx import Tx
from checkout.errors.taxes import InvalidTaxExemption
from checkout.merchant_settings.actions import Subject, require_version
from checkout.tax_exemptions import events
from checkout.tax_exemptions.model import MOST_EXEMPTIONS, TaxExemption
from checkout.tax_exemptions.queries import GROUP, count_exemptions, lock_exemptions_of

_KIND: Final = "tax_exemption"
# The audit outlives its subject: it says of these only that they changed.
_PERSONAL: Final = ("reasons", "certificate_number")


@dataclass(slots=True)
class ImportedExemptions:
    """Counts of an import."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0


async def put_tax_exemption(
    tx: Tx, draft: TaxExemption, *, actor_id: UUID, expected_version: int = 0
) -> TaxExemption:
    """Grants or changes an exemption by code. A repeat changes nothing.

    An `expected_version` of 0 accepts any. Emits TaxExemptionChanged. Raises InvalidTaxExemption,
    VersionMismatch.
    """
    await GROUP.lock(tx)
    before = await tx.lock(TaxExemption, draft.code)
    require_version(before, expected_version)
    if before is None:
        if await count_exemptions(tx) >= MOST_EXEMPTIONS:
            problem = f"a shop has at most {MOST_EXEMPTIONS} exemptions"
            raise InvalidTaxExemption(path="tax_exemption.code", problem=problem)
        draft.version = 1
        await tx.insert(draft)
    else:
        draft.version = before.version
        if draft == before:
            return draft
        await tx.update(draft)
    _record(tx, actor_id, "put", draft.code, before=before, after=draft)
    await tx.emit(events.tax_exemption_changed(draft), key=f"{_KIND}:{draft.code}")
    await GROUP.revise(tx)
    return draft


async def import_tax_exemptions(
    tx: Tx, drafts: Sequence[TaxExemption], *, actor_id: UUID
) -> ImportedExemptions:
    """Grants or changes exemptions by code, all or none. A repeat changes nothing.

    Emits TaxExemptionChanged for each that changes. Raises InvalidTaxExemption.
    """
    await GROUP.lock(tx)
    done = ImportedExemptions()
    for draft in drafts:
        known = await tx.lock(TaxExemption, draft.code)
        before = known.version if known else 0
        after = (await put_tax_exemption(tx, draft, actor_id=actor_id)).version
        if known is None:
            done.created += 1
        elif after == before:
            done.unchanged += 1
        else:
            done.updated += 1
    return done


async def delete_tax_exemption(
    tx: Tx, code: str, *, actor_id: UUID, expected_version: int = 0
) -> None:
    """Revokes an exemption. Idempotent. Emits TaxExemptionDeleted. Raises VersionMismatch."""
    await GROUP.lock(tx)
    before = await tx.lock(TaxExemption, code) if code.isprintable() else None
    if before is None:
        return
    require_version(before, expected_version)
    await _delete(tx, before, actor_id)
    await GROUP.revise(tx)


async def forget_exemptions_of(tx: Tx, customer_id: UUID) -> None:
    """Deletes the exemptions of an erased customer. Orders keep theirs. Idempotent.

    Emits TaxExemptionDeleted for each.
    """
    await GROUP.lock(tx)
    exemptions = await lock_exemptions_of(tx, customer_id)
    for each in exemptions:
        await _delete(tx, each, None)
    if exemptions:
        await GROUP.revise(tx)


async def _delete(tx: Tx, exemption: TaxExemption, actor_id: UUID | None) -> None:
    await tx.delete(exemption)
    _record(tx, actor_id, "delete", exemption.code, before=exemption, after=None)
    subject = str(Subject(_KIND, exemption.code))
    await tx.emit(events.tax_exemption_deleted(exemption.code), key=subject)


def _record(
    tx: Tx,
    actor_id: UUID | None,
    verb: str,
    code: str,
    *,
    before: TaxExemption | None,
    after: TaxExemption | None,
) -> None:
    """Writes the audit row. Values that may be personal are not in it."""

    def told(row: TaxExemption | None, other: TaxExemption | None) -> dict[str, JsonValue] | None:
        if row is None:
            return None
        facts: dict[str, JsonValue] = row.model_dump(mode="json", exclude=set(_PERSONAL))
        changed = [
            name
            for name in _PERSONAL
            if other is None or getattr(row, name) != getattr(other, name)
        ]
        return {**facts, "changed": [*changed]}

    record_audit(
        tx,
        actor_id,
        f"{_KIND}.{verb}",
        str(Subject(_KIND, code)),
        before=told(before, after),
        after=told(after, before),
    )
