"""Overview: rate, errors, duration, saturation, and whether everything is there."""

from __future__ import annotations

from typing import Final

from stack.watch.dashboards.panels import Lines, Number, Page, Row
from stack.watch.queries import highest, quantile, rate, series, summed

_ERRORS: Final = 'status=~"5.."'


def page() -> Page:
    return Page(
        name="overview",
        title="Overview",
        about="Is the shop well? Rate, errors, duration and "
        "saturation of the gateway and the services.",
        rows=[_now(), _requests(), _calls(), _saturation()],
    )


def _now() -> Row:
    errors = f"{rate('http_requests_total', _ERRORS)} / {rate('http_requests_total')}"
    return Row(
        "Now",
        [
            Number("Requests", "reqps", rate("http_requests_total")),
            Number("Server errors", "percentunit", errors, bad_above=0.001),
            Number(
                "95 % of answers within", "s", quantile(0.95, "http_request_seconds"), bad_above=0.5
            ),
            Number(
                "Replicas down",
                "none",
                f"count({series('up', _jobs())} == 0) or vector(0)",
                bad_above=0,
            ),
            Number(
                "Processes without NATS",
                "none",
                f"count({series('dependency_up', _nats())} == 0) or vector(0)",
                bad_above=0,
            ),
            Number(
                "Alerts firing",
                "none",
                'count(ALERTS{alertstate="firing",area!="",severity!="none"}) or vector(0)',
                bad_above=0,
            ),
        ],
    )


def _requests() -> Row:
    worst = f"topk(8, {rate('http_requests_total', _ERRORS, by='route')})"
    slowest = f"topk(8, {quantile(0.95, 'http_request_seconds', by='route')})"
    quantiles = {
        f"{share:.0%}": quantile(share, "http_request_seconds") for share in (0.5, 0.95, 0.99)
    }
    return Row(
        "Requests at the gateway",
        [
            Lines(
                "Answers by status",
                "reqps",
                {"{{status}}": f"{rate('http_requests_total', by='status')} > 0"},
                stacked=True,
            ),
            Lines("Server errors by route", "reqps", {"{{route}}": worst}),
            Lines("Duration", "s", quantiles),
            Lines("Slowest routes, 95 %", "s", {"{{route}}": slowest}),
            Lines(
                "Refused for being too many",
                "reqps",
                {"{{limit}}": rate("rate_limited_total", by="limit")},
            ),
            Lines(
                "Catalogue cache",
                "ops",
                {"{{outcome}}": rate("catalogue_cache_total", by="outcome")},
            ),
        ],
    )


def _calls() -> Row:
    failing = 'grpc_code!="OK"'
    return Row(
        "Calls between services",
        [
            Lines(
                "Calls by service",
                "reqps",
                {"{{job}}": rate("grpc_server_handled_total", by="job")},
            ),
            Lines(
                "Calls not OK",
                "reqps",
                {
                    "{{job}} {{grpc_code}}": rate(
                        "grpc_server_handled_total", failing, by="job, grpc_code"
                    )
                },
                about="Refusals of the business count here too: FAILED_PRECONDITION, NOT_FOUND.",
            ),
            Lines(
                "Duration, 95 %",
                "s",
                {"{{job}}": quantile(0.95, "grpc_server_handling_seconds", by="job")},
            ),
        ],
    )


def _saturation() -> Row:
    used = summed("database_connections", 'state="used"', by="job")
    pools = f"{used} / {summed('database_connections_limit', by='job')}"
    open_files, most_files = (series(f"process_{name}_fds", _jobs()) for name in ("open", "max"))
    files = f"max by (job) ({open_files} / {most_files})"
    return Row(
        "Saturation",
        [
            Lines(
                "CPU, cores",
                "none",
                {"{{job}}": rate("process_cpu_seconds_total", _jobs(), by="job")},
                stacked=True,
            ),
            Lines(
                "Memory",
                "bytes",
                {"{{job}}": summed("process_resident_memory_bytes", _jobs(), by="job")},
                stacked=True,
            ),
            Lines(
                "Event loop is late by",
                "s",
                {"{{job}}": highest("event_loop_lag_seconds", by="job")},
            ),
            Lines("Database connections in use", "percentunit", {"{{job}}": pools}),
            Lines(
                "Calls waiting for a connection",
                "none",
                {"{{job}}": summed("database_calls_waiting", by="job")},
            ),
            Lines("Open files", "percentunit", {"{{job}}": files}),
            Lines("Replicas that answer", "none", {"{{job}}": summed("up", _jobs(), by="job")}),
            Lines(
                "Dependencies that answer",
                "none",
                {"{{job}} {{dependency}}": f"min by (job, dependency) ({series('dependency_up')})"},
            ),
            Lines(
                "Versions",
                "none",
                {
                    "{{service}} {{version}}": "count by (service, version) "
                    f"({series('sojourn_build_info')})"
                },
                about="Two of one service: a roll-out is under way.",
            ),
        ],
    )


def _jobs() -> str:
    return 'job=~"cart|catalog|checkout|gateway|identity|journey|notifications"'


def _nats() -> str:
    return 'dependency="nats"'
