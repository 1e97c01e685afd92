"""The admin port: /livez, /readyz and /metrics, served by a thread.

A thread tells the truth about a stalled event loop.
"""

import json
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any, Final
from urllib.parse import parse_qs
from wsgiref.simple_server import WSGIRequestHandler, make_server

from prometheus_client import make_wsgi_app
from prometheus_client.exposition import ThreadingWSGIServer

_STALLED_SECONDS: Final = 15.0


class Health:
    """Health of the process.

    Readiness checks no shared dependency: all replicas would leave at once.
    """

    def __init__(self) -> None:
        self.is_ready = False
        self.is_draining = False
        self.dependencies: dict[str, bool] = {}
        self._beat_at = time.monotonic()

    def beat(self) -> None:
        """Called by the event loop, each second."""
        self._beat_at = time.monotonic()

    @property
    def is_alive(self) -> bool:
        return time.monotonic() - self._beat_at < _STALLED_SECONDS

    def report(self) -> dict[str, Any]:
        return {
            "ready": self.is_ready and not self.is_draining,
            "draining": self.is_draining,
            "dependencies": self.dependencies,
        }


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Probes each few seconds are no news."""


def serve(health: Health, host: str, port: int) -> Callable[[], None]:
    """Serves the admin port from a daemon thread.

    Returns what stops it. Raises OSError if the port is taken.
    """
    metrics = make_wsgi_app()

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        match environ["PATH_INFO"]:
            case "/metrics":
                return metrics(environ, start_response)  # type: ignore[no-any-return]
            case "/livez":
                return _reply(start_response, health.is_alive, {"alive": health.is_alive})
            case "/readyz":
                report = health.report()
                verbose = "verbose" in parse_qs(
                    environ.get("QUERY_STRING", ""), keep_blank_values=True
                )
                return _reply(
                    start_response,
                    report["ready"],
                    report if verbose else {"ready": report["ready"]},
                )
        start_response("404 Not Found", [("Content-Type", "text/plain")])
        return [b"/livez /readyz /readyz?verbose /metrics\n"]

    server = make_server(host, port, answer, ThreadingWSGIServer, handler_class=_Quiet)
    thread = threading.Thread(target=server.serve_forever, name="admin", daemon=True)
    thread.start()

    def stop() -> None:
        server.shutdown()
        server.server_close()

    return stop


def _reply(start_response: Callable[..., Any], good: bool, body: dict[str, Any]) -> Iterable[bytes]:
    start_response(
        "200 OK" if good else "503 Service Unavailable", [("Content-Type", "application/json")]
    )
    return [json.dumps(body).encode() + b"\n"]
