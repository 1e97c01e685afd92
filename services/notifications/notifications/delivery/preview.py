"""The `preview` command: a template with sample variables, without any settings."""

import argparse
from datetime import UTC, datetime
from uuid import UUID

from notifications.delivery.renderer import Renderer, Rendering
from notifications.mails import recipients
from notifications.mails.model import Mail
from notifications.preferences.unsubscribe_tokens import UnsubscribeTokens
from notifications.templates import formats as formatting
from notifications.templates import model as templates
from notifications.templates.links import Links
from notifications.templates.model import LANGUAGES, TEMPLATES
from notifications.templates.samples import SAMPLES

_NOBODY = UUID(int=0)


def sample(name: str, *, locale: str) -> Mail:
    """A mail of a template to nobody."""
    template = templates.named(name)
    recipient, at = "ana@example.com", datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    return Mail(
        id=_NOBODY, dedupe_key=name, template=name, topic=template.topic, locale=locale, channel="default", recipient=recipient,
        email_digest=recipients.digest_of(recipient), owner_id=_NOBODY, order_id=_NOBODY, variables=SAMPLES[name], queued_at=at, driven_at=at,
    )  # fmt: skip


def preview(name: str, *, locale: str, public_url: str = "https://shop.example") -> Rendering:
    """A template as its recipients see it."""
    links = Links(public_url, UnsubscribeTokens("preview-secret"), "preview-secret")
    return Renderer(links, shop_name="Sojourn", default_locale="en").render(sample(name, locale=formatting.known_locale(locale, "en")))


def main(arguments: list[str]) -> int:
    """`python -m notifications preview TEMPLATE [--locale de] [--text]`: prints HTML or text."""
    parser = argparse.ArgumentParser(prog="python -m notifications preview")
    parser.add_argument("template", choices=sorted(TEMPLATES))
    parser.add_argument("--locale", default="en", help=f"a BCP 47 tag; there are texts in {', '.join(LANGUAGES)}")
    parser.add_argument("--text", action="store_true", help="the subject and the plain text")
    options = parser.parse_args(arguments)
    shown = preview(options.template, locale=options.locale)
    print(f"{shown.subject}\n\n{shown.text}" if options.text else shown.html)  # noqa: T201
    return 0
