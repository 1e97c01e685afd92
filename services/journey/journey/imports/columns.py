"""Columns of an import by meaning, checked against those that its file has."""

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from journey.imports.formats import Source
from journey.imports.inputs import UnreadableFile
from journey.imports.model import MOST_COLUMNS_OF_PROPERTIES, ImportOptions
from journey.imports.presets import PRESETS

# Fields of a touchpoint that a column may give, with what `--help` says of them.
FIELDS: Final[Mapping[str, str]] = {
    "person": "id of the visitor in the other tool: a browser, a device, a person",
    "customer": "id of the customer who was signed in, in any spelling",
    "email": "e-mail address; only its keyed digest is kept",
    "event_id": "id of the event: makes a repeat harmless whatever else differs",
    "time": "when it happened",
    "kind": "what was done",
    "session": "id of the session",
    "channel": "channel code",
    "subject": "what it was about: a product, an order number",
    "outcome": "ok, refused or error",
    "reason": "reason of a refusal or an error, such as OUT_OF_STOCK",
    "duration": "how long it took, in milliseconds",
    "device": "desktop, phone, tablet, app, till or call_center",
    "amount": "amount of money of it, in units such as 12.50",
    "currency": "ISO 4217 code of the amount",
    "url": "address of the page; its campaign fields count where no column gives them",
    "referrer": "address or host of the page before",
    "utm_source": "campaign source",
    "utm_medium": "campaign medium",
    "utm_campaign": "campaign",
    "utm_term": "campaign term",
    "utm_content": "campaign content",
    "click_id": "click id of the advertising network",
}
_NEEDED: Final = ("time", "kind")
_PERSONS: Final = ("person", "customer", "email")
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
_NOT_IN_NAME: Final = re.compile(r"[^a-z0-9_]+")
_MOST_NAMED: Final = 30


def resolve_options(options: ImportOptions) -> ImportOptions:
    """Returns the options with those of their preset below them. Raises UnreadableFile."""
    for field in (*options.columns, *options.constants):
        if field not in FIELDS:
            raise UnreadableFile(
                f"{field} is no field{_like(field, FIELDS)}; fields: {', '.join(FIELDS)}"
            )
    if (preset := PRESETS.get(options.preset)) is None:
        return options
    return replace(
        options,
        columns={**preset.columns, **options.columns},
        property_maps=[*preset.property_maps, *options.property_maps],
        constants={**preset.constants, **options.constants},
    )


def require_columns(asked: ImportOptions, options: ImportOptions, source: Source) -> None:
    """Refuses an import whose columns the file has not, before anything is stored.

    `asked` names the columns of the caller; those of a preset may be missing where others are
    there. Raises UnreadableFile.
    """
    has = set(source.columns)
    wanted = [name for names in asked.columns.values() for name in names]
    wanted += [*asked.properties.values(), *asked.property_maps]
    if missing := [name for name in wanted if name not in has]:
        said = "; ".join(f"there is no column {name}{_like(name, has)}" for name in missing)
        rest = "" if source.is_complete else f" in the first {len(source.columns)} names"
        raise UnreadableFile(f"{said}. Columns{rest}: {_listed(source.columns)}")
    for field in _NEEDED:
        if field not in options.constants and not _any(options, field, has):
            raise UnreadableFile(_needed(field, options, source))
    if not any(_any(options, field, has) for field in _PERSONS):
        raise UnreadableFile(_needed("person", options, source))
    if _any(options, "amount", has) and not (
        "currency" in options.constants or _any(options, "currency", has)
    ):
        raise UnreadableFile("an amount needs a currency: give a column, or one for all lines")
    if len(options.properties) > MOST_COLUMNS_OF_PROPERTIES:
        raise UnreadableFile(f"at most {MOST_COLUMNS_OF_PROPERTIES} properties")


def _any(options: ImportOptions, field: str, has: set[str]) -> bool:
    return any(name in has for name in options.columns.get(field, ()))


def _needed(field: str, options: ImportOptions, source: Source) -> str:
    tried = options.columns.get(field, [])
    said = f"no column for {field}"
    if tried:
        said += f": {options.preset} files have {' or '.join(tried)}"
    return f"{said}. Columns: {_listed(source.columns)}"


def _like(name: str, known: Iterable[str]) -> str:
    by_folded = {one.lower(): one for one in known}
    close = difflib.get_close_matches(name.lower(), by_folded, n=2, cutoff=0.5)
    return f" (did you mean {' or '.join(by_folded[one] for one in close)}?)" if close else ""


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(names[:_MOST_NAMED]) + more


@dataclass(frozen=True, slots=True)
class PropertyColumn:
    """A property and the column that it comes from."""

    name: str
    column: str


def property_columns(options: ImportOptions) -> list[PropertyColumn]:
    """Returns the properties that have a column of their own."""
    return [PropertyColumn(name, column) for name, column in options.properties.items()]


def property_name(column: str) -> str:
    """Returns the name of a property after a column; empty for a name without Latin letters."""
    name = _NOT_IN_NAME.sub("_", column.strip().lower()).strip("_")
    if name and not name[0].isalpha():
        name = f"p_{name}"
    return name[:40]


def parse_properties(text: str) -> dict[str, str]:
    """Returns properties by name from `column,name=column`. Raises UnreadableFile."""
    found: dict[str, str] = {}
    for part in filter(None, (one.strip() for one in text.split(","))):
        name, is_named, column = part.partition("=")
        if not is_named:
            name, column = property_name(part), part
        if not _NAME.fullmatch(name):
            raise UnreadableFile(
                f"{part}: a property is named by up to 40 letters a-z, digits and _: "
                "write name=column"
            )
        if name in found:
            raise UnreadableFile(f"two columns for the property {name}: write name=column")
        found[name] = column
    return found
