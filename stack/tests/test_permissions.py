"""Permissions of each user of the broker, asked of a real server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from importlib import import_module
from pathlib import Path

import nats
import nats.errors
import pytest
from nats.aio.client import Client
from nats.js.api import ConsumerConfig

from chassis.events.broker import (
    EVENTS,
    SYNTHETIC,
    create_dead_letters,
    create_streams,
    inbox_prefix_of,
)
from chassis.events.subscription import Durable
from chassis.runtime.clock import BUCKET, Clock, real_now
from chassis.testing import eventually
from stack.embedded.nats import Nats
from stack.permissions import MIGRATE, durables_of, of_all
from stack.ports import free_port
from stack.shoppers.virtual_time import advance
from stack.topology import COMPONENTS

pytestmark = pytest.mark.xdist_group("stack-permissions")
CART_EVENT = "events.sojourn.cart.v1.CartAbandoned"
ORDER_EVENT = "events.sojourn.checkout.v1.OrderPlaced"


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nats]:
    home: Path = tmp_path_factory.mktemp("permissions")
    users = of_all(COMPONENTS, is_virtual=True)
    server = Nats(home, free_port(), monitor_port=free_port(), users=users)
    try:
        server.start()
        yield server
    finally:
        server.purge()


class User:
    """A connection of one user, and what the server refused it."""

    def __init__(self, client: Client) -> None:
        self.client, self.refused = client, list[str]()
        self.jetstream = client.jetstream(timeout=0.5)


async def user(broker: Nats, name: str) -> User:
    client = Client()
    made = User(client)

    async def record(error: Exception) -> None:
        made.refused.append(str(error))

    await client.connect(
        broker.url(name), error_cb=record, inbox_prefix=inbox_prefix_of(name), allow_reconnect=False
    )
    return made


@pytest.fixture
async def migrate(broker: Nats) -> AsyncIterator[User]:
    """The user that makes everything, after it has."""
    found = await user(broker, MIGRATE)
    await create_streams(found.jetstream)
    for component in COMPONENTS:
        if component.database:
            await create_dead_letters(found.jetstream, component.name)
        for stream, durable in durables_of(component):
            await Durable(
                stream,
                ConsumerConfig(durable_name=durable, filter_subjects=list(component.consumes[:1])),
            ).create(found.jetstream)
    yield found
    await found.client.close()


@pytest.mark.parametrize(("prefix", "stream"), [("", EVENTS), ("synthetic.", SYNTHETIC)])
async def test_a_service_publishes_its_own_events_and_no_others(
    broker: Nats, migrate: User, prefix: str, stream: str
) -> None:
    cart, order_event = await user(broker, "cart"), f"{prefix}{ORDER_EVENT}"

    stored = await cart.jetstream.publish(f"{prefix}{CART_EVENT}", b"tea")
    with pytest.raises(nats.errors.Error):
        await cart.jetstream.publish(order_event, b"tea")

    assert stored.stream == stream
    assert any(
        "permissions violation" in refusal.lower() and order_event.lower() in refusal.lower()
        for refusal in cart.refused
    )
    await cart.client.close()


async def test_a_service_takes_and_acknowledges_from_its_own_consumer(
    broker: Nats, migrate: User
) -> None:
    checkout, cart = await user(broker, "checkout"), await user(broker, "cart")

    await checkout.jetstream.publish(ORDER_EVENT, b"tea")
    subscription = await cart.jetstream.pull_subscribe_bind("cart", EVENTS)
    (message,) = await subscription.fetch(1, timeout=2)
    await message.ack_sync(timeout=2)

    info = await subscription.consumer_info()
    assert (message.data, info.num_ack_pending, cart.refused) == (b"tea", 0, [])
    for each in (checkout, cart):
        await each.client.close()


@pytest.mark.parametrize("consumer", ["notifications", "journey"])
async def test_a_service_reaches_no_other_service_s_consumer(
    broker: Nats, migrate: User, consumer: str
) -> None:
    cart = await user(broker, "cart")

    with pytest.raises((nats.errors.Error, TimeoutError)):
        await cart.jetstream.consumer_info(EVENTS, consumer)

    await cart.client.close()


async def test_a_service_makes_no_stream_and_no_consumer(broker: Nats, migrate: User) -> None:
    cart = await user(broker, "cart")

    with pytest.raises((nats.errors.Error, TimeoutError)):
        await cart.jetstream.add_stream(name="MINE", subjects=["mine.>"])
    with pytest.raises((nats.errors.Error, TimeoutError)):
        await cart.jetstream.add_consumer(EVENTS, ConsumerConfig(durable_name="cart-2"))

    await cart.client.close()


async def test_a_service_reads_and_deletes_its_own_dead_letters_only(
    broker: Nats, migrate: User
) -> None:
    cart, journey = await user(broker, "cart"), await user(broker, "journey")

    buried = await cart.jetstream.publish("dead_letters.cart", b"tea")
    with pytest.raises((nats.errors.Error, TimeoutError)):
        await journey.jetstream.get_msg(
            "DEAD_cart", buried.seq, subject="dead_letters.cart", next=True
        )

    found = await cart.jetstream.get_msg(
        "DEAD_cart", buried.seq, subject="dead_letters.cart", next=True
    )
    assert found.data == b"tea"
    assert await cart.jetstream.delete_msg("DEAD_cart", buried.seq)
    for each in (cart, journey):
        await each.client.close()


async def test_replies_to_one_user_are_heard_by_no_other(broker: Nats) -> None:
    journey = await user(broker, "journey")

    await journey.client.subscribe("_INBOX_cart.>")

    await eventually(lambda: any("subscription" in refusal.lower() for refusal in journey.refused))
    await journey.client.close()


async def test_the_gateway_hears_the_catalogue_s_changes_and_no_orders(broker: Nats) -> None:
    gateway = await user(broker, "gateway")

    await gateway.client.subscribe("events.sojourn.catalog.v1.*")
    await gateway.client.flush()
    assert gateway.refused == []
    await gateway.client.subscribe("events.sojourn.checkout.v1.*")

    await eventually(lambda: gateway.refused)
    await gateway.client.close()


@pytest.mark.parametrize("name", ["cart", "notifications"])
def test_the_topology_names_what_the_handlers_consume(name: str) -> None:
    module = import_module(f"{name}.handlers")
    events = module.EVENTS if hasattr(module, "EVENTS") else module.Handlers(None).events
    handled = {f"events.{kind.DESCRIPTOR.file.package.rpartition('.')[0]}.>" for kind in events}

    assert handled == {
        subject
        for component in COMPONENTS
        if component.name == name
        for subject in component.consumes
    }


async def test_a_process_follows_the_time_that_a_stack_is_moved_to(broker: Nats) -> None:
    clock, cart = Clock(is_virtual=True), await user(broker, "cart")
    operator = await nats.connect(broker.url())
    await operator.jetstream().create_key_value(bucket=BUCKET)
    await advance(broker.url(), 3_600)
    following = asyncio.create_task(clock.follow(cart.client, cart.jetstream))

    def is_ahead(hours: int) -> bool:
        return round((clock.now() - real_now()).total_seconds() / 3_600) == hours

    await eventually(lambda: is_ahead(1))
    await advance(broker.url(), 3_600)
    await eventually(lambda: is_ahead(2))

    assert not cart.refused
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)
    await operator.close()
    await cart.client.close()
