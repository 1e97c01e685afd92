"""What the edges share, made from the settings."""

from dataclasses import dataclass
from pathlib import Path

from chassis.data.database import Database
from notifications.delivery.channel import MailChannel
from notifications.delivery.deliver_mail import Sender
from notifications.delivery.folder import FolderChannel
from notifications.delivery.mime import Letterhead
from notifications.delivery.renderer import Renderer
from notifications.delivery.smtp import MailServer, SmtpChannel
from notifications.delivery.steps import Patience
from notifications.mails.actions import MailRules
from notifications.preferences.unsubscribe_tokens import UnsubscribeTokens
from notifications.settings import Settings
from notifications.templates.links import Links


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a process."""

    sender: Sender
    letterhead: Letterhead
    unsubscribe_tokens: UnsubscribeTokens
    rules: MailRules

    @classmethod
    def of(cls, settings: Settings, database: Database, channel: MailChannel | None = None) -> "Parts":
        """The parts. `channel` takes the place of the settings' one."""
        tokens = UnsubscribeTokens(settings.unsubscribe_secret.get_secret_value())
        links = Links(settings.public_url, tokens, settings.survey_secret.get_secret_value())
        renderer = Renderer(links, shop_name=settings.shop_name, default_locale=settings.default_locale)
        patience = Patience(
            settings.max_tries,
            settings.retry_backoff_seconds,
            settings.retry_longest_backoff_seconds,
            settings.doubt_seconds,
            settings.give_up_after_seconds,
        )
        letterhead = Letterhead(settings.mail_from, links)
        rules = MailRules(settings.mails_per_recipient_and_day, allows_test_domains=settings.environment == "development")
        return cls(Sender(database, channel or channel_of(settings), renderer, letterhead, patience), letterhead, tokens, rules)


def channel_of(settings: Settings) -> MailChannel:
    """The channel that the settings choose."""
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
