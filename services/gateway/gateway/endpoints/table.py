"""All endpoints, by method and path."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from gateway.endpoints.access import PUBLIC, Access, Callers, Policy
from gateway.endpoints.endpoint import STAFF_PREFIX, Endpoint
from gateway.endpoints.path_tree import PathTree

_METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
# Pages for people, beside the API.
PAGES: Final[Mapping[tuple[str, str], Policy]] = {
    ("GET", "/openapi.json"): Policy(PUBLIC, most_bytes=0),
    ("GET", "/docs"): Policy(PUBLIC, most_bytes=0),
    ("GET", "/"): Policy(PUBLIC, most_bytes=0),
}


@dataclass(frozen=True, slots=True)
class Found:
    """The endpoint of a request's path, if there is one, and what is decided on the head."""

    policy: Policy
    endpoint: Endpoint[Any, Any] | None = None
    path_params: dict[str, str] = field(default_factory=dict)


# Paths that no endpoint has: the answer is 404 or 405. What looks like the back office is its own.
_UNKNOWN: Final = Found(Policy(PUBLIC))
_UNKNOWN_STAFF: Final = Found(Policy(Callers(Access.STAFF)))


class EndpointTable:
    """Endpoints by method and path template."""

    def __init__(self, endpoints: Iterable[Endpoint[Any, Any]]) -> None:
        self._rows: dict[tuple[str, str], Endpoint[Any, Any]] = {}
        self._paths: PathTree[Found] = PathTree()
        for endpoint in endpoints:
            key = endpoint.method, endpoint.path
            if key in self._rows:
                raise ValueError(f"two endpoints: {key}")
            self._rows[key] = endpoint
            self._paths.add(*key, Found(endpoint.policy, endpoint))
        for key, policy in PAGES.items():
            self._paths.add(*key, Found(policy))

    def __iter__(self) -> Iterator[Endpoint[Any, Any]]:
        return iter(self._rows.values())

    def __len__(self) -> int:
        return len(self._rows)

    def get(self, method: str, path: str) -> Endpoint[Any, Any] | None:
        """Returns the endpoint of a path template."""
        return self._rows.get((method, path))

    def methods_of(self, path: str) -> list[str]:
        """Returns the methods of the endpoints at a path, none for a path that does not exist."""
        return [method for method in _METHODS if self._paths.find(method, path) is not None]

    def find(self, method: str, path: str) -> Found:
        """Returns what a request's path leads to."""
        if (found := self._paths.find(method, path)) is not None:
            value, texts = found
            if not texts or value.endpoint is None:
                return value
            names = value.endpoint.parameters
            return Found(value.policy, value.endpoint, dict(zip(names, texts, strict=True)))
        # Browsers ask with OPTIONS, without a token, whether they may call.
        is_staff = path.startswith(STAFF_PREFIX) and method != "OPTIONS"
        return _UNKNOWN_STAFF if is_staff else _UNKNOWN
