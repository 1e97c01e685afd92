"""Floor of the benchmark: a bare FastAPI endpoint, and one that makes a bare gRPC call.

Both run on the gateway's servers.

`python -m stack.bench.floor grpc PORT` and `python -m stack.bench.floor http PORT GRPC_PORT`.
"""

from __future__ import annotations

import sys
from typing import Any

import grpc
import uvicorn
import uvloop
from fastapi import FastAPI
from starlette.responses import Response

BODY = b'{"status":"ok"}'
METHOD = "/floor.Floor/Call"


def application(grpc_port: int) -> FastAPI:
    """`GET /bare` answers at once, `GET /hop` after one unary call."""
    app = FastAPI(
        openapi_url=None,
        telemetry={"tracing": False, "metrics": False, "logs": False, "operation_spans": False},
    )
    calls: list[Any] = []

    @app.get("/readyz")
    @app.get("/bare")
    async def bare() -> Response:
        return Response(BODY, media_type="application/json")

    @app.get("/hop")
    async def hop() -> Response:
        if not calls:
            calls.append(
                grpc.aio.insecure_channel(f"ipv4:127.0.0.1:{grpc_port}").unary_unary(METHOD)
            )
        return Response(await calls[0](b""), media_type="application/json")

    return app


async def serve_grpc(port: int) -> None:
    """One unary method that answers a constant."""

    async def call(_: bytes, __: Any) -> bytes:
        return BODY

    server = grpc.aio.server()
    handler: Any = grpc.unary_unary_rpc_method_handler(call)
    server.add_generic_rpc_handlers(
        [grpc.method_handlers_generic_handler("floor.Floor", {"Call": handler})]
    )
    server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    await server.wait_for_termination()


async def serve_http(port: int, grpc_port: int) -> None:
    config = uvicorn.Config(
        application(grpc_port),
        host="127.0.0.1",
        port=port,
        loop="none",
        http="httptools",
        ws="none",
        lifespan="off",
        access_log=False,
    )
    await uvicorn.Server(config).serve()


def main(arguments: list[str]) -> None:
    match arguments:
        case ["grpc", port]:
            uvloop.run(serve_grpc(int(port)))
        case ["http", port, grpc_port]:
            uvloop.run(serve_http(int(port), int(grpc_port)))
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
