"""Words that were looked up in an index, kept until its next commit."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tantivy import Query

_MOST_LOOKED_UP: Final = 4_096


@dataclass(slots=True)
class Looked:
    """A word that was looked up: its query, and whether no product has it or its parts."""

    query: Query
    is_unknown: bool


class LookedUp:
    """Words that were looked up in one commit of an index, in a locale and with some weights.

    Shoppers type few words: looking one up is half of a search (`make relevance` tells its CPU).
    """

    def __init__(self) -> None:
        self._words: dict[tuple[str, bool, bool, int], Looked] = {}
        self.known: dict[str, bool] = {}

    def get(self, key: tuple[str, bool, bool, int], look_up: Callable[[], Looked]) -> Looked:
        """Returns a word, looked up unless it was."""
        if (known := self._words.get(key)) is None:
            if len(self._words) >= _MOST_LOOKED_UP:
                self._words.clear()
                self.known.clear()
            known = self._words[key] = look_up()
        return known
