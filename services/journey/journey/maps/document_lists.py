"""Lists of a map's document. What people drew in it may have any form."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

_NOTHING: Final[Mapping[str, Any]] = {}


def objects(holder: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """Returns the objects of a list of a document; another thing in it is an empty object."""
    found = holder.get(name)
    given: Iterable[Any] = found if isinstance(found, list) else ()
    return [one if isinstance(one, Mapping) else _NOTHING for one in given]


def texts(holder: Mapping[str, Any], name: str) -> list[str]:
    """Returns the texts of a list of a document."""
    found = holder.get(name)
    return [str(one) for one in found] if isinstance(found, list) else []
