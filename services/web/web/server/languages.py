"""Languages that a browser asks for."""

from collections.abc import Sequence
from typing import Final

from starlette.requests import Request

_MOST_RANGES: Final = 20


def preferred_language(request: Request, codes: Sequence[str]) -> str:
    """Returns the first language of `Accept-Language` that is one of the codes; else the first."""
    ranges = []
    header = request.headers.get("accept-language", "")
    for order, part in enumerate(header.split(",")[:_MOST_RANGES]):
        tag, _, parameters = part.strip().partition(";")
        code = tag.strip().lower().partition("-")[0]
        weight = _weight_of(parameters)
        if code in codes and weight > 0:
            ranges.append((-weight, order, code))
    return min(ranges)[2] if ranges else codes[0]


def _weight_of(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return min(1.0, max(0.0, float(value)))
    except ValueError:
        return 0.0
