from __future__ import annotations

import uuid
from pathlib import Path

import pytest
from nats import connect
from nats.aio.client import Client
from nats.errors import Error, NoServersError

from stack.embedded.nats import Nats
from stack.ports import free_port

# One server for all of the module, not one per worker.
pytestmark = pytest.mark.xdist_group("stack-nats")


async def opened(url: str) -> Client:
    async def ignore(error: Exception) -> None: ...

    return await connect(url, allow_reconnect=False, connect_timeout=5, error_cb=ignore)


async def test_a_service_publishes_to_a_stream(nats: Nats) -> None:
    client = await opened(nats.url("catalog"))
    name = uuid.uuid4().hex

    await client.jetstream().add_stream(name=name, subjects=[f"{name}.>"])
    stored = await client.jetstream().publish(f"{name}.changed", b"tea")

    assert (stored.stream, stored.seq) == (name, 1)
    await client.close()


@pytest.mark.parametrize("credentials", ["", "catalog:wrong@", "nobody:x@"])
async def test_a_stranger_is_refused(nats: Nats, credentials: str) -> None:
    with pytest.raises((Error, NoServersError)):
        await opened(f"nats://{credentials}127.0.0.1:{nats.port}")


async def test_streams_outlive_a_restart(home: Path) -> None:
    server = Nats(home, free_port(), monitor_port=free_port(), users={"catalog": {}})
    try:
        server.start()
        client = await opened(server.url("catalog"))
        await client.jetstream().add_stream(name="EVENTS", subjects=["events.>"])
        await client.jetstream().publish("events.changed", b"tea")
        await client.close()

        server.stop()
        assert not server.is_running()
        server.start()

        client = await opened(server.url())
        kept = await client.jetstream().get_msg("EVENTS", seq=1)
        assert kept.data == b"tea"
        await client.close()
    finally:
        server.purge()


async def test_a_running_server_learns_of_a_new_user(nats: Nats) -> None:
    pid = nats.pid
    joined = Nats(
        nats.home.path,
        nats.port,
        monitor_port=nats.monitor_port,
        users={"catalog": {}, "journey": {}},
    )

    joined.start()

    client = await opened(joined.url("journey"))
    await client.close()
    assert joined.pid == pid
