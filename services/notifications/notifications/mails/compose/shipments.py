"""Mails about parcels on their way."""

from datetime import date

from notifications.mails.compose.orders import compose_order_mail
from notifications.mails.compose.variables import line_variables, truncate
from notifications.mails.model import NewMail
from notifications.templates.model import SHIPMENT_LATE
from sojourn.checkout.v1 import shipment_events_pb2


def compose_shipment_late(event: shipment_events_pb2.ShipmentLate) -> NewMail:
    """Tells that a parcel has not come on its promised day, and where to follow it."""
    shipment = event.shipment
    variables = {
        "promised_on": date.fromisoformat(event.promised_on) if event.promised_on else None,
        "carrier": truncate(shipment.carrier),
        "tracking_number": truncate(shipment.tracking_number),
        "tracking_url": shipment.tracking_url,
        "lines": line_variables(shipment.lines, with_total=False),
    }
    key = f"shipment-late:{event.order.id}:{shipment.id}"
    return compose_order_mail(key, SHIPMENT_LATE, event.order, event.locale, variables)
