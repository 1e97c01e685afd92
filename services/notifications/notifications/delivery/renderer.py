"""Renders a mail: subject, text and HTML from its template and variables."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import Any, Final

from jinja2 import FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from notifications.mails.model import Mail
from notifications.preferences.model import Topic
from notifications.templates import formats
from notifications.templates.links import Links
from notifications.templates.model import LANGUAGES, get_template
from notifications.templates.tracking import Tracker
from notifications.templates.variables import (
    AlertLink,
    Amount,
    CartReminder,
    DigitalGoodsDelivered,
    Line,
    OrderDelivered,
    OrderDocuments,
    ProductAlert,
    SecretLink,
    Survey,
    Variables,
    validate_variables,
)

# Links to log in, to confirm and to unsubscribe are never tracked.
_TRACKED: Final = frozenset({"shop_url", "survey_url", "restore_url"})


@dataclass(frozen=True, slots=True)
class Rendering:
    """A rendered mail. `unsubscribe_topic` is the topic that its unsubscribe link ends, or None."""

    subject: str
    text: str
    html: str
    unsubscribe_topic: Topic | None


@pass_context
def _money(context: Context, amount: Amount) -> str:
    return formats.format_money(amount.amount_minor, amount.currency, context["locale"])


@pass_context
def _quantity(context: Context, line: Line) -> str:
    return formats.format_quantity(line.quantity, line.scale, line.unit_code, context["locale"])


@pass_context
def _day(context: Context, value: date) -> str:
    return formats.format_day(value, context["locale"])


@pass_context
def _days(context: Context, first: date, last: date, seen_from: date | None = None) -> str:
    """Returns a period; `seen_from` is a day in whose year it needs no year."""
    year = seen_from.year if seen_from else None
    return formats.format_days(first, last, context["locale"], year=year)


@pass_context
def _country(context: Context, code: str) -> str:
    return formats.format_country(code, context["locale"])


def create_template_environment() -> ImmutableSandboxedEnvironment:
    """Returns a sandbox that raises for unsafe attributes and for undefined variables."""
    environment = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(str(files("notifications") / "texts")),
        autoescape=lambda name: name is None or name.endswith(".html"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters |= {
        "money": _money,
        "quantity": _quantity,
        "day": _day,
        "country": _country,
    }
    environment.globals["days"] = _days
    return environment


class Renderer:
    """Renders mails. `default_locale` applies to a mail whose language has no texts."""

    def __init__(self, links: Links, *, shop_name: str, default_locale: str) -> None:
        self._links, self._shop_name, self._default_locale = links, shop_name, default_locale
        self._environment: Final = create_template_environment()

    def render(
        self, mail: Mail, *, wants_surveys: bool = True, may_be_tracked: bool = False
    ) -> Rendering:
        """Renders a mail. Raises InvalidVariables, or an error of Jinja if a text is broken.

        `may_be_tracked` is true where the recipient allows analytics.
        """
        template = get_template(mail.template)
        variables = validate_variables(template.variables, mail.variables)
        locale = formats.find_locale(mail.locale, self._default_locale)
        if locale.partition("-")[0] not in LANGUAGES:
            locale = self._default_locale
        topic = _unsubscribe_topic(mail, variables, wants_surveys=wants_surveys)
        links = self._create_links(mail, variables, topic)
        tracker = self._tracker(mail) if may_be_tracked else None
        context = {
            **{name: getattr(variables, name) for name in type(variables).model_fields},
            **links,
            "picture_url": tracker.picture_url if tracker else "",
            "download_urls": self._download_urls(mail, variables),
            "document_urls": self._document_urls(mail, variables),
            "score_urls": _score_urls(links["survey_url"], variables, tracker),
            "locale": locale,
            "language": locale.partition("-")[0],
            "shop_name": self._shop_name,
        }
        tracked = {
            name: tracker.track(url) for name, url in links.items() if tracker and name in _TRACKED
        }
        return self._render_texts(mail.template, context, tracked, topic)

    def _download_urls(self, mail: Mail, variables: Variables) -> dict[str, str]:
        """Returns the links of files by their tokens."""
        if not isinstance(variables, DigitalGoodsDelivered):
            return {}
        links = self._links.for_channel(mail.channel)
        return {
            file.token: links.download_url(file.token, mail.template)
            for good in variables.goods
            for file in good.files
        }

    def _document_urls(self, mail: Mail, variables: Variables) -> dict[str, str]:
        """Returns the links of documents by their tokens."""
        if not isinstance(variables, OrderDocuments):
            return {}
        links = self._links.for_channel(mail.channel)
        return {
            each.token: links.document_url(each.token, mail.template)
            for each in variables.documents
        }

    def _tracker(self, mail: Mail) -> Tracker | None:
        """Returns the maker of tracked links; None where the gateway does not know the pages."""
        if mail.owner_id is None or self._links.has_own_storefront(mail.channel):
            return None
        return self._links.tracker(mail.id, mail.owner_id, mail.template, mail.channel)

    def _create_links(
        self, mail: Mail, variables: Variables, topic: Topic | None
    ) -> dict[str, str]:
        links = self._links.for_channel(mail.channel)
        found = {
            "shop_url": links.shop_url(mail.template),
            "unsubscribe_url": links.unsubscribe_page_url(mail.email_digest, topic)
            if topic
            else "",
            "survey_url": "",
        }
        if (
            isinstance(variables, OrderDelivered)
            and topic is Topic.SURVEYS
            and mail.order_id
            and mail.owner_id
        ):
            found["survey_url"] = links.survey_url(mail.order_id, mail.owner_id, mail.template)
        if isinstance(variables, Survey):
            found["survey_url"] = links.survey_page_url(variables.token, mail.template)
        if isinstance(variables, CartReminder):
            found["restore_url"] = links.cart_restore_url(variables.restore_token, mail.template)
        if isinstance(variables, SecretLink):
            create_url = {
                "confirm_email": links.email_confirmation_url,
                "confirm_reminders": links.reminder_confirmation_url,
                "login_link": links.login_url,
                "order_link": links.order_url,
                "draft_order": links.draft_order_url,
                "confirm_alert": links.alert_confirmation_url,
            }
            found["secret_url"] = create_url[mail.template](variables.token, mail.template)
        if isinstance(variables, ProductAlert):
            found["product_url"] = links.product_url(variables.product_slug, mail.template)
        if isinstance(variables, AlertLink | ProductAlert):
            # Ends this alert only, whatever the topics of the address are.
            found["unsubscribe_url"] = links.alert_end_url(variables.end_token, mail.template)
        return found

    def _render_texts(
        self,
        name: str,
        context: Mapping[str, Any],
        tracked: Mapping[str, str],
        topic: Topic | None,
    ) -> Rendering:
        """Renders the texts. The plain one keeps links as they are."""
        language = context["language"]
        subject, _, text = (
            self._environment.get_template(f"{language}/{name}.txt").render(context).partition("\n")
        )
        # A line break in a variable must not begin another header.
        subject = " ".join(subject.split())
        html = self._environment.get_template(f"{language}/{name}.html").render(
            {**context, **tracked, "subject": subject}
        )
        return Rendering(subject, text.strip() + "\n", html, topic)


def _score_urls(url: str, variables: Variables, tracker: Tracker | None) -> list[tuple[int, str]]:
    """Returns the link of each score: the page of the survey with that score chosen."""
    if isinstance(variables, Survey):
        scores = range(variables.lowest, variables.highest + 1)
    else:
        scores = range(11)
    urls = [(score, f"{url}&score={score}") for score in scores] if url else []
    return [(score, tracker.track(each) if tracker else each) for score, each in urls]


def _unsubscribe_topic(mail: Mail, variables: Variables, *, wants_surveys: bool) -> Topic | None:
    """Returns the optional topic of a mail, SURVEYS if it holds a survey, else None."""
    if mail.topic is not Topic.TRANSACTIONAL:
        return mail.topic
    has_survey = (
        isinstance(variables, OrderDelivered)
        and variables.asks_survey
        and mail.order_id
        and mail.owner_id
    )
    return Topic.SURVEYS if has_survey and wants_surveys else None
