"""Menus as messages, and back."""

from collections.abc import Iterable, Mapping
from typing import Any, Final
from uuid import UUID

from catalog.categories.model import CategoryTree
from catalog.channels.model import View, localized
from catalog.errors import InvalidMenu
from catalog.menus.actions import FIELDS
from catalog.menus.model import Menu, MenuEntry, MenuTarget
from catalog.menus.queries import ShownTargets
from catalog.seo.links import Links, slug_in
from catalog.seo.model import SeoKind, SeoSetting
from chassis.rpc.wire import EnumCodec
from sojourn.catalog.v1 import menus_pb2 as pb

_TARGETS: Final = EnumCodec(pb.MenuTarget, MenuTarget, unspecified=MenuTarget.HEADING)


def entries_of(given: Iterable[pb.StaffMenuEntry]) -> list[MenuEntry]:
    return [
        MenuEntry(each.depth, _TARGETS.decode(each.target), each.value, dict(each.label))
        for each in given
    ]


def values_of(request: pb.UpdateMenuRequest) -> dict[str, Any]:
    """Returns the fields that change, by name. Raises InvalidMenu for one that is none."""
    found: dict[str, Any] = {}
    for name in request.update_mask:
        match name:
            case "code":
                found[name] = request.menu.code
            case "entries":
                found[name] = entries_of(request.menu.entries)
            case _:
                raise InvalidMenu(f"a field is one of {', '.join(FIELDS)}", path="update_mask")
    return found


def encode_staff_menu(menu: Menu, slugs: Mapping[UUID, str]) -> pb.StaffMenu:
    return pb.StaffMenu(
        id=str(menu.id),
        code=menu.code,
        channel=menu.channel,
        locale=menu.locale,
        entries=[
            pb.StaffMenuEntry(
                depth=entry.depth,
                target=_TARGETS.encode(entry.target),
                value=slugs.get(entry.owner_id, entry.value) if entry.owner_id else entry.value,
                label=entry.label,
            )
            for entry in menu.entries
        ],
        version=menu.version,
    )


def encode_menu(
    menu: Menu,
    view: View,
    links: Links,
    tree: CategoryTree,
    shown: ShownTargets,
    categories: Mapping[UUID, SeoSetting],
) -> pb.Menu:
    """Returns what shoppers see. An entry whose target is not shown goes with those below it."""
    found = pb.Menu(code=menu.code, locale=view.locale)
    skipped_depth: int | None = None
    for entry in menu.entries:
        if skipped_depth is not None and entry.depth > skipped_depth:
            continue
        skipped_depth = None
        place = _place(entry, view, links, tree, shown, categories)
        if place is None:
            skipped_depth = entry.depth
            continue
        value, name, url = place
        found.entries.add(
            depth=entry.depth,
            target=_TARGETS.encode(entry.target),
            value=value,
            label=localized(entry.label, view.locale, links.channel.locales[0]) or name,
            url=url,
        )
    return found


def _place(
    entry: MenuEntry,
    view: View,
    links: Links,
    tree: CategoryTree,
    shown: ShownTargets,
    categories: Mapping[UUID, SeoSetting],
) -> tuple[str, str, str] | None:
    """Returns slug or URL, name and address of an entry's target; None where it is not shown."""
    fallback = links.channel.locales[0]
    match entry.target:
        case MenuTarget.HEADING:
            return "", "", ""
        case MenuTarget.URL:
            return entry.value, "", links.absolute(entry.value)
        case MenuTarget.PRODUCT:
            product = shown.products.get(entry.owner_id) if entry.owner_id else None
            if product is None:
                return None
            slug, title = product
            return slug, title, links.page(SeoKind.PRODUCT, slug, view.locale)
        case MenuTarget.CATEGORY:
            category = tree.by_id.get(entry.owner_id) if entry.owner_id else None
            if category is None:
                return None
            slug = _slug(categories.get(category.id), view, category.slug)
            name = category.name_in(view.locale, fallback)
            return slug, name, links.page(SeoKind.CATEGORY, slug, view.locale)
        case MenuTarget.PAGE:
            page = shown.pages.get(entry.owner_id) if entry.owner_id else None
            if page is None:
                return None
            slug = _slug(shown.settings.get(page.id), view, page.slug)
            name = localized(page.title, view.locale, fallback)
            return slug, name, links.page(SeoKind.PAGE, slug, view.locale)


def _slug(setting: SeoSetting | None, view: View, usual: str) -> str:
    return slug_in(setting.slugs if setting else {}, view.locale, usual)
