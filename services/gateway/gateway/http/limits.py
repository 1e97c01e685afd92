"""Limits of requests a minute. `fleet_counts` adds what other replicas counted.

Identities are free, so every request counts against its address, and against its token's subject
besides. A storefront's server calls for many shoppers: it has a limit of its own in place of its
address's.
"""

import base64
import hashlib
import math
import time
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from prometheus_client import Counter
from starlette.requests import Request

from gateway.endpoints.access import Limit
from gateway.http.problems import RateLimited
from gateway.settings import GatewaySettings

rate_limited_total = Counter("rate_limited_total", "requests refused for being too many", ["limit"])
_WINDOW_SECONDS: Final = 60.0
# A request that fails to prove who it is costs as much as ten others.
FAILURE_COST: Final = 10
# Beyond so many counters of one limit, about 3 MiB, further keys share some.
MOST_COUNTERS: Final = 20_000
_SHARED_COUNTERS: Final = 1_024
# From this part of a limit on, other replicas hear of a counter.
_HEAVY_PART: Final = 20
# Limits of what takes a secret: refused once an address has failed too often.
_CREDENTIALS: Final = frozenset({Limit.LOGIN, Limit.API_KEY, Limit.REFRESH})
_LOGINS: Final = frozenset({Limit.LOGIN, Limit.API_KEY})
_WEBHOOKS: Final = "/v1/webhooks/"
# Answers to webhooks that nobody signed, beside 401 and 403. A client that leaves, or is slow, is
# no forger.
_WEBHOOK_FAILURES: Final = frozenset({400, 404, 422})
# A refresh token is 64 bytes in base64 without padding, and begins with its session's id: see
# identity.refresh_tokens.
_REFRESH_TOKEN_LENGTH: Final = 86
_SESSION_ID_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Remaining:
    """State of a limit after a request: its bound, the rest, and seconds to the window's end."""

    most: int
    remaining: int
    reset_seconds: int


class Limits:
    """Counters in fixed windows of a minute, one window for all callers.

    A window begins with a request and starts from zero.
    """

    def __init__(self, settings: GatewaySettings) -> None:
        self._most = {
            "caller": settings.rate_limit_per_minute,
            "storefront": settings.storefront_rate_limit_per_minute,
            "address": settings.most_per_address,
            "failure": settings.most_per_address,
            "login": settings.login_rate_limit_per_minute,
            "address_login": settings.most_logins_per_address,
            "guest_session": settings.most_guest_sessions_per_address,
            "refresh": settings.login_rate_limit_per_minute,
            "code": settings.code_rate_limit_per_minute,
            "address_code": settings.most_codes_per_address,
        }
        for name in self._most:
            rate_limited_total.labels(name)
        self._ends_at = 0.0
        self._counts: dict[str, dict[str, int]] = {name: {} for name in self._most}
        # Of these counts: what other replicas counted, and what they were told.
        self._heard: dict[tuple[str, str], int] = {}
        self._told: dict[tuple[str, str], int] = {}

    @property
    def counters(self) -> int:
        """The number of counters in memory."""
        return sum(map(len, self._counts.values()))

    def allow_page(self, address: str) -> bool:
        """Counts the read of a cached page. Returns whether it may be answered."""
        self._roll()
        return self._add("address", address) and self._add("caller", address)

    def allow_storefront_page(self, storefront: str) -> bool:
        """Counts a storefront's read of a cached page. Returns whether it may be answered."""
        self._roll()
        return self._add("storefront", storefront)

    def count_storefront(self, storefront: str) -> None:
        """Counts a request against a storefront's key. Raises RateLimited."""
        self._hit("storefront", storefront)

    def remaining(self, name: str, key: str) -> Remaining:
        """Returns the state of a limit after a request was counted."""
        most = self._most[name]
        count = self._counts[name].get(key, 0)
        return Remaining(most, max(0, most - count), self._seconds_left())

    def new_counts(self, *, most: int) -> list[tuple[str, str, int]]:
        """Returns name, key and growth of heavy counters since the last call, at most `most`."""
        self._roll()
        found: list[tuple[str, str, int]] = []
        for name, counts in self._counts.items():
            heavy = self._most[name] / _HEAVY_PART
            for key, count in counts.items():
                if count < heavy:
                    continue
                own = count - self._heard.get((name, key), 0)
                if own < heavy or (growth := own - self._told.get((name, key), 0)) <= 0:
                    continue
                self._told[name, key] = own
                found.append((name, key, growth))
                if len(found) == most:
                    return found
        return found

    def add_counts(self, counts: Iterable[tuple[str, str, int]]) -> None:
        """Adds what another replica counted; passes over limits that this one does not know."""
        self._roll()
        for name, key, count in counts:
            if name in self._counts:
                before = self._counts[name].get(key, 0)
                self._add(name, key, count)
                if self._counts[name].get(key, 0) == before + count:
                    self._heard[name, key] = self._heard.get((name, key), 0) + count

    def count_arrival(self, limit: Limit, address: str, *, is_storefront: bool = False) -> None:
        """Counts a request against its address, before its token is looked at.

        The address of a storefront's server has no limit of its own. Raises RateLimited.
        """
        if limit is Limit.WEBHOOK:
            # A payment provider's calls are many and come from few addresses: only its failures are
            # limited.
            self.require_trust(address)
            return
        if not is_storefront:
            self._hit("address", address)
        if limit is Limit.USUAL:
            return
        if limit in _CREDENTIALS:
            self.require_trust(address)
        if limit in _LOGINS:
            self._hit("address_login", address)
        if limit is Limit.API_KEY:
            self._hit("login", address)
        elif limit is Limit.GUEST:
            self._hit("guest_session", address)
        elif limit is Limit.CODE:
            self._hit("address_code", address)

    def count_caller(self, limit: Limit, subject: str) -> None:
        """Counts a request against its token's subject, or the address of who has none.

        Raises RateLimited.
        """
        if limit is not Limit.WEBHOOK:
            self._hit("caller", subject)
        if limit is Limit.CODE:
            self._hit("code", subject)

    def count_login(self, address: str, account: str) -> None:
        """Counts an attempt on one account from one address. Raises RateLimited."""
        digest = hashlib.sha256(account.strip().casefold().encode("utf-8", "replace")).hexdigest()[
            :32
        ]
        self._hit("login", f"{address} {digest}")

    def count_refresh(self, address: str, refresh_token: str) -> None:
        """Counts a refresh of one session from one address.

        Texts that cannot be tokens share a counter. Raises RateLimited.

        The address is part of the key, because anybody may write any session's id into a text.
        """
        self._hit("refresh", f"{address} {_session_of(refresh_token)}")

    def count_failure(self, address: str) -> None:
        """Counts a request that failed to prove who sent it.

        Failures have a budget of their own, so that honest neighbours go on.
        """
        self._roll()
        self._add("failure", address, FAILURE_COST)

    def require_trust(self, address: str) -> None:
        """Raises RateLimited once the address has used up its failures."""
        self._roll()
        if self._counts["failure"].get(address, 0) >= self._most["failure"]:
            self._refuse("failure")

    def _hit(self, name: str, key: str) -> None:
        self._roll()
        if not self._add(name, key):
            self._refuse(name)

    def _refuse(self, name: str) -> None:
        rate_limited_total.labels(name).inc()
        raise RateLimited(
            f"at most {self._most[name]} a minute are allowed; try again when the minute ends",
            limit=name,
            retry_after_seconds=self._seconds_left(),
        )

    def _seconds_left(self) -> int:
        return max(1, math.ceil(self._ends_at - time.monotonic()))

    def _roll(self) -> None:
        now = time.monotonic()
        if now >= self._ends_at:
            self._ends_at, self._counts = now + _WINDOW_SECONDS, {name: {} for name in self._most}
            self._heard, self._told = {}, {}

    def _add(self, name: str, key: str, cost: int = 1) -> bool:
        counts = self._counts[name]
        count = counts.get(key)
        if count is None:
            if len(counts) >= MOST_COUNTERS:
                key = f"shared {zlib.crc32(key.encode()) % _SHARED_COUNTERS}"
            count = counts.get(key, 0)
        count += cost
        counts[key] = count
        return count <= self._most[name]


def _session_of(refresh_token: str) -> str:
    """Returns the session id in a refresh token, equal for all tokens of a session.

    Returns "" for a text that identity never makes.
    """
    if len(refresh_token) != _REFRESH_TOKEN_LENGTH:
        return ""
    try:
        return base64.b64decode(refresh_token + "==", altchars=b"-_", validate=True)[
            :_SESSION_ID_BYTES
        ].hex()
    except ValueError:
        return ""


def limits_of(request: Request) -> Limits:
    """Returns the limits of the application that serves a request."""
    return request.app.state.limits  # type: ignore[no-any-return]


def is_failure(path: str, status: int) -> bool:
    """Returns whether the answer says that the sender failed to prove who it is."""
    return status in (401, 403) or (status in _WEBHOOK_FAILURES and path.startswith(_WEBHOOKS))
