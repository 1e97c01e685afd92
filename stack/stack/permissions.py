"""Permissions of the broker's users: their subjects, consumers and inboxes in the topology."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from chassis.events.broker import EVENTS, TOUCHPOINTS, dead_letters_of, inbox_prefix_of
from chassis.runtime.clock import BUCKET
from stack.topology import Component

# The user that makes streams and consumers. What serves can make none.
MIGRATE: Final = "migrate"
Permissions = Mapping[str, Mapping[str, list[str]]]
_MANAGED: Final = (
    "INFO", "STREAM.INFO.*", "STREAM.CREATE.*", "STREAM.UPDATE.*", "CONSUMER.INFO.*.*",
    "CONSUMER.DURABLE.CREATE.*.*",
)  # fmt: skip


def permissions_of(component: Component, *, is_virtual: bool = False) -> Permissions:
    """The server's `permissions` of a component's user.

    With a virtual clock it may follow the clock's bucket too.
    """
    name = component.name
    publish = [
        *component.publishes,
        *(
            f"synthetic.{subject}"
            for subject in component.publishes
            if subject.startswith("events.")
        ),
    ]
    if component.database:
        dead = dead_letters_of(name)
        publish += [f"dead_letters.{name}", f"redrive.{name}.>"]
        publish += [f"$JS.API.STREAM.{call}.{dead}" for call in ("INFO", "MSG.GET", "MSG.DELETE")]
    for stream, durable in durables_of(component):
        publish += [
            f"$JS.API.CONSUMER.INFO.{stream}.{durable}",
            f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{durable}",
            f"$JS.ACK.{stream}.{durable}.>",
        ]
    listens = [f"{inbox_prefix_of(name)}.>", *component.listens]
    if is_virtual:
        listens.append(f"$KV.{BUCKET}.>")
        publish += [
            f"$JS.API.STREAM.INFO.KV_{BUCKET}",
            f"$JS.API.DIRECT.GET.KV_{BUCKET}.>",
            f"$JS.API.STREAM.MSG.GET.KV_{BUCKET}",
        ]
    return _only(publish, listens)


def durables_of(component: Component) -> list[tuple[str, str]]:
    """(stream, consumer) that the component binds to."""
    found = []
    if any(subject.startswith("events.") for subject in component.consumes):
        found.append((EVENTS, component.name))
    for subject in component.consumes:
        kind, _, source = subject.partition(".")
        if kind == "touchpoints":
            found.append((TOUCHPOINTS, f"{component.name}-{source}"))
    return found


def of_migrate() -> Permissions:
    """Returns the permissions of MIGRATE: it manages streams and consumers, without messages."""
    return _only([f"$JS.API.{call}" for call in _MANAGED], [f"{inbox_prefix_of(MIGRATE)}.>"])


def of_all(components: Iterable[Component], *, is_virtual: bool = False) -> dict[str, Permissions]:
    """Permissions by user: every component's that talks to the broker, and MIGRATE's."""
    own = {
        component.name: permissions_of(component, is_virtual=is_virtual)
        for component in components
        if component.broker
    }
    return {**own, MIGRATE: of_migrate()}


def _only(publish: list[str], subscribe: list[str]) -> Permissions:
    return {"publish": {"allow": publish}, "subscribe": {"allow": subscribe}}
