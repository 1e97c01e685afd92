"""Orders to repeat as values, and what became of their lines as messages."""

from dataclasses import replace
from typing import Final

from cart.reorders.model import OrderedLine, OrderedLines, ReorderedLine, ReorderOutcome
from chassis.money import MOST_MINOR
from chassis.rpc import wire
from chassis.rpc.ids import parse_id
from chassis.rpc.wire import EnumCodec
from sojourn.cart.v1 import reorders_pb2 as pb

_OUTCOMES: Final = EnumCodec(pb.ReorderOutcome, ReorderOutcome)


def ordered_lines_from_proto(order: pb.OrderedLines) -> OrderedLines:
    """Raises InvalidId, AmountTooLarge."""
    return OrderedLines(
        channel=order.channel,
        currency=order.currency,
        locale=order.locale,
        lines=tuple(
            OrderedLine(parse_id(line.id, "order.lines.id"), wire.line_item_of(line.item))
            for line in order.lines
        ),
    )


def reordered_line_to_proto(reordered: ReorderedLine) -> pb.ReorderedLine:
    ordered, now = reordered.ordered.item, reordered.unit_price_minor
    currency = reordered.offer.currency if reordered.offer else ""
    return pb.ReorderedLine(
        order_line_id=str(reordered.ordered.id),
        outcome=_OUTCOMES.encode(reordered.outcome),
        kind=wire.ITEM_KINDS.encode(ordered.kind),
        ordered=wire.quantity(ordered.quantity),
        added=wire.quantity(replace(ordered.quantity, steps=reordered.added)),
        unit_price_then=wire.money(ordered.unit_price.amount_minor, ordered.unit_price.currency),
        unit_price_now=None if now is None else wire.money(min(now, MOST_MINOR), currency),
        price_changed=reordered.has_new_price,
        cart_line_id=str(reordered.line.id) if reordered.line else "",
    )
