"""Parts of a line item."""

from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from chassis.line_item import LineItem
from chassis.money import MOST_MINOR, Money
from chassis.testing import an_item


@st.composite
def items_and_cuts(draw: st.DrawFn) -> tuple[LineItem, list[int]]:
    """An item with a discount of at most its subtotal, and the steps that part it."""
    steps, subtotal = (
        draw(st.integers(1, 10**6)),
        draw(st.integers(0, 1_000) | st.integers(0, MOST_MINOR)),
    )
    discount = draw(st.sampled_from([0, -subtotal]) | st.integers(-subtotal, 0))
    item = an_item(
        quantity=steps,
        scale=draw(st.integers(0, 6)),
        price_minor=0,
        subtotal=Money(subtotal, "EUR"),
        discount_minor=discount,
        mass_grams=draw(st.integers(0, 10**9)),
        volume_cm3=draw(st.integers(0, 10**9)),
    )
    cuts = draw(st.lists(st.integers(1, steps), max_size=8, unique=True))
    return item, sorted({0, *cuts, steps})


@given(items_and_cuts())
@example(
    (an_item(quantity=2, price_minor=0, subtotal=Money(1, "EUR"), discount_minor=-1), [0, 1, 2])
)
@example(
    (
        an_item(quantity=4, price_minor=0, subtotal=Money(2, "EUR"), discount_minor=-1),
        [0, 1, 2, 3, 4],
    )
)
def test_parts_that_follow_each_other_sum_up_to_the_whole(case: tuple[LineItem, list[int]]) -> None:
    item, cuts = case

    parts = [item.part(start, end) for start, end in pairwise(cuts)]

    assert sum(part.quantity.steps for part in parts) == item.quantity.steps
    assert sum(part.subtotal.amount_minor for part in parts) == item.subtotal.amount_minor
    assert sum(part.discount.amount_minor for part in parts) == item.discount.amount_minor
    assert sum(part.total.amount_minor for part in parts) == item.total.amount_minor
    assert sum(part.mass_grams for part in parts) == item.mass_grams
    assert sum(part.volume_cm3 for part in parts) == item.volume_cm3


@given(items_and_cuts())
@example(
    (an_item(quantity=2, price_minor=0, subtotal=Money(1, "EUR"), discount_minor=-1), [0, 1, 2])
)
@example(
    (
        an_item(quantity=4, price_minor=0, subtotal=Money(2, "EUR"), discount_minor=-1),
        [0, 1, 2, 3, 4],
    )
)
def test_no_part_costs_or_weighs_less_than_nothing_or_is_dearer_by_its_discount(
    case: tuple[LineItem, list[int]],
) -> None:
    item, cuts = case

    for start, end in pairwise(cuts):
        part = item.part(start, end)
        assert part.discount.amount_minor <= 0 <= part.total.amount_minor
        assert part.subtotal.amount_minor >= 0
        assert part.mass_grams >= 0


@given(items_and_cuts())
def test_a_part_has_its_share_of_each_amount_to_a_minor_unit(
    case: tuple[LineItem, list[int]],
) -> None:
    item, cuts = case
    whole = item.quantity.steps

    for start, end in pairwise(cuts):
        part = item.part(start, end)
        for amount, of_whole in (
            (part.discount.amount_minor, item.discount.amount_minor),
            (part.total.amount_minor, item.total.amount_minor),
            (part.mass_grams, item.mass_grams),
            (part.volume_cm3, item.volume_cm3),
        ):
            assert abs(amount * whole - of_whole * (end - start)) <= whole


@given(st.integers(1, 1_000), st.integers(0, 10**6), st.data())
def test_a_part_of_pieces_is_its_pieces_at_their_price(
    pieces: int, price_minor: int, data: st.DataObject
) -> None:
    discount_minor = data.draw(st.integers(-pieces * price_minor, 0))
    start = data.draw(st.integers(0, pieces - 1))
    end = data.draw(st.integers(start + 1, pieces))

    part = an_item(quantity=pieces, price_minor=price_minor, discount_minor=discount_minor).part(
        start, end
    )

    assert part.subtotal == part.quantity.times(part.unit_price)


@given(items_and_cuts())
def test_the_whole_is_a_part_of_itself(case: tuple[LineItem, list[int]]) -> None:
    item, _ = case

    assert item.part(0, item.quantity.steps) == item


def test_a_part_keeps_what_is_sold() -> None:
    item = an_item(
        quantity=1_250,
        price_minor=19_99,
        discount_minor=-3,
        scale=3,
        increment=250,
        unit_code="KGM",
        mass_grams=1_251,
    )

    part = item.part(250, 750)

    assert (part.variant_id, part.sku, part.title, part.unit_price) == (
        item.variant_id,
        item.sku,
        item.title,
        item.unit_price,
    )
    assert (
        part.quantity.steps,
        part.quantity.scale,
        part.quantity.increment,
        part.quantity.unit_code,
    ) == (500, 3, 250, "KGM")
    assert part.total == part.subtotal + part.discount
