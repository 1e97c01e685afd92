"""The `preview` command: renders a template with sample variables and without settings."""

import argparse
from datetime import UTC, datetime
from uuid import UUID

from notifications.delivery.renderer import Renderer, Rendering
from notifications.mails.model import Mail
from notifications.mails.recipients import digest_address
from notifications.preferences.unsubscribe_tokens import UnsubscribeTokens
from notifications.templates.formats import find_locale
from notifications.templates.links import Links
from notifications.templates.model import LANGUAGES, TEMPLATES, get_template
from notifications.templates.samples import SAMPLES

_NO_ID = UUID(int=0)


def create_sample_mail(name: str, *, locale: str) -> Mail:
    """Returns a mail of a template with its sample variables."""
    template = get_template(name)
    recipient, at = "ana@example.com", datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    return Mail(
        id=_NO_ID,
        dedupe_key=name,
        template=name,
        topic=template.topic,
        locale=locale,
        channel="default",
        recipient=recipient,
        email_digest=digest_address(recipient),
        owner_id=_NO_ID,
        order_id=_NO_ID,
        variables=SAMPLES[name],
        queued_at=at,
        driven_at=at,
    )


def preview_template(
    name: str, *, locale: str, public_url: str = "https://shop.example"
) -> Rendering:
    """Renders a template with its sample variables."""
    links = Links(public_url, UnsubscribeTokens("preview-secret"), "preview-secret")
    return Renderer(links, shop_name="Sojourn", default_locale="en").render(
        create_sample_mail(name, locale=find_locale(locale, "en"))
    )


def main(arguments: list[str]) -> int:
    """Prints a template as HTML or text: `preview TEMPLATE [--locale de] [--text]`."""
    parser = argparse.ArgumentParser(prog="python -m notifications preview")
    parser.add_argument("template", choices=sorted(TEMPLATES))
    parser.add_argument(
        "--locale", default="en", help=f"a BCP 47 tag; there are texts in {', '.join(LANGUAGES)}"
    )
    parser.add_argument("--text", action="store_true", help="the subject and the plain text")
    options = parser.parse_args(arguments)
    shown = preview_template(options.template, locale=options.locale)
    print(f"{shown.subject}\n\n{shown.text}" if options.text else shown.html)  # noqa: T201
    return 0
