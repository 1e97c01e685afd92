"""The interface of what keeps touchpoints."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, LiteralString, Protocol

from journey.people.model import Person
from journey.store.batch import Batch
from journey.touchpoints.model import Touchpoint

PROPERTY: Final = "property:"
BUCKETS: Final = 16
# The bucket of a person: the last four bits of their id. Those of a bucket are a sample of all.
BUCKET_OF: Final[LiteralString] = "(get_byte(uuid_send({person}), 15) & 15)"
# Columns that a scan may name, beside properties.
TEXTS: Final = frozenset(
    {
        "kind", "source", "channel", "outcome", "reason", "subject", "session_id", "utm_source",
        "utm_medium", "utm_campaign", "utm_term", "utm_content", "click_id", "referrer_host",
        "device", "currency", "id", "trace_id",
    }
)  # fmt: skip
NUMBERS: Final = frozenset({"duration_ms", "amount_minor"})
# Beyond it a person is none: their journey begins later.
MOST_OF_ONE: Final = 50_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """The columns of a scan and its time: not before `since`, and before `until`.

    `kinds` narrows it to touchpoints of these kinds; empty is all. `within_seconds` tells that the
    scan may end so early: a store then yields small samples first; 0 is no hurry. Raises ValueError
    for a column that does not exist.
    """

    columns: frozenset[str]
    since: datetime | None = None
    until: datetime | None = None
    kinds: frozenset[str] = frozenset()
    within_seconds: float = 0

    def __post_init__(self) -> None:
        unknown = [
            name
            for name in self.columns - TEXTS - NUMBERS
            if not name.startswith(PROPERTY) or name == PROPERTY
        ]
        if unknown:
            raise ValueError(f"no such column: {min(unknown)}")


@dataclass(frozen=True, slots=True)
class StoredTouchpoint:
    """A touchpoint with its properties read."""

    row: Touchpoint
    properties: dict[str, str]

    @classmethod
    def from_columns(cls, columns: dict[str, Any], properties: object) -> "StoredTouchpoint":
        """Returns a touchpoint of its columns.

        A document holds whatever was written: what is no object of properties is none.
        """
        read = properties if isinstance(properties, dict) else {}
        texts = {name: str(value) for name, value in read.items() if value is not None}
        return cls(Touchpoint(**{**columns, "properties": ""}), texts)

    def text(self, name: str) -> str:
        """Returns a column or property as text; empty where there is none."""
        if name.startswith(PROPERTY):
            return self.properties.get(name.removeprefix(PROPERTY), "")
        value = getattr(self.row, name)
        return "" if value is None else str(value)


class TouchpointStore(Protocol):
    """Keeps touchpoints. Every store yields the same touchpoints for the same history."""

    def scan(self, wanted: Wanted) -> AsyncGenerator[Batch, None]:
        """Yields the wanted touchpoints, each person's in one batch.

        It holds a connection: close it with `aclosing`.
        """
        ...


class JourneyStore(TouchpointStore, Protocol):
    """A store that knows people too."""

    async def list_of_person(self, person: Person) -> list[StoredTouchpoint]:
        """Returns all touchpoints of a person in their order: at most the newest MOST_OF_ONE."""
        ...
