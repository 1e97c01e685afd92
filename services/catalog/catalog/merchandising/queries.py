"""Reads of the settings of search."""

from dataclasses import dataclass
from typing import Final, TypeVar

from sqlalchemy import bindparam, func, tuple_
from sqlmodel import col, select

from catalog.attributes.model import hidden_facets
from catalog.merchandising.model import (
    AttributeText,
    MerchandisingRule,
    SearchRedirect,
    SearchTuning,
    SearchWeights,
    SynonymSet,
)
from chassis.data.isolation import Loop, find_readable
from chassis.data.rows import Row, key_of
from chassis.data.statements import prepare
from chassis.data.tx import Read

R = TypeVar("R", bound=Row)
_LOOP: Final = Loop("search_settings")
_VERSION: Final = prepare(select(SearchTuning.version))
_TEXTS: Final = prepare(
    select(AttributeText)
    .where(
        tuple_(col(AttributeText.name), col(AttributeText.locale))
        > tuple_(bindparam("name"), bindparam("locale"))
    )
    .order_by(col(AttributeText.name), col(AttributeText.locale))
    .limit(bindparam("most"))
)


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings at one version. A row that cannot be read is left out, and listed."""

    version: int
    synonym_sets: list[SynonymSet]
    redirects: list[SearchRedirect]
    rules: list[MerchandisingRule]
    texts: list[AttributeText]
    weights: list[SearchWeights]
    hidden_facets: frozenset[str] = frozenset()


async def settings_version(read: Read) -> int:
    """The version of all settings together."""
    return await read.one(_VERSION) or 0


async def all_settings(read: Read) -> Settings:
    """Every setting of every channel, in the order of codes."""
    # The version first: what changes meanwhile is seen at the next look.
    version = await settings_version(read)

    async def readable(row: type[R]) -> list[R]:
        by_key = [col(getattr(row, name)) for name in key_of(row)]
        return await find_readable(read, row, select(row).order_by(*by_key), loop=_LOOP)

    return Settings(
        version,
        await readable(SynonymSet),
        await readable(SearchRedirect),
        await readable(MerchandisingRule),
        await readable(AttributeText),
        await readable(SearchWeights),
        await hidden_facets(read),
    )


async def list_by_code(read: Read, row: type[R], *, after: str, size: int) -> list[R]:
    """Settings of a kind after a code, in the order of codes."""
    code = col(row.code)  # type: ignore[attr-defined]
    return await read.all(select(row).where(code > after).order_by(code).limit(size))


async def list_texts(read: Read, *, after: tuple[str, str], size: int) -> list[AttributeText]:
    """Translations after a name and locale, in their order."""
    return await read.all(_TEXTS, name=after[0], locale=after[1], most=size)


async def count_of(read: Read, row: type[Row]) -> int:
    """Settings of a kind."""
    return await read.one(select(func.count()).select_from(row)) or 0
