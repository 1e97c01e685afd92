"""PromQL for panels: of the dashboard's namespace and interval, summed over replicas."""

from __future__ import annotations


def series(metric: str, where: str = "") -> str:
    """The series of a metric, e.g. `series("orders_total", 'status="placed"')`."""
    return f'{metric}{{namespace=~"$namespace"{"," if where else ""}{where}}}'


def rate(metric: str, where: str = "", *, by: str = "") -> str:
    """Per second."""
    return _aggregated("sum", by, f"rate({series(metric, where)}[$__rate_interval])")


def grown(metric: str, where: str = "", *, by: str = "") -> str:
    """By how much a counter grew over the time shown."""
    return _aggregated("sum", by, f"increase({series(metric, where)}[$__range])")


def highest(metric: str, where: str = "", *, by: str = "") -> str:
    """For gauges that every replica reads alike."""
    return _aggregated("max", by, series(metric, where))


def summed(metric: str, where: str = "", *, by: str = "") -> str:
    """For gauges that each replica has for itself."""
    return _aggregated("sum", by, series(metric, where))


def quantile(share: float, histogram: str, where: str = "", *, by: str = "") -> str:
    """The value below which a share of the observations is."""
    buckets = rate(f"{histogram}_bucket", where, by=f"{by}, le" if by else "le")
    return f"histogram_quantile({share}, {buckets})"


def _aggregated(how: str, by: str, expr: str) -> str:
    return f"{how} by ({by}) ({expr})" if by else f"{how}({expr})"
