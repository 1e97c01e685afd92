"""Changes of delivery settings by staff."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from chassis.data.tx import Tx
from checkout.delivery import events, queries
from checkout.delivery.model import (
    MOST_SETTINGS,
    DeliveryCalendar,
    DeliveryCarrier,
    DeliveryMethod,
    DeliveryRate,
    DeliveryZone,
)
from checkout.delivery.queries import S, Setting
from checkout.delivery.seeds import seeded_methods, seeded_rates, seeded_zones
from checkout.errors.delivery import (
    DeliveryRateExists,
    DeliverySettingInUse,
    InvalidDeliverySetting,
)
from checkout.merchant_settings.actions import (
    Imported,
    Subject,
    delete_setting,
    require_version,
    store_setting,
)

_KINDS: Final[dict[type[Setting], str]] = {
    DeliveryZone: "delivery_zone",
    DeliveryCalendar: "delivery_calendar",
    DeliveryCarrier: "delivery_carrier",
    DeliveryMethod: "delivery_method",
    DeliveryRate: "delivery_rate",
}


@dataclass(frozen=True, slots=True)
class Drafts:
    """Settings to keep, each with its path in the request."""

    zones: Sequence[tuple[str, DeliveryZone]] = ()
    calendars: Sequence[tuple[str, DeliveryCalendar]] = ()
    carriers: Sequence[tuple[str, DeliveryCarrier]] = ()
    methods: Sequence[tuple[str, DeliveryMethod]] = ()
    rates: Sequence[tuple[str, DeliveryRate]] = ()
    settings: list[tuple[str, Setting]] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        for each in (self.zones, self.calendars, self.carriers, self.methods, self.rates):
            self.settings.extend(each)


async def put_delivery_zone(
    tx: Tx, draft: DeliveryZone, *, actor_id: UUID, expected_version: int = 0
) -> DeliveryZone:
    """Creates or replaces a zone by code. A repeat changes nothing.

    An `expected_version` of 0 accepts any. Raises InvalidDeliverySetting, VersionMismatch.
    """
    await _put(tx, Drafts(zones=[("zone", draft)]), actor_id, expected_version)
    return draft


async def put_delivery_calendar(
    tx: Tx, draft: DeliveryCalendar, *, actor_id: UUID, expected_version: int = 0
) -> DeliveryCalendar:
    """Creates or replaces a calendar by code. Raises InvalidDeliverySetting, VersionMismatch."""
    await _put(tx, Drafts(calendars=[("calendar", draft)]), actor_id, expected_version)
    return draft


async def put_delivery_carrier(
    tx: Tx, draft: DeliveryCarrier, *, actor_id: UUID, expected_version: int = 0
) -> DeliveryCarrier:
    """Creates or replaces a carrier by code. Raises InvalidDeliverySetting, VersionMismatch."""
    await _put(tx, Drafts(carriers=[("carrier", draft)]), actor_id, expected_version)
    return draft


async def put_delivery_method(
    tx: Tx, draft: DeliveryMethod, *, actor_id: UUID, expected_version: int = 0
) -> DeliveryMethod:
    """Creates or replaces a method by code. Raises InvalidDeliverySetting, VersionMismatch."""
    await _put(tx, Drafts(methods=[("method", draft)]), actor_id, expected_version)
    return draft


async def put_delivery_rate(
    tx: Tx, draft: DeliveryRate, *, actor_id: UUID, expected_version: int = 0
) -> DeliveryRate:
    """Creates or replaces a rate by code.

    Raises InvalidDeliverySetting, DeliveryRateExists, VersionMismatch.
    """
    await _put(tx, Drafts(rates=[("rate", draft)]), actor_id, expected_version)
    return draft


async def import_delivery(tx: Tx, drafts: Drafts, *, actor_id: UUID) -> Imported:
    """Creates or replaces settings by code, all or none.

    Raises InvalidDeliverySetting, DeliveryRateExists.
    """
    await seed_delivery(tx)
    seen: set[tuple[str, str]] = set()
    for path, draft in drafts.settings:
        key = _KINDS[type(draft)], draft.code
        if key in seen:
            raise InvalidDeliverySetting(path=f"{path}.code", problem="it is there twice")
        seen.add(key)
    return await _keep(tx, drafts, actor_id)


async def delete_delivery_zone(
    tx: Tx, code: str, *, actor_id: UUID, expected_version: int = 0
) -> None:
    """Deletes a zone. Idempotent. Raises VersionMismatch, DeliverySettingInUse."""
    if (zone := await _lock(tx, DeliveryZone, code, expected_version)) is None:
        return
    users = [method.code for method in await queries.find_methods(tx) if method.serves(code)]
    user = users[0] if users else await queries.find_rate_of_zone(tx, code)
    if user is not None:
        raise DeliverySettingInUse(code=user)
    await _delete(tx, zone, actor_id)


async def delete_delivery_calendar(
    tx: Tx, code: str, *, actor_id: UUID, expected_version: int = 0
) -> None:
    """Deletes a calendar. Idempotent. Raises VersionMismatch, DeliverySettingInUse."""
    if (calendar := await _lock(tx, DeliveryCalendar, code, expected_version)) is None:
        return
    for method in await queries.find_methods(tx):
        if method.calendar == code:
            raise DeliverySettingInUse(code=method.code)
    await _delete(tx, calendar, actor_id)


async def delete_delivery_carrier(
    tx: Tx, code: str, *, actor_id: UUID, expected_version: int = 0
) -> None:
    """Deletes a carrier. Idempotent. Raises VersionMismatch, DeliverySettingInUse."""
    if (carrier := await _lock(tx, DeliveryCarrier, code, expected_version)) is None:
        return
    for method in await queries.find_methods(tx):
        if method.carrier_code == code:
            raise DeliverySettingInUse(code=method.code)
    await _delete(tx, carrier, actor_id)


async def delete_delivery_method(
    tx: Tx, code: str, *, actor_id: UUID, expected_version: int = 0
) -> None:
    """Deletes a method with its rates. Idempotent. Raises VersionMismatch."""
    if (method := await _lock(tx, DeliveryMethod, code, expected_version)) is None:
        return
    for rate in await queries.find_rates_of(tx, [code]):
        await _delete(tx, rate, actor_id)
    await _delete(tx, method, actor_id)


async def delete_delivery_rate(
    tx: Tx, code: str, *, actor_id: UUID, expected_version: int = 0
) -> None:
    """Deletes a rate. Idempotent. Raises VersionMismatch."""
    if (rate := await _lock(tx, DeliveryRate, code, expected_version)) is not None:
        await _delete(tx, rate, actor_id)


async def seed_delivery(tx: Tx) -> None:
    """Locks the settings, and stores the seeded ones where nothing was ever stored.

    So staff see what holds, and their first change does not take the others away.
    """
    await queries.GROUP.lock(tx)
    if await queries.GROUP.find_revision(tx) is None:
        await tx.upsert_many(DeliveryZone, seeded_zones(), update=())
        await tx.upsert_many(DeliveryMethod, seeded_methods(), update=())
        await tx.upsert_many(DeliveryRate, list(seeded_rates()), update=())
        await queries.GROUP.revise(tx)


async def _put(tx: Tx, drafts: Drafts, actor_id: UUID, expected_version: int) -> None:
    await seed_delivery(tx)
    ((_, draft),) = drafts.settings
    before = (await queries.lock_settings(tx, type(draft), [draft.code])).get(draft.code)
    require_version(before, expected_version)
    await _keep(tx, drafts, actor_id)


async def _keep(tx: Tx, drafts: Drafts, actor_id: UUID) -> Imported:
    """Writes settings, and holds all together against their rules afterwards."""
    found = Imported()
    for row in _KINDS:
        of_row = [draft for _, draft in drafts.settings if type(draft) is row]
        known = await queries.lock_settings(tx, row, sorted(draft.code for draft in of_row))
        if row is DeliveryRate:
            await _require_apart(tx, drafts.rates)
        for draft in of_row:
            before = known.get(draft.code)
            has_changed = await _store(tx, draft, before, actor_id)
            found.count(before, has_changed=has_changed)
        if of_row and await queries.count_settings(tx, row) > MOST_SETTINGS:
            raise InvalidDeliverySetting(path="", problem=f"at most {MOST_SETTINGS} are kept")
    await _require_references(tx, drafts)
    if found.created or found.updated:
        await queries.GROUP.revise(tx)
    return found


async def _store(tx: Tx, draft: Setting, before: Setting | None, actor_id: UUID) -> bool:
    """Writes a setting; returns whether it changed anything."""
    subject = Subject(_KINDS[type(draft)], draft.code)
    if not await store_setting(tx, subject, draft, before, actor_id=actor_id):
        return False
    changed = events.setting_changed(subject.kind, draft.code, draft.version)
    await tx.emit(changed, key=str(subject))
    return True


async def _lock(tx: Tx, row: type[S], code: str, expected_version: int) -> S | None:
    """Returns the locked setting of a code, None where there is none. Raises VersionMismatch."""
    await seed_delivery(tx)
    found = (await queries.lock_settings(tx, row, [code])).get(code) if code.isprintable() else None
    if found is not None:
        require_version(found, expected_version)
    return found


async def _delete(tx: Tx, setting: Setting, actor_id: UUID) -> None:
    subject = Subject(_KINDS[type(setting)], setting.code)
    await delete_setting(tx, subject, setting, actor_id=actor_id)
    await tx.emit(events.setting_deleted(subject.kind, setting.code), key=str(subject))
    await queries.GROUP.revise(tx)


async def _require_apart(tx: Tx, rates: Sequence[tuple[str, DeliveryRate]]) -> None:
    """Raises DeliveryRateExists where two rates have one key."""
    codes = {rate.code for _, rate in rates}
    stored = await queries.find_rates_of(tx, sorted({rate.method for _, rate in rates}))
    taken = {rate.key: rate.code for rate in stored if rate.code not in codes}
    for path, rate in rates:
        if (other := taken.setdefault(rate.key, rate.code)) != rate.code:
            raise DeliveryRateExists(code=other, path=path)


async def _require_references(tx: Tx, drafts: Drafts) -> None:
    """Raises InvalidDeliverySetting where a setting names another that is not stored."""
    if not drafts.methods and not drafts.rates:
        return
    zones = await queries.find_codes(tx, DeliveryZone)
    calendars = await queries.find_codes(tx, DeliveryCalendar)
    carriers = await queries.find_codes(tx, DeliveryCarrier)
    for path, method in drafts.methods:
        for index, served in enumerate(method.zones):
            if served.zone not in zones:
                raise InvalidDeliverySetting(path=f"{path}.zones[{index}].zone", problem="no zone")
        if method.calendar and method.calendar not in calendars:
            raise InvalidDeliverySetting(path=f"{path}.calendar", problem="no calendar")
        if method.carrier_code and method.carrier_code not in carriers:
            raise InvalidDeliverySetting(path=f"{path}.carrier_code", problem="no carrier")
    methods = {method.code: method for method in await queries.find_methods(tx)}
    for path, rate in drafts.rates:
        if rate.method not in methods:
            raise InvalidDeliverySetting(path=f"{path}.method", problem="no method")
        if methods[rate.method].serves(rate.zone) is None:
            problem = "the method does not serve it"
            raise InvalidDeliverySetting(path=f"{path}.zone", problem=problem)
