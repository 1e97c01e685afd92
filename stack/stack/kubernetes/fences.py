"""Connections that policies refuse, and subjects of the broker, tried from inside the pods."""

from __future__ import annotations

from typing import Final

from stack.kubernetes.cluster import CommandFailed
from stack.kubernetes.faults import Report
from stack.kubernetes.installation import Release

# What a policy does not allow is dropped or refused: both count. 0 when the connection was made.
_CONNECT: Final = """
import socket, sys
try:
    socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=float(sys.argv[3])).close()
except OSError as error:
    print("refused", type(error).__name__)
else:
    print("open")
"""
_PUBLISH: Final = """
import asyncio, os, sys, nats
from chassis.events.broker import inbox_prefix_of
async def main():
    refused = []
    async def record(error):
        refused.append(str(error))
    prefix = inbox_prefix_of(os.environ["CLIENT_ID"])
    client = await nats.connect(os.environ["NATS_URL"], error_cb=record, inbox_prefix=prefix)
    try:
        await client.jetstream(timeout=3).publish(sys.argv[1], b"")
        print("stored")
    except Exception:
        await client.flush()
        denied = any("permissions violation" in each.lower() for each in refused)
        print("refused" if denied else "unclear")
    await client.close()
asyncio.run(main())
"""
# (from, to, port): what the topology allows, both ends asked; and what it does not.
OPEN: Final = (
    ("cart", "catalog", 50051),
    ("checkout", "simulator", 8090),
    ("cart", "postgres", 5432),
    ("gateway", "cart", 50051),
)
CLOSED: Final = (
    # catalog may not go out to cart, although gateway may come in there.
    ("catalog", "cart", 50051),
    # gateway may go nowhere near a database, and the simulator near nothing but the gateway.
    ("gateway", "postgres", 5432), ("simulator", "postgres", 5432), ("simulator", "nats", 4222),
    ("cart", "simulator", 8090),
)  # fmt: skip


class Fences:
    """Checks of the policies and permissions of a release."""

    def __init__(self, release: Release, report: Report) -> None:
        self._release, self._report = release, report

    def check(self) -> None:
        """Notes what was open and what was refused, and what should have been otherwise."""
        for source, target, port in OPEN:
            self._expect("open", source, self._host(target), port)
        for source, target, port in CLOSED:
            self._expect("refused", source, self._host(target), port)
        self._expect("refused", "cart", "kubernetes.default.svc.cluster.local", 443)
        self._stranger()
        self._subjects()

    def connects(self, pod: str, host: str, port: int) -> str:
        """open or refused: whether a pod's container gets a connection."""
        return self._release.cluster.kubectl(
            "exec", pod, "--", "python", "-c", _CONNECT, host, str(port), "4"
        ).split()[0]

    def _expect(self, wanted: str, source: str, host: str, port: int) -> None:
        pod = self._release.cluster.pods(source)[0].name
        found = self.connects(pod, host, port)
        self._report.add(f"{source} → {host.split('.')[0]}:{port} is {found}")
        if found != wanted:
            self._report.wrong(f"{source} → {host}:{port} is {found} instead of {wanted}")

    def _stranger(self) -> None:
        """Starts a pod beside the release, with open egress: the ingress policies keep it out."""
        found = self.connects("shoppers", self._host("cart"), 50051)
        self._report.add(f"a stranger → {self._release.name('cart')}:50051 is {found}")
        if found != "refused":
            self._report.wrong("a pod that is not part of the release reaches cart")

    def _subjects(self) -> None:
        pod = self._release.cluster.pods("cart")[0].name
        for subject, wanted in (
            ("events.sojourn.checkout.v1.OrderPlaced", "refused"),
            ("dead_letters.checkout", "refused"),
        ):
            try:
                found = self._release.cluster.kubectl(
                    "exec", pod, "--", "python", "-c", _PUBLISH, subject
                ).split()[0]
            except CommandFailed as error:
                found = str(error)
            self._report.add(f"cart publishing {subject} is {found}")
            if found != wanted:
                self._report.wrong(f"cart publishing {subject} is {found}")

    def _host(self, component: str) -> str:
        return (
            f"{self._release.name(component)}.{self._release.cluster.namespace}.svc.cluster.local"
        )
