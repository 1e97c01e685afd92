"""Staff's changes of the definitions of attributes."""

from collections.abc import Iterable
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func
from sqlmodel import select

from catalog import events
from catalog.attributes.model import MOST_DEFINITIONS, AttributeDefinition, AttributeKind
from catalog.channels.model import LOCALE
from catalog.errors import (
    AttributeDefinitionNotFound,
    InvalidAttributeDefinition,
    TooManyAttributeDefinitions,
)
from catalog.listings.facets import RESERVED_NAMES
from catalog.merchandising.actions import put_attribute_text, raise_settings_version
from catalog.merchandising.model import AttributeText
from catalog.products.plain_text import line_of
from chassis.data.audit import record_audit
from chassis.data.tx import Tx
from chassis.rpc.errors import VersionMismatch


async def put_attribute_definition(
    tx: Tx,
    draft: AttributeDefinition,
    *,
    actor_id: UUID | None = None,
    expected_version: int = 0,
) -> AttributeDefinition:
    """Creates or replaces a definition; its labels become translations of the attribute.

    One that is the same already keeps its version. Raises InvalidAttributeDefinition,
    TooManyAttributeDefinitions, InvalidAttributeText, VersionMismatch.
    """
    _require_sense(draft)
    await raise_settings_version(tx)
    before = await tx.lock(AttributeDefinition, draft.name)
    _require_version(before, expected_version)
    draft.version = before.version if before else 1
    draft.updated_at = before.updated_at if before else tx.now
    if draft == before:
        return draft
    draft.updated_at = tx.now
    if before is None:
        counted = await tx.one(select(func.count()).select_from(AttributeDefinition))
        if (counted or 0) >= MOST_DEFINITIONS:
            raise TooManyAttributeDefinitions(most=MOST_DEFINITIONS)
        await tx.insert(draft)
    else:
        await tx.update(draft)
    await _translate(tx, draft, actor_id)
    await _tell(tx, draft.name, draft.version)
    _record(tx, actor_id, "put_attribute_definition", before, draft)
    return draft


async def delete_attribute_definition(
    tx: Tx, name: str, *, actor_id: UUID | None = None, expected_version: int = 0
) -> None:
    """Deletes a definition; its labels stay as translations.

    Raises AttributeDefinitionNotFound, VersionMismatch.
    """
    await raise_settings_version(tx)
    before = await tx.lock(AttributeDefinition, name) if name.isprintable() else None
    if before is None:
        raise AttributeDefinitionNotFound(name=name[:80])
    _require_version(before, expected_version)
    await tx.delete(before)
    await _tell(tx, name, 0)
    _record(tx, actor_id, "delete_attribute_definition", before, None)


def _require_sense(draft: AttributeDefinition) -> None:
    if draft.name in RESERVED_NAMES or draft.name != line_of(draft.name):
        raise InvalidAttributeDefinition(
            "is one line, and not the name of a facet that every product has", path="name"
        )
    if draft.kind is not AttributeKind.NUMBER and (draft.unit or draft.minimum or draft.maximum):
        path = "unit" if draft.unit else "minimum"
        raise InvalidAttributeDefinition("belongs to a number", path=path)
    if draft.minimum and draft.maximum and Decimal(draft.minimum) > Decimal(draft.maximum):
        raise InvalidAttributeDefinition("is at least the minimum", path="maximum")
    if (draft.kind is AttributeKind.CHOICE) is not bool(draft.choices):
        raise InvalidAttributeDefinition("a choice has them, other kinds do not", path="choices")
    codes = [choice.code for choice in draft.choices]
    for number, choice in enumerate(draft.choices):
        if choice.code in codes[:number] or choice.code != line_of(choice.code):
            raise InvalidAttributeDefinition(
                "is there once, on one line", path=f"choices[{number}].code"
            )
        _require_locales(choice.label, f"choices[{number}].label")
    _require_locales(draft.label, "label")


def _require_locales(texts: Iterable[str], path: str) -> None:
    for locale in texts:
        if not LOCALE.fullmatch(locale):
            raise InvalidAttributeDefinition(
                "is by BCP 47 language tags", path=f"{path}.{locale[:20]}"
            )


async def _translate(tx: Tx, draft: AttributeDefinition, actor_id: UUID | None) -> None:
    """Writes labels where facets and product pages read them, beside other translations."""
    for locale in sorted(
        {*draft.label, *(each for choice in draft.choices for each in choice.label)}
    ):
        there = await tx.get(AttributeText, draft.name, locale)
        label = draft.label.get(locale, "") or (there.label if there else "")
        if draft.unit and label and not label.endswith(f"({draft.unit})"):
            label = f"{label} ({draft.unit})"[:100]
        values = {
            **(there.values if there else {}),
            **{each.code: text for each in draft.choices if (text := each.label.get(locale))},
        }
        translation = AttributeText(
            name=draft.name, locale=locale, label=label, values=values, updated_at=tx.now
        )
        await put_attribute_text(tx, translation, actor_id=actor_id, expected_version=0)


def _require_version(before: AttributeDefinition | None, expected_version: int) -> None:
    version = before.version if before else 0
    if expected_version not in (0, version):
        raise VersionMismatch("the definition changed meanwhile", version=version)


async def _tell(tx: Tx, name: str, version: int) -> None:
    event = events.search_setting_changed("attribute_definition", name, version)
    await tx.emit(event, key=f"attribute_definition/{name}")


def _record(
    tx: Tx,
    actor_id: UUID | None,
    action: str,
    before: AttributeDefinition | None,
    after: AttributeDefinition | None,
) -> None:
    told = after or before
    assert told is not None
    record_audit(
        tx,
        actor_id,
        action,
        f"attribute_definition:{told.name}",
        before=before.model_dump(mode="json") if before else None,
        after=after.model_dump(mode="json") if after else None,
    )
