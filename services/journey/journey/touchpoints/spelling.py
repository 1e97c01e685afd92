"""Ids and times of many touchpoints, made and spelled in a part of the usual time.

An import makes an id and spells a time for each of its lines; what this saves is a twentieth of it,
as `make bench` measures.
"""

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Any, Final
from uuid import UUID, SafeUUID

# A UUID's own constructor checks six spellings, and its attributes cannot be set.
_members: Final[Any] = UUID.__dict__
_set_number: Final[Callable[[UUID, int], None]] = _members["int"].__set__
_set_safety: Final[Callable[[UUID, SafeUUID], None]] = _members["is_safe"].__set__


def uuid_of(number: int) -> UUID:
    """Returns the UUID of a number from 0 to 2**128 - 1."""
    made = UUID.__new__(UUID)
    _set_number(made, number)
    _set_safety(made, SafeUUID.unknown)
    return made


def spell_id(id: UUID) -> str:
    """Returns the 32 hexadecimal digits of a UUID."""
    return f"{id.int:032x}"


# A time is spelled for the id of its event, and again for its row.
spell_time: Final = lru_cache(maxsize=32_768)(datetime.isoformat)
