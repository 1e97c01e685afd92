"""Rows in memory: what a table's class does beside describing the table."""

import pytest
from ledger_sample import Entry, Kind

from chassis.runtime.clock import real_now, uuid7


def an_entry(**values: object) -> Entry:
    return Entry(
        **{
            "id": uuid7(),
            "kind": Kind.DEBIT,
            "labels": {},
            "amount_minor": 1,
            "at": real_now(),
            **values,
        }
    )  # type: ignore[arg-type]  # a builder


def test_a_row_has_the_defaults_of_its_columns() -> None:
    entry = an_entry()

    assert (entry.note, entry.version) == (None, 1)


def test_a_row_without_a_value_that_it_needs_is_refused() -> None:
    with pytest.raises(TypeError, match="Entry needs amount_minor, at, kind, labels"):
        Entry(id=uuid7())  # type: ignore[call-arg]  # on purpose


def test_a_column_that_does_not_exist_is_refused_when_a_row_is_made_and_when_it_is_set() -> None:
    with pytest.raises(TypeError, match="has no column amount"):
        an_entry(amount=1)
    with pytest.raises(ValueError, match="amount"):
        an_entry().amount = 1  # type: ignore[attr-defined]  # on purpose


def test_a_copy_of_a_row_differs_in_what_it_is_told() -> None:
    entry = an_entry(note="a")

    copy = entry.copy_row(amount_minor=2)

    assert (copy.amount_minor, copy.note, copy.id, entry.amount_minor) == (2, "a", entry.id, 1)
    assert copy != entry
