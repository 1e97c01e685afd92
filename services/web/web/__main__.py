"""The composition root: `python -m web serve`."""

import asyncio
import contextlib
from typing import Final

import uvicorn

from chassis.runtime.cli import main
from chassis.runtime.service import Service
from web.app import create_app
from web.gateway_client import GatewayClient
from web.settings import Settings

_LAST_WORDS_SECONDS: Final = 0.25


def build(settings: Settings) -> Service:
    """The service, ready to run."""
    service = Service("web", settings)
    gateway = GatewayClient(
        settings.gateway_url,
        seconds=settings.gateway_seconds,
        max_connections=settings.max_connections_to_gateway,
    )
    edge, app = create_app(settings, gateway)
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.http_port,
        loop="none",
        http="httptools",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        # The application's outer layer does it, with our own list of proxies.
        proxy_headers=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=int(settings.stop_seconds),
        limit_concurrency=settings.max_connections,
    )
    server = uvicorn.Server(config)
    # The process has one owner of its signals, and it is not uvicorn.
    server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign,assignment]
    served = asyncio.Event()

    async def started() -> None:
        while not server.started:
            await asyncio.sleep(0.01)

    async def serve() -> None:
        await server.serve()
        served.set()
        # Ending is this process's to decide: the rest of it goes on draining.
        await asyncio.Event().wait()

    async def follow_draining() -> None:
        while True:
            edge.is_draining = service.health.is_draining
            await asyncio.sleep(0.1)

    async def stop() -> None:
        # New connections are refused; open ones that have sent nothing yet get a moment.
        for listener in server.servers:
            listener.close()
        await asyncio.sleep(_LAST_WORDS_SECONDS)
        server.should_exit = True
        await served.wait()
        await gateway.close()

    service.beside_serving(serve)
    service.beside_serving(follow_draining)
    service.before_ready(started)
    service.on_stop(stop)
    return service


if __name__ == "__main__":
    main("web", Settings, build)
