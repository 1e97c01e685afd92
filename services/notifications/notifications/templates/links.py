"""Links in mails.

A secret is in the fragment, which reaches no server and no log. The page POSTs it.
"""

from collections.abc import Mapping
from urllib.parse import quote, urlencode
from uuid import UUID

from notifications.preferences.model import Topic
from notifications.preferences.unsubscribe_tokens import UnsubscribeTokens
from notifications.templates.survey_tokens import create_survey_token
from notifications.templates.tracking import Tracker


class Links:
    """Builds the links of mails. `campaign` is the template's name, for attribution.

    `storefront_url` has the pages for people, `public_url` the API to which mail programs POST.
    """

    def __init__(
        self,
        public_url: str,
        unsubscribe_tokens: UnsubscribeTokens,
        survey_secret: str,
        *,
        storefront_url: str = "",
        storefront_by_channel: Mapping[str, str] | None = None,
    ) -> None:
        self._public_url, self._unsubscribe = public_url.rstrip("/"), unsubscribe_tokens
        self._survey_secret = survey_secret
        self._storefront_url = storefront_url.rstrip("/") or self._public_url
        self._storefront_by_channel = storefront_by_channel or {}

    def for_channel(self, channel: str) -> "Links":
        """Returns the links to the storefront of a channel."""
        if (storefront_url := self._storefront_by_channel.get(channel)) is None:
            return self
        return Links(
            self._public_url,
            self._unsubscribe,
            self._survey_secret,
            storefront_url=storefront_url,
        )

    def tracker(self, message_id: UUID, owner_id: UUID, template: str, channel: str) -> Tracker:
        """Returns the maker of a mail's tracked links."""
        return Tracker(
            self._survey_secret,
            self._public_url,
            self._storefront_url,
            message_id,
            owner_id,
            template,
            channel,
        )

    def has_own_storefront(self, channel: str) -> bool:
        """Returns whether a channel's pages are elsewhere than the others'."""
        return channel in self._storefront_by_channel

    def shop_url(self, campaign: str) -> str:
        return f"{self._storefront_url}/?{_campaign_query(campaign)}"

    def cart_restore_url(self, restore_token: str, campaign: str) -> str:
        """Returns the page that POSTs the token to /v1/carts/restore."""
        return self._secret_link("cart/restore", campaign, restore_token)

    def email_confirmation_url(self, token: str, campaign: str) -> str:
        """Returns the page that POSTs the token to /v1/customers/confirm.

        It needs a session or asks for the password of the account.
        """
        return self._secret_link("account/confirm", campaign, token)

    def reminder_confirmation_url(self, token: str, campaign: str) -> str:
        """Returns the page that POSTs the token to /v1/subscriptions/confirm."""
        return self._secret_link("subscriptions/confirm", campaign, token)

    def alert_confirmation_url(self, token: str, campaign: str) -> str:
        """Returns the page that POSTs the token to /v1/subscriptions/alerts/confirm."""
        return self._secret_link("alerts/confirm", campaign, token)

    def alert_end_url(self, end_token: str, campaign: str) -> str:
        """Returns the page that POSTs the token to /v1/subscriptions/alerts/end."""
        return self._secret_link("alerts/end", campaign, end_token)

    def product_url(self, slug: str, campaign: str) -> str:
        return f"{self._storefront_url}/products/{quote(slug, safe='')}?{_campaign_query(campaign)}"

    def login_url(self, token: str, campaign: str) -> str:
        """Returns the page that POSTs the token to /v1/sessions/link."""
        return self._secret_link("login", campaign, token)

    def order_url(self, token: str, campaign: str) -> str:
        """Returns the page that POSTs the token to /v1/orders/links/open."""
        return self._secret_link("orders/link", campaign, token)

    def document_url(self, token: str, campaign: str) -> str:
        """Returns the page that POSTs the token to /v1/orders/links/mailed-document."""
        return self._secret_link("orders/document", campaign, token)

    def draft_order_url(self, token: str, campaign: str) -> str:
        """Returns the page that POSTs the token to /v1/checkouts/links/open."""
        return self._secret_link("checkout/link", campaign, token)

    def download_url(self, token: str, campaign: str) -> str:
        """Returns the page that leads to /v1/downloads/{token}.

        A mail program that looks at links beforehand so counts no download.
        """
        return self._secret_link("downloads", campaign, token)

    def survey_url(self, order_id: UUID, owner_id: UUID, campaign: str) -> str:
        """Returns the page of the survey. A template appends e.g. `&score=7` for a chosen score."""
        token = create_survey_token(self._survey_secret, order_id=order_id, owner_id=owner_id)
        return f"{self._storefront_url}/survey?{_campaign_query(campaign)}#token={token}"

    def survey_page_url(self, token: str, campaign: str) -> str:
        """Returns the page of a survey, which works without JavaScript.

        Its token is in the path, for a fragment reaches no server; it answers this survey only. A
        template appends e.g. `&score=7` for a chosen score.
        """
        return f"{self._storefront_url}/surveys/{quote(token, safe='')}?{_campaign_query(campaign)}"

    def unsubscribe_page_url(self, email_digest: str, topic: Topic) -> str:
        """Returns the page for people, which asks for a confirmation and POSTs the token."""
        token = self._unsubscribe.create(email_digest, topic)
        return f"{self._storefront_url}/unsubscribe#token={token}"

    def one_click_unsubscribe_url(self, email_digest: str, topic: Topic) -> str:
        """Returns the endpoint to which mail programs POST (RFC 8058).

        They send no fragment, so the token is in the query.
        """
        token = self._unsubscribe.create(email_digest, topic)
        return f"{self._public_url}/v1/unsubscribe?token={token}"

    def one_click_alert_end_url(self, end_token: str) -> str:
        """Returns the endpoint that ends an alert, to which mail programs POST (RFC 8058)."""
        query = urlencode({"token": end_token})
        return f"{self._public_url}/v1/subscriptions/alerts/unsubscribe?{query}"

    def _secret_link(self, path: str, campaign: str, token: str) -> str:
        fragment = f"token={quote(token, safe='')}"
        return f"{self._storefront_url}/{path}?{_campaign_query(campaign)}#{fragment}"


def _campaign_query(campaign: str) -> str:
    return urlencode({"utm_source": "sojourn", "utm_medium": "email", "utm_campaign": campaign})
