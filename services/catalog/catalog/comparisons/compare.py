"""Attributes of products side by side."""

from collections.abc import Mapping, Sequence

from catalog.attributes.model import AttributeDefinition, AttributeKind
from catalog.attributes.wire import KINDS
from catalog.channels.model import localized
from catalog.search.tuning import Wording
from sojourn.catalog.v1 import attributes_pb2 as pb


def comparison_rows(
    attributes: Sequence[Mapping[str, str]],
    definitions: Mapping[str, AttributeDefinition],
    wording: Wording,
    locale: str,
) -> list[pb.ComparisonRow]:
    """Returns a row for each attribute that one of the products has, as stored and as shown.

    Defined attributes come in their order, others follow by name. Definitions that are not compared
    are left out.
    """
    names = {name for each in attributes for name, text in each.items() if text}

    def place(name: str) -> tuple[bool, int, str]:
        definition = definitions.get(name)
        return definition is None, definition.position if definition else 0, name

    return [
        _row(name, attributes, definitions.get(name), wording, locale)
        for name in sorted(names, key=place)
        if name not in definitions or definitions[name].is_compared
    ]


def _row(
    name: str,
    attributes: Sequence[Mapping[str, str]],
    definition: AttributeDefinition | None,
    wording: Wording,
    locale: str,
) -> pb.ComparisonRow:
    values = [each.get(name, "") for each in attributes]
    label = localized(definition.label, locale, locale) if definition else ""
    return pb.ComparisonRow(
        name=name,
        label=label or wording.label(name),
        kind=KINDS.encode(definition.kind if definition else AttributeKind.TEXT),
        unit=definition.unit if definition else "",
        values=values,
        shown=[_shown(name, value, definition, wording) for value in values],
        differs=len(set(values)) > 1,
    )


def _shown(name: str, value: str, definition: AttributeDefinition | None, wording: Wording) -> str:
    text = wording.value(name, value)
    return f"{text} {definition.unit}" if value and definition and definition.unit else text
