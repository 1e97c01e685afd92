"""Changes of a resource: names the fields that a body has, as the service's mask wants them."""

from typing import Any

from gateway.endpoints.exchange import Exchange


async def name_changes(exchange: Exchange[Any]) -> None:
    """Fills `update_mask` with the fields of the body.

    null clears a field; an empty map changes nothing.
    """
    body = exchange.body
    if body is None:
        return
    values = body.__dict__
    names = sorted(name for name in body.model_fields_set if values[name] != {})
    exchange.message.update_mask.extend(names)
