"""Acts and attempts: one tap is one touchpoint on a map and in every count.

A request that changes something is seen twice: by the gateway, and by the event that its service
commits with the change. The event is the act. The gateway's touchpoint of a request that succeeded
is an attempt, which no map, funnel or count has; that of a refused or failed one is an act, because
no event tells of it. ADR 27 says why.
"""

from typing import Final, LiteralString

# Kinds of requests, and the event that their service publishes if they had an effect.
EVENT_OF_REQUEST: Final[dict[LiteralString, LiteralString]] = {
    "account.consent": "account.consent_changed",
    "account.login": "account.logged_in",
    "account.register": "account.registered",
    "cart.add": "cart.line_added",
    "cart.create": "cart.line_added",
    "cart.reorder": "cart.line_added",
    "cart.restore": "cart.restored",
    "checkout.start": "checkout.started",
    "order.cancel": "order.cancelled",
    "order.cancel_lines": "order.lines_cancelled",
    "order.place": "order.placed",
    "return.cancel": "return.cancelled",
    "return.request": "return.requested",
    "claim.open": "claim.opened",
    "claim.withdraw": "claim.withdrawn",
}
_REQUESTS: Final[LiteralString] = ", ".join(f"'{kind}'" for kind in EVENT_OF_REQUEST)
# Of a touchpoint `t`.
IS_ACT: Final[LiteralString] = (
    f"(t.source <> 'gateway' OR t.outcome <> 'ok' OR t.kind NOT IN ({_REQUESTS}))"
)


def is_act(kind: str, source: str, outcome: str) -> bool:
    """Returns whether a touchpoint is an act, and no attempt at one that an event tells."""
    return source != "gateway" or outcome != "ok" or kind not in EVENT_OF_REQUEST
