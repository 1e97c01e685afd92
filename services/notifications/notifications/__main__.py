"""The composition root: `python -m notifications serve | work | all | migrate | dead-letters | preview`."""

import sys
from functools import partial

from chassis.runtime.cli import main
from chassis.runtime.service import Service
from notifications import maintenance as watching
from notifications.delivery import preview as previewing
from notifications.handlers import Handlers
from notifications.mails.model import SEND
from notifications.servicers.notifications import NotificationServicer, PreferenceServicer
from notifications.settings import Settings
from notifications.wiring import Parts
from sojourn.notifications.v1 import notifications_pb2_grpc as pb_grpc


def build(settings: Settings) -> Service:
    """The service, ready to run in any role."""
    service = Service("notifications", settings)
    parts = Parts.of(settings, service.database)
    if settings.grpc_port:
        notifications = NotificationServicer(service.database, service.verifier, parts)
        pb_grpc.add_NotificationServiceServicer_to_server(notifications, service.server)
        pb_grpc.add_PreferenceServiceServicer_to_server(PreferenceServicer(service.database, service.verifier, parts), service.server)
    service.handle(Handlers(parts.rules).events)
    service.time({SEND: parts.sender.send})
    service.beside_working(partial(watching.watch, service.database))
    service.beside_working(partial(watching.sweep, service.database, settings.keep_days))
    service.on_stop(parts.sender.drain)
    return service


if __name__ == "__main__":
    if sys.argv[1:2] == ["preview"]:
        # Needs no settings, which `main` would ask for.
        sys.exit(previewing.main(sys.argv[2:]))
    main("notifications", Settings, build)
