"""Tracked links and the open picture of mails to customers who allow analytics.

A tracked link leads to the gateway, which sends the reader on to the storefront. Its token names a
path, never a host, so that it cannot lead anywhere else. The journey service reads tokens with the
same secret:

    token = base64url(payload ‖ mac) without padding
    payload = message id, owner id, template, channel and path, joined by U+001F
    mac = HMAC-SHA-256(SURVEY_SECRET, "mail-act:" ‖ payload)

A secret in the fragment of a link stays there: browsers keep the fragment through a redirect.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from typing import Final
from uuid import UUID

_SEPARATOR: Final = "\x1f"


@dataclass(frozen=True, slots=True)
class Tracker:
    """Makes the tracked links of one mail."""

    secret: str
    public_url: str
    storefront_url: str
    message_id: UUID
    owner_id: UUID
    template: str
    channel: str

    def track(self, url: str) -> str:
        """Returns a link that is counted; a link that leads elsewhere stays as it is."""
        place, mark, fragment = url.partition("#")
        path = place.removeprefix(self.storefront_url)
        if path == place or not path.startswith("/"):
            return url
        return f"{self.public_url}/v1/mails/links/{self._token(path)}{mark}{fragment}"

    @property
    def picture_url(self) -> str:
        """Returns the picture whose fetching tells that the mail was opened."""
        return f"{self.public_url}/v1/mails/opens/{self._token('')}"

    def _token(self, path: str) -> str:
        fields = (str(self.message_id), str(self.owner_id), self.template, self.channel, path)
        payload = _SEPARATOR.join(fields).encode()
        mac = hmac.digest(self.secret.encode(), b"mail-act:" + payload, hashlib.sha256)
        return base64.urlsafe_b64encode(payload + mac).decode().rstrip("=")
