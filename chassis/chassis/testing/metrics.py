"""The metrics of the test's process."""

from prometheus_client import REGISTRY


def sample_value(name: str, **labels: str) -> float:
    """Returns the value of a series, or 0 where there is none:

    `sample_value("mails_total", outcome="sent")`.
    """
    return REGISTRY.get_sample_value(name, labels) or 0.0
