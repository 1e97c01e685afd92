"""All endpoints, by method and path."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from gateway.endpoints.access import PUBLIC, Access, Callers, Policy
from gateway.endpoints.endpoint import STAFF_PREFIX, Endpoint
from gateway.endpoints.path_tree import PathTree

# Paths that no endpoint has: the answer is 404 or 405. What looks like the back office is its own.
_UNKNOWN: Final = Policy(PUBLIC)
_UNKNOWN_STAFF: Final = Policy(Callers(Access.STAFF))
_METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
# Pages for people, beside the API.
PAGES: Final[Mapping[tuple[str, str], Policy]] = {
    ("GET", "/openapi.json"): Policy(PUBLIC, most_bytes=0),
    ("GET", "/docs"): Policy(PUBLIC, most_bytes=0),
    ("GET", "/"): Policy(PUBLIC, most_bytes=0),
}


class EndpointTable:
    """Endpoints by method and path template."""

    def __init__(self, endpoints: Iterable[Endpoint[Any, Any]]) -> None:
        self._rows: dict[tuple[str, str], Endpoint[Any, Any]] = {}
        self._policies: PathTree[Policy] = PathTree()
        self._endpoints: PathTree[Endpoint[Any, Any]] = PathTree()
        for endpoint in endpoints:
            key = endpoint.method, endpoint.path
            if key in self._rows:
                raise ValueError(f"two endpoints: {key}")
            self._rows[key] = endpoint
            self._policies.add(*key, endpoint.policy)
            self._endpoints.add(*key, endpoint)
        for key, policy in PAGES.items():
            self._policies.add(*key, policy)

    def __iter__(self) -> Iterator[Endpoint[Any, Any]]:
        return iter(self._rows.values())

    def __len__(self) -> int:
        return len(self._rows)

    def get(self, method: str, path: str) -> Endpoint[Any, Any] | None:
        """Returns the endpoint of a path template."""
        return self._rows.get((method, path))

    def find(self, method: str, path: str) -> tuple[Endpoint[Any, Any], list[str]] | None:
        """Returns the endpoint of a request's path and the texts of its parameters, or None."""
        return self._endpoints.find(method, path)

    def methods_of(self, path: str) -> list[str]:
        """Returns the methods of the endpoints at a path, none for a path that does not exist."""
        return [method for method in _METHODS if self._policies.find(method, path) is not None]

    def policy_of(self, method: str, path: str) -> Policy:
        """Returns the policy for a request's path."""
        if (found := self._policies.find(method, path)) is not None:
            return found[0]
        # Browsers ask with OPTIONS, without a token, whether they may call.
        is_staff = path.startswith(STAFF_PREFIX) and method != "OPTIONS"
        return _UNKNOWN_STAFF if is_staff else _UNKNOWN
