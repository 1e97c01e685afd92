"""Listings with merchandising rules: parts of a listing after each other, each keyset-paged."""

from collections.abc import Sequence
from enum import IntEnum
from typing import Any, Final, NamedTuple
from uuid import UUID

from catalog.channels.model import View
from catalog.listings import model as listings
from catalog.listings.facets import Filters
from catalog.listings.model import Condition, Entry, Sort
from catalog.merchandising.model import Selector
from catalog.search.selection import Merchandising, tokens_of
from chassis.data.tx import Read
from chassis.rpc.errors import InvalidPageToken


class Part(IntEnum):
    """Parts of a listing in their order."""

    PINNED = 0
    BOOSTED = 1
    PLAIN = 2
    BURIED = 3


class Placed(NamedTuple):
    """A product in a part of a listing."""

    entry: Entry
    part: Part


_EVERYWHERE: Final = Condition("", {})


async def merchandised_entries(
    read: Read,
    view: View,
    merchandising: Merchandising,
    *,
    category_ids: Sequence[UUID] | None,
    sort: Sort,
    filters: Filters,
    after: Sequence[Any] | None,
    size: int,
) -> list[Placed]:
    """Returns the next `size` products after the position (key, id, part).

    Pins, boosts and burials apply to the usual order alone: who sorts by price wants the cheapest.
    A position without a part is one of a listing without rules.
    """
    key, start = _position(after)
    parts = [Part.PLAIN] if sort is not Sort.NEWEST else [part for part in Part if part >= start]
    found: list[Placed] = []
    for part in parts:
        condition = _condition(merchandising, part, is_ordered=sort is Sort.NEWEST)
        if condition is None:
            continue
        wanted = size - len(found)
        pins = merchandising.pinned if part is Part.PINNED else ()
        entries = await listings.entries(
            read,
            view,
            category_ids=category_ids,
            sort=sort,
            filters=filters,
            after=key if part is start and not pins else None,
            size=len(pins) or wanted,
            condition=condition,
        )
        if pins:
            entries = _in_order(entries, pins, key if part is start else None)[:wanted]
        found += [Placed(entry, part) for entry in entries]
        if len(found) == size:
            break
    return found


def position_after(placed: Placed) -> list[Any]:
    """Returns the position that a page token holds to continue after `placed`."""
    return [*listings.position_after(placed.entry), int(placed.part)]


def _position(after: Sequence[Any] | None) -> tuple[Sequence[Any] | None, Part]:
    if after is None:
        return None, Part.PINNED
    if len(after) == 2:
        return after, Part.PLAIN
    try:
        return after[:2], Part(after[2])
    except ValueError as error:
        raise InvalidPageToken from error


def _in_order(
    entries: Sequence[Entry], pins: Sequence[UUID], after: Sequence[Any] | None
) -> list[Entry]:
    by_id = {entry.product_id: entry for entry in entries}
    order = [by_id[pin] for pin in pins if pin in by_id]
    if after is None:
        return order
    at = next((at for at, entry in enumerate(order) if str(entry.product_id) == after[1]), -1)
    return order[at + 1 :]


def _condition(merchandising: Merchandising, part: Part, *, is_ordered: bool) -> Condition | None:
    """The products of a part; None where there is no such part."""
    conditions = [_selects("hidden", merchandising.hidden, negated=True)]
    if is_ordered:
        pinned = [Selector(product_id, "", "") for product_id in merchandising.pinned]
        of_part = {
            Part.PINNED: pinned,
            Part.BOOSTED: merchandising.boosted,
            Part.BURIED: merchandising.buried,
        }
        if part in of_part and not of_part[part]:
            return None
        # What stands in an earlier part, or is buried, is not in a later one.
        others = {
            Part.PINNED: (),
            Part.BOOSTED: (Part.PINNED, Part.BURIED),
            Part.PLAIN: (Part.PINNED, Part.BOOSTED, Part.BURIED),
            Part.BURIED: (Part.PINNED,),
        }
        if part in of_part:
            conditions.append(_selects("own", of_part[part], negated=False))
        conditions += [
            _selects(f"not_{int(other)}", of_part[other], negated=True) for other in others[part]
        ]
    return Condition(
        "".join(each.sql for each in conditions),
        {name: value for each in conditions for name, value in each.values.items()},
    )


def _selects(name: str, selectors: Sequence[Selector], *, negated: bool) -> Condition:
    if not selectors:
        return _EVERYWHERE
    ids, facets = tokens_of(selectors)
    sql = f"(o.product_id = ANY(%({name}_ids)s::uuid[]) OR o.facets && %({name}_facets)s::text[])"
    return Condition(
        f" AND {'NOT ' if negated else ''}{sql}", {f"{name}_ids": ids, f"{name}_facets": facets}
    )
