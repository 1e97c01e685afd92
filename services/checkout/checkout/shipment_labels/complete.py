"""Calls of carriers for labels that staff asked for, and the storing of their answers."""

import hashlib
from typing import Final
from uuid import UUID

from chassis.data import timers
from chassis.data.database import Database
from chassis.data.timers import Timer
from chassis.data.tx import Read, Tx
from chassis.text import printable
from checkout.carriers.integration import CarrierIntegrations, Label, LabelMaker, LabelRequest
from checkout.crashes import crash_point
from checkout.errors.delivery import LabelNotFound, LabelRefused
from checkout.errors.orders import OrderNotFound
from checkout.errors.remote import RemoteUnavailable
from checkout.orders.model import Order
from checkout.orders.queries import load_views
from checkout.orders.store import lock_order, save_order
from checkout.remote.circuit import Circuit, Patience
from checkout.settings import CheckoutSettings
from checkout.shipment_labels.model import COMPLETE_LABEL, LabelFile, LabelStatus, ShipmentLabel
from checkout.shipments.carriers import find_tracking_url
from checkout.shipments.model import Shipment
from checkout.tracking.record import adopt_events

_MOST_BYTES: Final = 2 * 1024 * 1024
_LONGEST_TEXT: Final = 200


class Labels:
    """Completes labels: has carriers make them, or take them back."""

    def __init__(
        self, database: Database, carriers: CarrierIntegrations, settings: CheckoutSettings
    ) -> None:
        self._database, self._carriers, self._settings = database, carriers, settings
        patience = Patience(settings.carrier_timeout_seconds, attempts=1)
        self._circuits = {name: Circuit(name, patience) for name in carriers.by_name}

    async def on_timer(self, timer: Timer) -> None:
        """Completes a label whose process died, or whose carrier did not answer."""
        try:
            await self.complete(UUID(timer.key))
        except LabelRefused:
            return

    async def complete(self, label_id: UUID) -> ShipmentLabel:
        """Asks the carrier for what is pending; returns the label as it is then.

        Idempotent by the label's id. Raises LabelNotFound, LabelRefused, RemoteUnavailable.
        """
        async with self._database.read() as read:
            label = await read.get(ShipmentLabel, label_id)
            if label is None:
                raise LabelNotFound
            wanted = await self._wanted(read, label)
        if not label.is_pending:
            return label
        maker = self._carriers.find(label.integration)
        if not isinstance(maker, LabelMaker):
            raise RemoteUnavailable(service=label.integration)
        asked = label.status
        try:
            made = await self._ask(maker, label, wanted)
        except LabelRefused as refusal:
            problem = _text(str(refusal.metadata.get("problem", "")))
            await self._store(label_id, asked, None, problem=problem or "refused")
            raise
        crash_point("after:label:carrier")
        return await self._store(label_id, asked, made)

    async def _ask(
        self, maker: LabelMaker, label: ShipmentLabel, wanted: LabelRequest
    ) -> Label | None:
        """Returns the label that a carrier made; None where it took one back."""
        circuit = self._circuits[label.integration]
        if label.status is LabelStatus.REQUESTED:
            return _checked(await circuit.call(lambda: maker.create_label(wanted)))
        key = f"{label.id}:void"
        await circuit.call(lambda: maker.void_label(label.carrier_label_id, key=key))
        return None

    async def _wanted(self, read: Read, label: ShipmentLabel) -> LabelRequest:
        order = await read.get(Order, label.order_id)
        if order is None:
            raise OrderNotFound
        [view] = await load_views(read, [order])
        shipment = next(each for each in view.shipments if each.id == label.shipment_id)
        return LabelRequest(
            key=str(label.id),
            order_number=order.number or "",
            weight_grams=sum(item.mass_grams for item in view.items_of(shipment).values()),
            origin_country=self._settings.channel(order.channel_id).origin_country,
            receiver=order.delivery_address,
            ioss_number=order.taxation.ioss_number if order.taxation else "",
        )

    async def _store(
        self, label_id: UUID, asked: LabelStatus, made: Label | None, *, problem: str = ""
    ) -> ShipmentLabel:
        """Stores the answer of a carrier, unless another process has."""
        async with self._database.tx() as tx:
            found = await tx.get(ShipmentLabel, label_id)
            if found is None:
                raise LabelNotFound
            order = await lock_order(tx, found.order_id)
            label = await tx.lock(ShipmentLabel, label_id)
            if label is None or label.status is not asked:
                return label or found
            shipment = await tx.get(Shipment, label.shipment_id)
            assert shipment is not None, "a foreign key leads to it"
            if made is not None:
                await _keep(tx, order, shipment, label, made)
            elif problem:
                label.problem = problem
                is_new = asked is LabelStatus.REQUESTED
                label.status = LabelStatus.REFUSED if is_new else LabelStatus.READY
            else:
                await _take_back(tx, order, shipment, label)
            await tx.update(label)
            await timers.cancel(tx, COMPLETE_LABEL, str(label.id))
        return label


async def _keep(
    tx: Tx, order: Order, shipment: Shipment, label: ShipmentLabel, made: Label
) -> None:
    """Stores a label, and gives its tracking number to a shipment that has none."""
    label.status, label.carrier_label_id = LabelStatus.READY, made.id
    label.tracking_number = made.tracking_number
    digest = hashlib.sha256(made.content).digest()
    await tx.insert(
        LabelFile(
            label_id=label.id, media_type=made.media_type, content=made.content, sha256=digest
        )
    )
    if not shipment.tracking_number:
        shipment.tracking_number = made.tracking_number
        shipment.tracking_url = shipment.tracking_url or await find_tracking_url(
            tx, order, shipment
        )
        await tx.update(shipment)
        await save_order(tx, order)
        await adopt_events(tx, order, shipment)


async def _take_back(tx: Tx, order: Order, shipment: Shipment, label: ShipmentLabel) -> None:
    """Forgets the file of a label, and its tracking number in its shipment."""
    label.status = LabelStatus.VOIDED
    await tx.run("DELETE FROM shipment_label_file WHERE label_id = %s", [label.id])
    if shipment.tracking_number == label.tracking_number:
        shipment.tracking_number = shipment.tracking_url = ""
        await tx.update(shipment)
        await save_order(tx, order)


def _checked(label: Label) -> Label:
    """Raises RemoteUnavailable for a label that makes no sense: it is asked for again."""
    is_text = all(
        0 < len(each) <= _LONGEST_TEXT and each.isprintable()
        for each in (label.id, label.tracking_number, label.media_type)
    )
    if not is_text or not 0 < len(label.content) <= _MOST_BYTES:
        raise RemoteUnavailable("the label of the carrier makes no sense", retry_after_seconds=1)
    return label


def _text(text: str) -> str:
    return printable(text).strip()[:_LONGEST_TEXT]
