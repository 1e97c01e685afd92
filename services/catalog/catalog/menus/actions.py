"""Staff's changes of menus."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

import psycopg

from catalog import events
from catalog.channels.model import LOCALE, Channels
from catalog.errors import InvalidMenu, MenuExists, MenuNotFound
from catalog.menus.model import MOST_DEPTH, Menu, MenuEntry, MenuTarget
from catalog.menus.queries import owners_of_slugs
from catalog.products.plain_text import line_of
from catalog.slugs import is_slug
from chassis.data.audit import record_audit
from chassis.data.tx import Tx
from chassis.rpc.errors import VersionMismatch
from chassis.runtime.clock import uuid7

FIELDS: Final = ("code", "entries")
_OWNED: Final = frozenset({MenuTarget.CATEGORY, MenuTarget.PRODUCT, MenuTarget.PAGE})


async def create_menu(
    tx: Tx,
    channels: Channels,
    *,
    code: str,
    channel: str,
    locale: str,
    entries: Sequence[MenuEntry],
    actor_id: UUID | None = None,
) -> Menu:
    """Creates a menu. Raises UnknownChannel, InvalidMenu, MenuExists."""
    if not code:
        raise InvalidMenu("must not be empty", path="menu.code")
    if locale and not LOCALE.fullmatch(locale):
        raise InvalidMenu("is not a BCP 47 language tag", path="menu.locale")
    of_channel = channels.channel(channel).code
    menu = Menu(
        id=uuid7(),
        channel=of_channel,
        code=code,
        locale=locale,
        entries=await _resolved(tx, of_channel, entries),
        updated_at=tx.now,
    )
    if not await tx.insert_new(menu):
        raise MenuExists(code=code, channel=of_channel, locale=locale)
    await _tell(tx, menu, "create_menu", None, _told(menu), actor_id)
    return menu


async def update_menu(
    tx: Tx,
    menu_id: UUID,
    values: Mapping[str, Any],
    *,
    expected_version: int = 0,
    actor_id: UUID | None = None,
) -> Menu:
    """Changes fields of a menu; what is the same keeps its version.

    Raises MenuNotFound, InvalidMenu, MenuExists, VersionMismatch.
    """
    before = await _lock(tx, menu_id, expected_version)
    changed: dict[str, Any] = {}
    if "code" in values:
        if not values["code"]:
            raise InvalidMenu("must not be empty", path="menu.code")
        changed["code"] = values["code"]
    if "entries" in values:
        changed["entries"] = await _resolved(tx, before.channel, values["entries"])
    after = before.copy_row(**changed)
    if after == before:
        return before
    after.updated_at = tx.now
    try:
        await tx.update(after)
    except psycopg.errors.UniqueViolation:
        raise MenuExists(code=after.code, channel=after.channel, locale=after.locale) from None
    await _tell(tx, after, "update_menu", _told(before), _told(after), actor_id)
    return after


async def delete_menu(
    tx: Tx, menu_id: UUID, *, expected_version: int = 0, actor_id: UUID | None = None
) -> None:
    """Deletes a menu. Raises MenuNotFound, VersionMismatch."""
    menu = await _lock(tx, menu_id, expected_version)
    await tx.delete(menu)
    told = _told(menu)
    menu.version = 0
    await _tell(tx, menu, "delete_menu", told, None, actor_id)


async def _tell(
    tx: Tx,
    menu: Menu,
    action: str,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
    actor_id: UUID | None,
) -> None:
    event = events.menu_changed(menu.id, menu.code, menu.channel, menu.version)
    await tx.emit(event, key=menu.id)
    record_audit(tx, actor_id, action, f"menu:{menu.id}", before=before, after=after)


async def _lock(tx: Tx, menu_id: UUID, expected_version: int) -> Menu:
    menu = await tx.lock(Menu, menu_id)
    if menu is None:
        raise MenuNotFound(id=menu_id)
    if expected_version not in (0, menu.version):
        raise VersionMismatch("the menu changed meanwhile", version=menu.version)
    return menu


async def _resolved(tx: Tx, channel: str, entries: Sequence[MenuEntry]) -> list[MenuEntry]:
    """Returns entries with the ids of what they lead to. Raises InvalidMenu with the place."""
    slugs: dict[MenuTarget, list[str]] = {}
    depth = -1
    for number, entry in enumerate(entries):
        _require_valid(entry, depth, f"menu.entries[{number}]")
        depth = entry.depth
        if entry.target in _OWNED:
            slugs.setdefault(entry.target, []).append(entry.value)
    owners = await owners_of_slugs(tx, channel, slugs)
    found: list[MenuEntry] = []
    for number, entry in enumerate(entries):
        label = {key: line_of(text) for key, text in sorted(entry.label.items()) if line_of(text)}
        owner_id = owners.get((entry.target, entry.value))
        if entry.target in _OWNED and owner_id is None:
            raise InvalidMenu(
                f"no {entry.target.value} has this slug", path=f"menu.entries[{number}].value"
            )
        found.append(replace(entry, label=label, owner_id=owner_id))
    return found


def _require_valid(entry: MenuEntry, depth_before: int, path: str) -> None:
    if not 0 <= entry.depth <= min(depth_before + 1, MOST_DEPTH):
        raise InvalidMenu("is at most one level below the entry before it", path=f"{path}.depth")
    for locale in entry.label:
        if not LOCALE.fullmatch(locale):
            raise InvalidMenu("is not a BCP 47 language tag", path=f"{path}.label[{locale[:20]!r}]")
    match entry.target:
        case MenuTarget.HEADING:
            if entry.value:
                raise InvalidMenu("a heading leads nowhere: say its target", path=f"{path}.target")
        case MenuTarget.URL:
            if not entry.value.startswith(("/", "https://", "http://", "mailto:", "tel:")):
                raise InvalidMenu("is an address or a root-relative path", path=f"{path}.value")
        case MenuTarget.CATEGORY | MenuTarget.PRODUCT | MenuTarget.PAGE:
            if not is_slug(entry.value):
                raise InvalidMenu("is a slug", path=f"{path}.value")
    if entry.target in (MenuTarget.HEADING, MenuTarget.URL) and not any(
        line_of(text) for text in entry.label.values()
    ):
        raise InvalidMenu("a heading and a URL have a label", path=f"{path}.label")


def _told(menu: Menu) -> dict[str, Any]:
    return {
        "code": menu.code,
        "channel": menu.channel,
        "locale": menu.locale,
        "entries": len(menu.entries),
        "version": menu.version,
    }
