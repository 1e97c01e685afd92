"""Definitions of attributes, and the rule of their values."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final, NamedTuple

from sqlmodel import col, select

from catalog.products.refusals import refuse
from chassis.data.rows import Field, Row, code, counter, document, states
from chassis.data.statements import one_of, prepare
from chassis.data.tx import Read

MOST_DEFINITIONS: Final = 1_000
_NUMBER: Final = re.compile(r"-?\d{1,15}(\.\d{1,6})?", re.ASCII)
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_SHOWN_CHOICES: Final = 20


class AttributeKind(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    CHOICE = "choice"
    DATE = "date"


class Choice(NamedTuple):
    """A value of an attribute of choices, with its texts by locale; stored as [code, label]."""

    code: str
    label: dict[str, str]


class AttributeDefinition(Row, table=True):
    """The kind, bounds and labels of an attribute. Numbers are decimal texts, in `unit`."""

    __tablename__ = "attribute_definition"
    __table_args__ = (states("kind", AttributeKind),)

    name: str = Field(primary_key=True)
    kind: AttributeKind = code(AttributeKind)
    label: dict[str, str] = document(dict[str, str])
    unit: str
    minimum: str
    maximum: str
    choices: list[Choice] = document(list[Choice])
    is_facet: bool
    is_compared: bool
    position: int
    version: int = counter(default=1)
    updated_at: datetime

    def value_of(self, text: str, *, line: int, field: str) -> str:
        """Returns a value in its one form. Refuses what the definition does not allow."""
        match self.kind:
            case AttributeKind.TEXT:
                return text
            case AttributeKind.NUMBER:
                return self._number(text, line, field)
            case AttributeKind.BOOLEAN:
                if text.lower() not in ("true", "false"):
                    refuse(line, field, "must be true or false")
                return text.lower()
            case AttributeKind.CHOICE:
                codes = [choice.code for choice in self.choices]
                if text not in codes:
                    shown = ", ".join(codes[:_SHOWN_CHOICES])
                    more = ", …" if len(codes) > _SHOWN_CHOICES else ""
                    refuse(line, field, f"must be one of {shown}{more}")
                return text
            case AttributeKind.DATE:
                if not _is_date(text):
                    refuse(line, field, "must be a date such as 2026-05-01")
                return text

    def _number(self, text: str, line: int, field: str) -> str:
        if not _NUMBER.fullmatch(text):
            unit = f" of {self.unit}" if self.unit else ""
            refuse(line, field, f"must be a number{unit} such as 12.5, without its unit")
        number = Decimal(text)
        if self.minimum and number < Decimal(self.minimum):
            refuse(line, field, f"must be at least {self.minimum}")
        if self.maximum and number > Decimal(self.maximum):
            refuse(line, field, f"must be at most {self.maximum}")
        return plain_number(number)


def plain_number(number: Decimal) -> str:
    """Returns a number without zeros that say nothing: equal numbers are one facet value."""
    return f"{number.normalize() + 0:f}"


def _is_date(text: str) -> bool:
    if not _DATE.fullmatch(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


_OF_NAMES: Final = prepare(
    select(AttributeDefinition).where(one_of(AttributeDefinition.name, "names"))
)
_NO_FACETS: Final = prepare(
    select(AttributeDefinition.name).where(~col(AttributeDefinition.is_facet))
)


async def definitions_of(read: Read, names: Iterable[str]) -> dict[str, AttributeDefinition]:
    """Returns the definitions of attributes, by name; of none without a query."""
    asked = sorted({*names})
    if not asked:
        return {}
    return {each.name: each for each in await read.all(_OF_NAMES, names=asked)}


async def hidden_facets(read: Read) -> frozenset[str]:
    """Returns the names of attributes by which no listing can be narrowed."""
    return frozenset(await read.all(_NO_FACETS))


def checked_attributes(
    definitions: Mapping[str, AttributeDefinition], attributes: Mapping[str, str], *, line: int
) -> dict[str, str]:
    """Returns attributes with the values of defined ones in their one form.

    Raises InvalidImport with the line, or InvalidProduct without one, for a value that its
    definition does not allow.
    """
    return {
        name: definitions[name].value_of(text, line=line, field=f"attributes[{name!r}]")
        if text and name in definitions
        else text
        for name, text in attributes.items()
    }
