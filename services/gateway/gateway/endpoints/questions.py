"""Questions to the catalogue with one answer for all, and their cache keys."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final
from urllib.parse import urlencode

from gateway.contracts.query_models import QueryModel
from gateway.endpoints.binding import Binding
from gateway.endpoints.path_tree import PathTree
from gateway.endpoints.query_strings import read_query
from gateway.http.languages import accepted_locales
from gateway.http.page_cache import Cache, Key

# Longer questions, which no client asks, are read each time, so that they fill no memory.
_SHORT: Final = 256


@dataclass(frozen=True, slots=True)
class Question:
    """A question that has the documented shape.

    `text` is its one form: known parameters, normalized and sorted, without the locale. Values
    whose order counts keep it.
    """

    path: Mapping[str, str]
    query: QueryModel
    text: str
    locale: str

    def key(self, cache: Cache, path: str, channel: str, accept_language: str) -> Key:
        """Returns the key under which the answer to anybody without a token may be cached."""
        locales = (self.locale,) if self.locale else accepted_locales(accept_language)
        return cache.key(path, self.text, channel, locales)


class Questions:
    """Finds the questions that requests ask."""

    def __init__(self, bindings: Iterable[Binding[Any]]) -> None:
        self._tree: PathTree[Binding[Any]] = PathTree()
        for binding in bindings:
            self._tree.add(binding.endpoint.method, binding.endpoint.path, binding)
        self._find_short = lru_cache(maxsize=2_048)(self._find)

    def find(self, path: str, query_string: bytes) -> Question | None:
        """Returns the question of a GET, or None for another shape, which its endpoint refuses."""
        if len(path) + len(query_string) <= _SHORT:
            return self._find_short(path, query_string)
        return self._find(path, query_string)

    def _find(self, path: str, query_string: bytes) -> Question | None:
        if (found := self._tree.find("GET", path)) is None:
            return None
        binding, texts = found
        given = dict(zip(binding.paths, texts, strict=True))
        query = read_query(binding.query, query_string)
        if isinstance(query, list) or (values := binding.path_values(given)) is None:
            return None
        ordered = binding.endpoint.query.ordered
        chosen = {
            name: sorted(set(value)) if isinstance(value, list) and name not in ordered else value
            for name, value in query.model_dump(exclude_defaults=True, exclude={"locale"}).items()
        }
        text = urlencode(sorted(chosen.items()), doseq=True) if chosen else ""
        normal = query.model_copy(update={k: v for k, v in chosen.items() if isinstance(v, list)})
        return Question(values, normal, text, getattr(query, "locale", "") or "")
