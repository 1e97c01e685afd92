"""People who answered, and which of them a filter lets through."""

from collections.abc import Iterable
from typing import Final
from uuid import UUID

import numpy as np

from journey.questions.fold import AT_ONCE
from journey.store.batch import Batch, Mask
from journey.store.ids import Ids, keys_of_bytes


class PeopleAmong:
    """Finds who of some people has a counted touchpoint."""

    columns: Final = frozenset[str]()
    before = AT_ONCE
    reads_later = False

    def __init__(self, people: Iterable[UUID]) -> None:
        self._wanted = set(people)
        self._keys, _ = keys_of_bytes(b"".join(one.bytes for one in self._wanted))
        self._found: set[UUID] = set()

    def add(self, batch: Batch, counted: Mask) -> None:
        places = np.unique(batch.person[counted])
        if isinstance(batch.people, Ids):
            # Two ids seldom share their key: the few that are left are spelled.
            places = places[batch.people.have_keys(self._keys)[places]]
        found = {UUID(batch.people[place]) for place in places.tolist()}
        self._found |= found & self._wanted

    def answer(self) -> set[UUID]:
        """Returns those who were found."""
        return self._found
