"""Menus: trees of entries that lead to categories, products, pages and URLs."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import UniqueConstraint, bindparam
from sqlmodel import col, select

from catalog.errors import MenuNotFound
from chassis.data.rows import Field, Row, counter, document
from chassis.data.statements import prepare
from chassis.data.tx import Read

MOST_DEPTH: Final = 4


class MenuTarget(StrEnum):
    """Kinds of places that an entry leads to."""

    HEADING = "heading"
    CATEGORY = "category"
    PRODUCT = "product"
    PAGE = "page"
    URL = "url"


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """An entry; `depth` levels are above it.

    `value` is what staff wrote, a slug or a URL. A category, product or page is known by its
    `owner_id`, so that a new slug needs no new menu. Labels are by language.
    """

    depth: int
    target: MenuTarget
    value: str
    label: dict[str, str]
    owner_id: UUID | None = None


class Menu(Row, table=True):
    """A tree in the order of display: each entry follows its parent.

    `locale` is empty for a menu of all languages.
    """

    __tablename__ = "menu"
    __table_args__ = (UniqueConstraint("channel", "code", "locale"),)

    id: UUID = Field(primary_key=True)
    channel: str
    code: str
    locale: str
    entries: list[MenuEntry] = document(list[MenuEntry])
    version: int = counter(default=1)
    updated_at: datetime

    def owners(self, target: MenuTarget) -> list[UUID]:
        """Returns the ids of the categories, products or pages that entries lead to."""
        return [each.owner_id for each in self.entries if each.target is target and each.owner_id]


_OF_CODE: Final = prepare(
    select(Menu)
    .where(
        col(Menu.channel) == bindparam("channel"),
        col(Menu.code) == bindparam("code"),
        col(Menu.locale).in_([bindparam("locale"), bindparam("language"), ""]),
    )
    .order_by(col(Menu.locale).desc())
)


async def menu_of_code(read: Read, channel: str, code: str, locale: str) -> Menu:
    """Returns the menu of a locale, else of its language, else of all. Raises MenuNotFound."""
    language = locale.split("-")[0]
    values = {"channel": channel, "code": code, "locale": locale, "language": language}
    found: list[Menu] = await read.all(_OF_CODE, **values)
    if not found:
        raise MenuNotFound(code=code)
    # A longer tag comes first, and the empty one last.
    return max(found, key=lambda menu: len(menu.locale))
