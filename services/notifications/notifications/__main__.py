"""Composition root of `python -m notifications`.

Commands: serve, work, all, migrate, dead-letters, preview.
"""

import sys
from functools import partial

from chassis.runtime.cli import main
from chassis.runtime.service import Service
from notifications import maintenance
from notifications.delivery import preview
from notifications.forget import forget_timers
from notifications.handlers import Handlers
from notifications.mails.model import DELIVERY_TIMER
from notifications.servicers.notifications import NotificationServicer
from notifications.servicers.preferences import PreferenceServicer
from notifications.servicers.staff_notices import StaffNoticeServicer
from notifications.settings import Settings
from notifications.staff_handlers import StaffHandlers
from notifications.staff_notices.reminders import run_reminders
from notifications.staff_notices.stock import stock_timers
from notifications.wiring import Wiring
from sojourn.notifications.v1 import notifications_pb2_grpc as pb_grpc
from sojourn.notifications.v1 import staff_notices_pb2_grpc


def build(settings: Settings) -> Service:
    """Builds the service for any role."""
    service = Service("notifications", settings)
    wiring = Wiring.from_settings(settings, service.database)
    if settings.grpc_port:
        notifications = NotificationServicer(
            service.database, service.verifier, wiring.encoder, wiring.rules
        )
        preferences = PreferenceServicer(
            service.database, service.verifier, wiring.unsubscribe_tokens
        )
        staff_notices = StaffNoticeServicer(service.database, service.verifier, wiring.rules)
        pb_grpc.add_NotificationServiceServicer_to_server(notifications, service.server)
        pb_grpc.add_PreferenceServiceServicer_to_server(preferences, service.server)
        staff_notices_pb2_grpc.add_StaffNoticeServiceServicer_to_server(
            staff_notices, service.server
        )
    staff_handlers = StaffHandlers(wiring.rules, stock_minutes=settings.low_stock_minutes)
    service.handle({**Handlers(wiring.rules).events, **staff_handlers.events})
    service.time(
        {
            DELIVERY_TIMER: wiring.worker.deliver_mail,
            **forget_timers(service.database),
            **stock_timers(service.database, wiring.rules),
        }
    )
    service.beside_working(partial(maintenance.run_backlog_measurement, service.database))
    service.beside_working(partial(maintenance.run_erasure, service.database, settings.keep_days))
    service.beside_working(partial(run_reminders, service.database, wiring.rules))
    service.on_stop(wiring.worker.drain)
    return service


if __name__ == "__main__":
    if sys.argv[1:2] == ["preview"]:
        # The preview needs no settings, but `main` requires them.
        sys.exit(preview.main(sys.argv[2:]))
    main("notifications", Settings, build)
