"""The objects that servicers, handlers and timers of a process share."""

from dataclasses import dataclass
from pathlib import Path

from chassis.data.database import Database
from notifications.delivery.channel import MailChannel
from notifications.delivery.deliver_mail import DeliveryWorker
from notifications.delivery.folder import FolderChannel
from notifications.delivery.mime import MimeEncoder
from notifications.delivery.renderer import Renderer
from notifications.delivery.results import RetryPolicy
from notifications.delivery.smtp import MailServer, SmtpChannel
from notifications.mails.model import MailRules
from notifications.preferences.unsubscribe_tokens import UnsubscribeTokens
from notifications.settings import Settings
from notifications.templates.links import Links


@dataclass(frozen=True, slots=True)
class Wiring:
    """The shared objects of a process."""

    worker: DeliveryWorker
    encoder: MimeEncoder
    unsubscribe_tokens: UnsubscribeTokens
    rules: MailRules

    @classmethod
    def from_settings(
        cls, settings: Settings, database: Database, channel: MailChannel | None = None
    ) -> "Wiring":
        """Creates the objects of a process. `channel` replaces the channel of the settings."""
        tokens = UnsubscribeTokens(settings.unsubscribe_secret.get_secret_value())
        links = Links(
            settings.public_url,
            tokens,
            settings.survey_secret.get_secret_value(),
            storefront_url=settings.storefront_url,
            storefront_by_channel=settings.storefront_url_by_channel,
        )
        renderer = Renderer(
            links, shop_name=settings.shop_name, default_locale=settings.default_locale
        )
        policy = RetryPolicy(
            settings.max_tries,
            settings.retry_backoff_seconds,
            settings.retry_longest_backoff_seconds,
            settings.doubt_seconds,
            settings.give_up_after_seconds,
        )
        encoder = MimeEncoder(settings.mail_from, links)
        rules = MailRules(
            settings.mails_per_recipient_and_day,
            allows_test_domains=settings.environment == "development",
        )
        worker = DeliveryWorker(
            database,
            channel or create_channel(settings),
            renderer,
            encoder,
            policy,
            tracks_mails=settings.tracks_mails,
        )
        return cls(worker, encoder, tokens, rules)


def create_channel(settings: Settings) -> MailChannel:
    """Creates the channel that the settings choose."""
    match settings.mail_channel:
        case "folder":
            return FolderChannel(Path(settings.mail_folder))
        case "smtp":
            return SmtpChannel(
                MailServer(
                    settings.smtp_host,
                    settings.smtp_port,
                    settings.smtp_tls,
                    settings.smtp_user,
                    settings.smtp_password.get_secret_value(),
                    settings.receipts_url,
                )
            )
