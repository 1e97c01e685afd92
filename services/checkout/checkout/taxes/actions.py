"""Changes of tax rates and settings by staff."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from chassis.data.audit import record_audit
from chassis.data.tx import Tx
from chassis.rpc.errors import VersionMismatch
from checkout.errors import InvalidTaxRate, InvalidTaxSettings, TaxRateExists
from checkout.taxes import queries
from checkout.taxes.model import MOST_RATES, TaxRate, TaxSettings
from checkout.taxes.seeds import seeded_rates

# Staff write rarely: one at a time spares every race on codes and places.
_ONE_AT_A_TIME: Final = "SELECT pg_advisory_xact_lock(hashtext('tax_rate'))"


@dataclass(slots=True)
class Imported:
    """Counts of an import."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0


async def put_tax_rate(
    tx: Tx, draft: TaxRate, *, actor_id: UUID, expected_version: int = 0
) -> TaxRate:
    """Creates or replaces a rate by code. A repeat changes nothing.

    An `expected_version` of 0 accepts any. Raises InvalidTaxRate, TaxRateExists, VersionMismatch.
    """
    await seed_tax_rates(tx)
    before = (await queries.lock_tax_rates(tx, [draft.code])).get(draft.code)
    version = before.version if before else 0
    if expected_version not in (0, version):
        raise VersionMismatch("the tax rate changed meanwhile", version=version)
    await _require_apart(tx, [draft], path="tax_rate")
    if await _store(tx, draft, before, actor_id=actor_id):
        await _revise(tx)
    return draft


async def import_tax_rates(tx: Tx, drafts: Sequence[TaxRate], *, actor_id: UUID) -> Imported:
    """Creates or replaces rates by code, all or none. Raises InvalidTaxRate, TaxRateExists."""
    await seed_tax_rates(tx)
    seen: set[str] = set()
    for index, draft in enumerate(drafts):
        if draft.code in seen:
            raise InvalidTaxRate(path=f"tax_rates[{index}].code", problem="it is there twice")
        seen.add(draft.code)
    known = await queries.lock_tax_rates(tx, sorted(seen))
    await _require_apart(tx, drafts, path="tax_rates")
    found = Imported()
    for draft in drafts:
        before = known.get(draft.code)
        if not await _store(tx, draft, before, actor_id=actor_id):
            found.unchanged += 1
        elif before is None:
            found.created += 1
        else:
            found.updated += 1
    if found.created or found.updated:
        await _revise(tx)
    return found


async def delete_tax_rate(tx: Tx, code: str, *, actor_id: UUID, expected_version: int = 0) -> None:
    """Deletes a rate. Idempotent. Raises VersionMismatch."""
    await seed_tax_rates(tx)
    before = (await queries.lock_tax_rates(tx, [code])).get(code) if code.isprintable() else None
    if before is None:
        return
    if expected_version not in (0, before.version):
        raise VersionMismatch("the tax rate changed meanwhile", version=before.version)
    await tx.run("DELETE FROM tax_rate WHERE code = %s", [code])
    record_audit(
        tx, actor_id, "tax_rate.delete", f"tax_rate:{code}",
        before=before.model_dump(mode="json"), after=None,
    )  # fmt: skip
    await _revise(tx)


async def put_tax_settings(
    tx: Tx, draft: TaxSettings, *, actor_id: UUID, expected_version: int = 0
) -> TaxSettings:
    """Sets how a channel's taxes are computed. Raises InvalidTaxSettings, VersionMismatch."""
    await seed_tax_rates(tx)
    before = await queries.find_tax_settings(tx, draft.channel)
    version = before.version if before else 0
    if expected_version not in (0, version):
        raise VersionMismatch("the settings changed meanwhile", version=version)
    if not draft.channel.isprintable():
        raise InvalidTaxSettings(path="settings.channel", problem="no channel code")
    if before is None:
        draft.version = 1
        await tx.insert(draft)
    else:
        draft.version = before.version
        if draft == before:
            return before
        await tx.update(draft)
    record_audit(
        tx, actor_id, "tax_settings.put", f"tax_settings:{draft.channel}",
        before=before.model_dump(mode="json") if before else None,
        after=draft.model_dump(mode="json"),
    )  # fmt: skip
    await _revise(tx)
    return draft


async def seed_tax_rates(tx: Tx) -> None:
    """Locks the rates, and stores the seeded ones where nothing was ever stored.

    So staff see what holds, and their first change does not take the others away.
    """
    await tx.fetch(_ONE_AT_A_TIME)
    if await queries.find_revision(tx) is None:
        await tx.upsert_many(TaxRate, list(seeded_rates()), update=())
        await _revise(tx)


async def _store(tx: Tx, draft: TaxRate, before: TaxRate | None, *, actor_id: UUID) -> bool:
    """Writes a rate; returns whether it changed anything."""
    if before is None:
        draft.version = 1
        await tx.insert(draft)
    else:
        draft.version = before.version
        if draft == before:
            return False
        await tx.update(draft)
    record_audit(
        tx, actor_id, "tax_rate.put", f"tax_rate:{draft.code}",
        before=before.model_dump(mode="json") if before else None,
        after=draft.model_dump(mode="json"),
    )  # fmt: skip
    return True


async def _require_apart(tx: Tx, drafts: Sequence[TaxRate], *, path: str) -> None:
    """Raises TaxRateExists where two rates have one key, and InvalidTaxRate for too many."""
    stored = await queries.rates_of_countries(tx, sorted({draft.country for draft in drafts}))
    codes = {draft.code for draft in drafts}
    taken = {rate.key: rate.code for rate in stored if rate.code not in codes}
    for index, draft in enumerate(drafts):
        place = path if path == "tax_rate" else f"{path}[{index}]"
        if (other := taken.setdefault(draft.key, draft.code)) != draft.code:
            raise TaxRateExists(code=other, path=place)
    if len(taken) > MOST_RATES:
        raise InvalidTaxRate(path=path, problem=f"a country has at most {MOST_RATES} rates")


async def _revise(tx: Tx) -> None:
    """Tells every process to read the rates anew."""
    await tx.run(
        "INSERT INTO tax_revision (is_only, number, changed_at) VALUES (TRUE, 1, %s)"
        " ON CONFLICT (is_only) DO UPDATE SET number = tax_revision.number + 1,"
        " changed_at = excluded.changed_at",
        [tx.now],
    )
