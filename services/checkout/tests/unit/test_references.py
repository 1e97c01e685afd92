"""Creditor references of payments, and how they are found in the texts of transfers."""

from __future__ import annotations

from string import ascii_uppercase, digits
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from checkout.payments.references import creditor_reference, references_in


def test_the_check_digits_are_those_of_the_standard() -> None:
    # The usual example, RF18 5390 0754 7034, with the zero that makes it as long as ours.
    assert list(references_in("RF18 0539 0075 4703 4")) == ["RF180539007547034"]
    assert creditor_reference(UUID(int=0)) == "RF04" + "0" * 13


@given(st.uuids(), st.sampled_from([" ", "-", "", "/", "\n"]), st.booleans())
def test_a_reference_is_found_however_it_is_spaced(id: UUID, between: str, is_low: bool) -> None:
    reference = creditor_reference(id)
    parts = between.join(reference[at : at + 4] for at in range(0, len(reference), 4))
    text = f"Order of Ada, {parts.lower() if is_low else parts}, thanks"

    assert reference in list(references_in(text))


@given(st.uuids(), st.integers(4, 16), st.integers(1, 25))
def test_a_mistyped_sign_is_found(id: UUID, at: int, by: int) -> None:
    reference = creditor_reference(id)
    # A digit for a digit, a letter for a letter: one for the other may have the same check digits.
    signs = digits if reference[at] in digits else ascii_uppercase
    sign = signs[(signs.index(reference[at]) + by) % len(signs)]
    mistyped = reference[:at] + sign + reference[at + 1 :]

    assert (mistyped == reference) == (list(references_in(mistyped)) != [])
