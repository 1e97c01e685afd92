"""Definitions of attributes as messages, and back."""

from datetime import UTC, datetime
from typing import Final

from catalog.attributes.model import AttributeDefinition, AttributeKind, Choice
from chassis.rpc.wire import EnumCodec, timestamp
from sojourn.catalog.v1 import attributes_pb2 as pb

KINDS: Final = EnumCodec(pb.AttributeKind, AttributeKind)
_NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)


def decode_attribute_definition(message: pb.AttributeDefinition) -> AttributeDefinition:
    return AttributeDefinition(
        name=message.name,
        kind=KINDS.decode(message.kind),
        label={locale: text for locale, text in sorted(message.label.items()) if text},
        unit=message.unit.strip(),
        minimum=message.minimum,
        maximum=message.maximum,
        choices=[
            Choice(each.code, {locale: text for locale, text in sorted(each.label.items()) if text})
            for each in message.choices
        ],
        is_facet=message.is_facet,
        is_compared=message.is_compared,
        position=message.position,
        updated_at=_NEVER,
    )


def encode_attribute_definition(row: AttributeDefinition) -> pb.AttributeDefinition:
    return pb.AttributeDefinition(
        name=row.name,
        kind=KINDS.encode(row.kind),
        label=row.label,
        unit=row.unit,
        minimum=row.minimum,
        maximum=row.maximum,
        choices=[pb.AttributeChoice(code=code, label=label) for code, label in row.choices],
        is_facet=row.is_facet,
        is_compared=row.is_compared,
        position=row.position,
        version=row.version,
        updated_at=timestamp(row.updated_at),
    )
