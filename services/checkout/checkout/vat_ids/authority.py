"""Port to the authorities that know VAT ids.

A package adds one through the entry point group `sojourn.vat_authorities`.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from typing import Final, Protocol

GROUP: Final = "sojourn.vat_authorities"


@dataclass(frozen=True, slots=True)
class VatIdQuestion:
    """A VAT id with its country, and that of the seller who asks, or empty."""

    vat_id: str = field(repr=False)
    requester: str = ""

    @property
    def country(self) -> str:
        """The prefix of the id, e.g. EL for Greece."""
        return self.vat_id[:2]

    @property
    def number(self) -> str:
        """The id without its prefix."""
        return self.vat_id[2:]


@dataclass(frozen=True, slots=True)
class VatIdReply:
    """An authority's answer."""

    is_valid: bool
    consultation_number: str = ""


class VatAuthority(Protocol):
    """An authority that knows which VAT ids are registered."""

    @property
    def name(self) -> str: ...

    @property
    def countries(self) -> Collection[str]:
        """The prefixes of the ids that it knows."""
        ...

    async def ask(self, question: VatIdQuestion) -> VatIdReply:
        """Returns the answer. Raises RemoteUnavailable where there is none now."""
        ...

    async def close(self) -> None: ...


def connect_authorities(names: str, *, timeout_seconds: float) -> tuple[VatAuthority, ...]:
    """Connects the authorities of names that are separated by commas; none for an empty text.

    Raises LookupError for a name that is not installed.
    """
    return tuple(
        _connect(name.strip(), timeout_seconds) for name in names.split(",") if name.strip()
    )


def _connect(name: str, timeout_seconds: float) -> VatAuthority:
    for point in entry_points(group=GROUP, name=name):
        factory: Callable[[float], VatAuthority] = point.load()
        return factory(timeout_seconds)
    raise LookupError(f"no VAT authority {name!r} is installed")
