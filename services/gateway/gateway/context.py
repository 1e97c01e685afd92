"""Facts of a request that the edge puts into its scope."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from starlette.requests import Request

from chassis import telemetry
from chassis.rpc.auth import Caller

if TYPE_CHECKING:
    from gateway.endpoints.questions import Question
    from gateway.http.page_cache import Key


@dataclass(slots=True)
class Context:
    """Facts of a request: its caller, visitor and address, and what to send to peers.

    `address` is the client's as limits count it. `storefront` is the subject of a storefront's
    token. `is_shared` is true for a catalogue page that belongs to no visitor, which a CDN may
    keep. `results` is how many results a search found. `limit` is the name and key of the limit
    that answers tell of. `facts` are fields that an answer gives its touchpoint.
    """

    caller: Caller
    authorization: str
    visitor_id: str
    channel: str
    visitor_handle: str = ""
    is_new_visitor: bool = False
    address: str = "unknown"
    session_id: str = ""
    consent: str = "unknown"
    recorded_consent: str = ""
    trace_id: str = ""
    reason: str = ""
    question: Question | None = None
    cache_key: Key | None = None
    storefront: str = ""
    is_shared: bool = False
    cache_control: str = "private, max-age=0"
    is_head: bool = False
    limit: tuple[str, str] | None = None
    results: int | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)

    def carried(self) -> dict[str, str]:
        """Returns the facts that travel with the trace."""
        carried = {"visitor": self.visitor_id, "session": self.session_id}
        if self.consent != "unknown":
            carried["consent"] = self.consent
        return carried

    def leave_out_visitor(self) -> None:
        """Keeps the browser of staff out of the journey of the shopper they act for."""
        self.visitor_id = ""
        self.consent = "unknown"
        for name in ("visitor", "session", "consent"):
            telemetry.carry(name, "")


def context_of(request: Request) -> Context:
    return request.scope["sojourn"]  # type: ignore[no-any-return]
