"""Routes of what is watched."""

from typing import Final

from web.server.routing import route
from web.sign_in.staff_pages import staff_page
from web.watch.changes import save_settings, show_changes
from web.watch.objectives import show_objectives
from web.watch.webhooks import change_webhooks, show_webhooks

_CHANGES: Final = "/studio/changes"
ROUTES: Final = [
    route("GET", _CHANGES, staff_page(show_changes)),
    route("POST", _CHANGES, staff_page(save_settings)),
    route("GET", f"{_CHANGES}/webhooks", staff_page(show_webhooks)),
    route("POST", f"{_CHANGES}/webhooks", staff_page(change_webhooks)),
    route("GET", "/studio/maps/{slug}/objectives", staff_page(show_objectives)),
]
