"""The gateway's process."""

import asyncio
import contextlib
from functools import partial
from typing import Final

import uvicorn

from chassis.runtime.cli import main
from chassis.runtime.service import Service
from gateway.admission import Admission
from gateway.app import create_app, drop_expired
from gateway.http.connections import Connections, raise_descriptor_limit
from gateway.http.fleet_counts import FleetCounts
from gateway.peers import Backend, Peers
from gateway.settings import GatewaySettings
from gateway.touchpoints.buffer import Touchpoints

_LAST_WORDS_SECONDS: Final = 0.25


def build(settings: GatewaySettings) -> Service:
    """The composition root."""
    service = Service("gateway", settings)
    peers = Peers(
        catalog=Backend(
            service.peer("catalog", settings.catalog_target), Admission("catalog", settings)
        ),
        cart=Backend(service.peer("cart", settings.cart_target), Admission("cart", settings)),
        checkout=Backend(
            service.peer("checkout", settings.checkout_target), Admission("checkout", settings)
        ),
        identity=Backend(service.identity, Admission("identity", settings)),
        journey=Backend(
            service.peer("journey", settings.journey_target), Admission("journey", settings)
        ),
        notifications=Backend(
            service.peer("notifications", settings.notifications_target),
            Admission("notifications", settings),
        ),
    )
    touchpoints = Touchpoints(service.broker, service.clock, most=settings.touchpoint_buffer)
    app, edge = create_app(settings, peers, service.verifier, touchpoints)
    raise_descriptor_limit()
    config = uvicorn.Config(
        edge,
        host=settings.host,
        port=settings.http_port,
        loop="none",
        http=Connections(settings).protocol(),
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=int(settings.stop_seconds),
    )
    server = uvicorn.Server(config)
    # The process has one owner of its signals, and it is not uvicorn.
    server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign,assignment]

    async def started() -> None:
        while not server.started:
            await asyncio.sleep(0.01)

    served = asyncio.Event()

    async def stop() -> None:
        # Nobody new; and who is connected and has not said anything yet gets the time to: uvicorn
        # closes such connections at once.
        for listener in server.servers:
            listener.close()
        await asyncio.sleep(_LAST_WORDS_SECONDS)
        # Ends when the last connection was answered and closed: only then may the peers'
        # connections go.
        server.should_exit = True
        await served.wait()
        await touchpoints.flush()

    async def serve() -> None:
        await server.serve()
        served.set()
        # Ending is this process's to decide: the rest of it goes on draining.
        await asyncio.Event().wait()

    async def follow_draining() -> None:
        while True:
            edge.is_draining = service.health.is_draining
            await asyncio.sleep(0.1)

    service.beside_serving(serve)
    service.beside_serving(follow_draining)
    service.beside_serving(touchpoints.run)
    service.beside_serving(partial(drop_expired, app))
    service.before_ready(started)
    service.on_stop(stop)
    service.in_background(lambda: app.state.cache.follow(service.broker))
    service.in_background(FleetCounts(service.broker, edge.limits).run)
    return service


if __name__ == "__main__":
    main("gateway", GatewaySettings, build)
