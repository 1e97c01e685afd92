"""Handlers of events and timers: each event is one touchpoint, once, if consent holds."""

from google.protobuf.message import Message

from chassis.events.consumer import EventHandler
from journey.handlers.accounts import AccountHandlers
from journey.handlers.carts import CartHandlers
from journey.handlers.costs import CostHandlers
from journey.handlers.mails import MailHandlers
from journey.handlers.orders import OrderHandlers
from journey.handlers.timers import survey_timers, timers
from journey.settings import Settings

__all__ = ["Handlers", "survey_timers", "timers"]


class Handlers:
    """Handlers of events, in any order."""

    def __init__(self, settings: Settings) -> None:
        self._parts = (
            AccountHandlers(settings),
            CartHandlers(settings),
            OrderHandlers(settings),
            MailHandlers(settings),
            CostHandlers(),
        )

    @property
    def events(self) -> dict[type[Message], EventHandler]:
        """Handlers by event."""
        return {event: handler for part in self._parts for event, handler in part.events.items()}
