"""Sessions: what one person did without a pause of 30 minutes, as Google Analytics 4 has it.

What services tell by events, e.g. a shipment, begins no session and prolongs none: it is of the
session that it falls into, or of none.
"""

from typing import Final

import numpy as np

from journey.store.batch import Batch, Mask, Numbers

PAUSE_MICROSECONDS: Final = 30 * 60 * 1_000_000
NO_SESSION: Final = -1
_EVENT: Final = "event"
COLUMNS: Final = frozenset({"source"})


def sessions_of(batch: Batch) -> Numbers:
    """Returns the number of each touchpoint's session in the batch, or NO_SESSION.

    Numbers rise with the order of touchpoints.
    """
    own = batch.texts["source"].where(lambda source: source != _EVENT)
    if own.all():
        begins = np.zeros(len(batch), dtype=np.bool_)
        begins[batch.starts[:-1]] = True
        begins[1:] |= np.diff(batch.at) > PAUSE_MICROSECONDS
        return _numbers(begins)
    person, found = batch.person, np.full(len(batch), NO_SESSION, dtype=np.int64)
    places = np.flatnonzero(own)
    if not len(places):
        return found
    at, people = batch.at[places], person[places]
    begins = np.ones(len(places), dtype=np.bool_)
    begins[1:] = (people[1:] != people[:-1]) | (np.diff(at) > PAUSE_MICROSECONDS)
    numbers = _numbers(begins)
    found[places] = numbers
    events = np.flatnonzero(~own)
    before = np.searchsorted(places, events) - 1
    follows = before >= 0
    events, before = events[follows], before[follows]
    is_near = (people[before] == person[events]) & (
        batch.at[events] - at[before] <= PAUSE_MICROSECONDS
    )
    found[events[is_near]] = numbers[before[is_near]]
    return found


def _numbers(begins: Mask) -> Numbers:
    """Returns the number of each touchpoint's session from where sessions begin."""
    numbers: Numbers = np.cumsum(begins)
    numbers -= 1
    return numbers
