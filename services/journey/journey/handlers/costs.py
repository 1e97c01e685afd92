"""Events of the catalogue: what goods cost the merchant."""

from uuid import UUID

from google.protobuf.message import Message

from chassis.data.tx import Tx
from chassis.events.consumer import Envelope, EventHandler
from journey.costs.model import Cost, store_cost
from sojourn.catalog.v1 import events_pb2 as catalog


class CostHandlers:
    """Handlers of the catalogue's events."""

    async def on_cost_changed(
        self, tx: Tx, event: catalog.VariantCostChanged, envelope: Envelope
    ) -> None:
        """Keeps a cost for the margins of later orders."""
        is_known = event.HasField("unit_cost")
        await store_cost(
            tx,
            Cost(
                variant_id=UUID(event.variant_id),
                amount_minor=event.unit_cost.amount_minor if is_known else None,
                currency=event.unit_cost.currency,
                told_at=envelope.occurred_at,
            ),
        )

    @property
    def events(self) -> dict[type[Message], EventHandler]:
        """Handlers by event."""
        return {catalog.VariantCostChanged: self.on_cost_changed}
