"""The address of a client behind proxies.

A proxy appends the address that it saw to `X-Forwarded-For`; everything to the left of what a
trusted proxy wrote is the client's own invention. So the entry that counts is the rightmost one
that no trusted proxy has.
"""

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from starlette.types import Scope

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_MOST_HOPS: Final = 10
ANYBODY: Final = "*"


@dataclass(frozen=True)
class TrustedProxies:
    """Trusted proxies: those in some networks, or a fixed number of hops before this process."""

    networks: tuple[Network, ...] = ()
    hops: int = 0
    _known: dict[str, bool] = field(default_factory=dict, compare=False)

    @classmethod
    def parse(cls, text: str) -> "TrustedProxies":
        """Parses CIDRs and addresses separated by commas, or a number of hops; `*` is any one hop.

        Raises ValueError.
        """
        parts = [part.strip() for part in text.split(",") if part.strip()]
        if parts == [ANYBODY]:
            return cls(hops=1)
        if len(parts) == 1 and parts[0].isdigit():
            if not 0 <= int(parts[0]) <= _MOST_HOPS:
                raise ValueError(f"TRUSTED_PROXIES: a number of hops is at most {_MOST_HOPS}")
            return cls(hops=int(parts[0]))
        try:
            return cls(networks=tuple(ipaddress.ip_network(part, strict=False) for part in parts))
        except ValueError as error:
            raise ValueError(
                "TRUSTED_PROXIES: give CIDRs and addresses separated by commas, or one number of "
                "hops"
            ) from error

    def trusts(self, peer: str) -> bool:
        """Returns whether the headers of this peer count."""
        if self.hops:
            return True
        known = self._known.get(peer)
        if known is None:
            if len(self._known) >= 1_000:
                self._known.clear()
            address = _parse(peer)
            known = self._known[peer] = address is not None and self._is_proxy(address)
        return known

    def client_of(self, peer: str, forwarded: Sequence[str]) -> str:
        """Returns the client's address. `forwarded` are the values of X-Forwarded-For, in order."""
        if not forwarded or not self.trusts(peer):
            return peer
        entries = [entry.strip() for value in forwarded for entry in value.split(",")]
        if self.hops:
            # The last hop is the peer; each hop before it wrote one entry.
            address = _parse(entries[-self.hops]) if len(entries) >= self.hops else None
            return str(address) if address is not None else peer
        client = peer
        for entry in reversed(entries):
            address = _parse(entry)
            if address is None:
                return client
            client = str(address)
            if not self._is_proxy(address):
                return client
        return client

    def _is_proxy(self, address: Address) -> bool:
        return any(
            address.version == network.version and address in network for network in self.networks
        )


def _parse(text: str) -> Address | None:
    """Reads an address, with or without a port."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return mapped if mapped is not None else address


@lru_cache(maxsize=4_096)
def counted_address(text: str) -> str:
    """Returns the name under which limits count an address: a /64 for an IPv6 host."""
    address = _parse(text) if len(text) < 64 else None
    if address is None or address.version == 4:
        return str(address) if address is not None else "unknown"
    return str(ipaddress.ip_network((int(address) >> 64 << 64, 64)))


def address_of_client(scope: Scope, headers: Mapping[str, str], proxies: TrustedProxies) -> str:
    """Returns the client's address for limits; takes the scheme of trusted proxies, too."""
    peer = str(scope["client"][0]) if scope.get("client") else "unknown"
    if "x-forwarded-for" not in headers and "x-forwarded-proto" not in headers:
        return counted_address(peer)
    if proxies.trusts(peer) and (
        scheme := headers.get("x-forwarded-proto", "").rpartition(",")[2].strip()
    ) in ("http", "https"):
        scope["scheme"] = scheme
    forwarded = [
        value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-for"
    ]
    return counted_address(proxies.client_of(peer, forwarded))
