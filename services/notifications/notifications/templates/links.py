"""Links in mails. What is secret stands in the fragment, which no server and no log sees; the page POSTs it."""

from urllib.parse import quote, urlencode
from uuid import UUID

from notifications.preferences.topics import Topic
from notifications.preferences.unsubscribe_tokens import UnsubscribeTokens
from notifications.templates import survey_tokens


class Links:
    """Links of one mail's recipient. `campaign` names the template, for the journey."""

    def __init__(self, public_url: str, unsubscribe_tokens: UnsubscribeTokens, survey_secret: str) -> None:
        self._public_url, self._unsubscribe, self._survey_secret = public_url.rstrip("/"), unsubscribe_tokens, survey_secret

    def shop(self, campaign: str) -> str:
        return f"{self._public_url}/?{_marks(campaign)}"

    def restore(self, restore_token: str, campaign: str) -> str:
        """The page that POSTs the token to /v1/carts/restore."""
        return f"{self._public_url}/cart/restore?{_marks(campaign)}#token={quote(restore_token, safe='')}"

    def confirm_email(self, token: str, campaign: str) -> str:
        """The page that POSTs the token to /v1/customers/confirm, logged in or with the account's password."""
        return f"{self._public_url}/account/confirm?{_marks(campaign)}#token={quote(token, safe='')}"

    def confirm_reminders(self, token: str, campaign: str) -> str:
        """The page that POSTs the token to /v1/subscriptions/confirm."""
        return f"{self._public_url}/subscriptions/confirm?{_marks(campaign)}#token={quote(token, safe='')}"

    def login(self, token: str, campaign: str) -> str:
        """The page that POSTs the token to /v1/sessions/link."""
        return f"{self._public_url}/login?{_marks(campaign)}#token={quote(token, safe='')}"

    def survey(self, order_id: UUID, owner_id: UUID, campaign: str) -> str:
        """The page with the question; `&score=7` may follow."""
        token = survey_tokens.token_of(self._survey_secret, order_id=order_id, owner_id=owner_id)
        return f"{self._public_url}/survey?{_marks(campaign)}#token={token}"

    def unsubscribe_page(self, email_digest: str, topic: Topic) -> str:
        """For people: a page that asks once more and POSTs the token."""
        return f"{self._public_url}/unsubscribe#token={self._unsubscribe.token_of(email_digest, topic)}"

    def unsubscribe_at_once(self, email_digest: str, topic: Topic) -> str:
        """For mail programs (RFC 8058): they POST here, and no browser and no fragment is at hand."""
        return f"{self._public_url}/v1/unsubscribe?token={self._unsubscribe.token_of(email_digest, topic)}"


def _marks(campaign: str) -> str:
    return urlencode({"utm_source": "sojourn", "utm_medium": "email", "utm_campaign": campaign})
