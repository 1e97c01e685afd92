from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from journey.imports.rows import Occurrences

EVENTS = st.lists(
    st.tuples(
        st.integers(1, 2).map(lambda number: UUID(int=number)),
        st.integers(0, 1).map(
            lambda hour: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hour)
        ),
        st.sampled_from(["", "page.view", "cart.add"]),
    ),
    max_size=12,
)


@given(st.lists(EVENTS, max_size=3))
def test_events_are_counted_by_person_and_time_and_by_kind(
    parts: list[list[tuple[UUID, datetime, str]]],
) -> None:
    occurrences = Occurrences()
    at_once, equal = Counter[tuple[UUID, datetime]](), Counter[tuple[UUID, datetime, str]]()

    for events in parts:
        expected = []
        for event in events:
            expected.append((at_once[event[:2]], equal[event]))
            at_once[event[:2]] += 1
            equal[event] += 1
        assert occurrences.count(events) == expected
