"""Reads of the definitions of attributes."""

from typing import Final

from sqlalchemy import bindparam
from sqlmodel import col, select

from catalog.attributes.model import AttributeDefinition
from catalog.errors import AttributeDefinitionNotFound
from chassis.data.statements import prepare
from chassis.data.tx import Read

_PAGE: Final = prepare(
    select(AttributeDefinition)
    .where(col(AttributeDefinition.name) > bindparam("after"))
    .order_by(col(AttributeDefinition.name))
    .limit(bindparam("size"))
)


async def get_attribute_definition(read: Read, name: str) -> AttributeDefinition:
    """One definition. Raises AttributeDefinitionNotFound."""
    found = await read.get(AttributeDefinition, name) if name.isprintable() else None
    if found is None:
        raise AttributeDefinitionNotFound(name=name[:80])
    return found


async def list_attribute_definitions(
    read: Read, *, after: str, size: int
) -> list[AttributeDefinition]:
    """Definitions after a name, in the order of names."""
    return await read.all(_PAGE, after=after, size=size)
