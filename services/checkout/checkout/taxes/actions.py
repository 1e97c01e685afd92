"""Changes of tax rates and settings by staff."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from chassis.data.tx import Tx
from chassis.money import CURRENCIES
from checkout.errors.taxes import InvalidTaxRate, InvalidTaxSettings, TaxRateExists
from checkout.merchant_settings.actions import (
    Imported,
    Subject,
    delete_setting,
    require_version,
    store_setting,
)
from checkout.taxes import queries
from checkout.taxes.model import MOST_RATES, TaxRate, TaxSettings
from checkout.taxes.seeds import seeded_rates

_RATE: Final = "tax_rate"


async def put_tax_rate(
    tx: Tx, draft: TaxRate, *, actor_id: UUID, expected_version: int = 0
) -> TaxRate:
    """Creates or replaces a rate by code. A repeat changes nothing.

    An `expected_version` of 0 accepts any. Raises InvalidTaxRate, TaxRateExists, VersionMismatch.
    """
    await seed_tax_rates(tx)
    before = (await queries.lock_tax_rates(tx, [draft.code])).get(draft.code)
    require_version(before, expected_version)
    await _require_apart(tx, [draft], path="tax_rate")
    if await store_setting(tx, Subject(_RATE, draft.code), draft, before, actor_id=actor_id):
        await queries.GROUP.revise(tx)
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
        has_changed = await store_setting(
            tx, Subject(_RATE, draft.code), draft, before, actor_id=actor_id
        )
        found.count(before, has_changed=has_changed)
    if found.created or found.updated:
        await queries.GROUP.revise(tx)
    return found


async def delete_tax_rate(tx: Tx, code: str, *, actor_id: UUID, expected_version: int = 0) -> None:
    """Deletes a rate. Idempotent. Raises VersionMismatch."""
    await seed_tax_rates(tx)
    before = (await queries.lock_tax_rates(tx, [code])).get(code) if code.isprintable() else None
    if before is None:
        return
    require_version(before, expected_version)
    await delete_setting(tx, Subject(_RATE, code), before, actor_id=actor_id)
    await queries.GROUP.revise(tx)


async def put_tax_settings(
    tx: Tx, draft: TaxSettings, *, actor_id: UUID, expected_version: int = 0
) -> TaxSettings:
    """Sets how a channel's taxes are computed. Raises InvalidTaxSettings, VersionMismatch."""
    await seed_tax_rates(tx)
    before = await queries.find_tax_settings(tx, draft.channel)
    require_version(before, expected_version)
    if not draft.channel.isprintable():
        raise InvalidTaxSettings(path="settings.channel", problem="no channel code")
    if unknown := next((each for each in draft.ioss_limits if each not in CURRENCIES), None):
        path = f"settings.ioss_limits[{unknown}]"
        raise InvalidTaxSettings(path=path, problem="no active ISO 4217 code")
    subject = Subject("tax_settings", draft.channel)
    if await store_setting(tx, subject, draft, before, actor_id=actor_id):
        await queries.GROUP.revise(tx)
    return draft


def require_connected(draft: TaxSettings, providers: Sequence[str]) -> None:
    """Raises InvalidTaxSettings for a tax provider that is not connected."""
    if draft.provider and draft.provider not in providers:
        problem = f"connected tax providers are: {', '.join(providers) or 'none'}"
        raise InvalidTaxSettings(path="settings.provider", problem=problem)


async def seed_tax_rates(tx: Tx) -> None:
    """Locks the rates, and stores the seeded ones where nothing was ever stored.

    So staff see what holds, and their first change does not take the others away.
    """
    await queries.GROUP.lock(tx)
    if await queries.GROUP.find_revision(tx) is None:
        await tx.upsert_many(TaxRate, list(seeded_rates()), update=())
        await queries.GROUP.revise(tx)


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
