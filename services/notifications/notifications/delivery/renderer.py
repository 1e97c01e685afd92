"""From a template and its variables to subject, text and HTML."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import Any, Final

from jinja2 import FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from notifications.mails.model import Mail
from notifications.preferences.topics import Topic
from notifications.templates import formats as formatting
from notifications.templates import model as templates
from notifications.templates.links import Links
from notifications.templates.model import LANGUAGES
from notifications.templates.variables import Amount, CartReminder, Line, OrderDelivered, SecretLink, Variables, checked


@dataclass(frozen=True, slots=True)
class Rendering:
    """A message as it goes out. `unsubscribe_topic` is the topic that its recipient may end from it, or None."""

    subject: str
    text: str
    html: str
    unsubscribe_topic: Topic | None


@pass_context
def _money(context: Context, amount: Amount) -> str:
    return formatting.money(amount.amount_minor, amount.currency, context["locale"])


@pass_context
def _quantity(context: Context, line: Line) -> str:
    return formatting.quantity(line.quantity, line.scale, line.unit_code, context["locale"])


@pass_context
def _day(context: Context, value: date) -> str:
    return formatting.day(value, context["locale"])


@pass_context
def _days(context: Context, first: date, last: date) -> str:
    return formatting.days(first, last, context["locale"])


@pass_context
def _country(context: Context, code: str) -> str:
    return formatting.country(code, context["locale"])


def template_environment() -> ImmutableSandboxedEnvironment:
    """Refuses unsafe attributes and undefined variables."""
    environment = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(str(files("notifications") / "texts")),
        autoescape=lambda name: name is None or name.endswith(".html"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters |= {"money": _money, "quantity": _quantity, "day": _day, "country": _country}
    environment.globals["days"] = _days
    return environment


class Renderer:
    """Renders mails. `default_locale` is for those whose language has no texts."""

    def __init__(self, links: Links, *, shop_name: str, default_locale: str) -> None:
        self._links, self._shop_name, self._default_locale = links, shop_name, default_locale
        self._environment: Final = template_environment()

    def render(self, mail: Mail, *, wants_surveys: bool = True) -> Rendering:
        """The message. Raises InvalidVariables, or an error of Jinja's where a text is wrong."""
        template = templates.named(mail.template)
        variables = checked(template.variables, mail.variables)
        locale = formatting.known_locale(mail.locale, self._default_locale)
        if locale.partition("-")[0] not in LANGUAGES:
            locale = self._default_locale
        topic = _unsubscribe_topic(mail, variables, wants_surveys=wants_surveys)
        context = {
            **{name: getattr(variables, name) for name in type(variables).model_fields},
            **self._links_of(mail, variables, topic),
            "locale": locale,
            "language": locale.partition("-")[0],
            "shop_name": self._shop_name,
        }
        return self._filled(mail.template, context, topic)

    def _links_of(self, mail: Mail, variables: Variables, topic: Topic | None) -> dict[str, str]:
        links = self._links
        found = {
            "shop_url": links.shop(mail.template),
            "unsubscribe_url": links.unsubscribe_page(mail.email_digest, topic) if topic else "",
            "survey_url": "",
        }
        if isinstance(variables, OrderDelivered) and topic is Topic.SURVEYS and mail.order_id and mail.owner_id:
            found["survey_url"] = links.survey(mail.order_id, mail.owner_id, mail.template)
        if isinstance(variables, CartReminder):
            found["restore_url"] = links.restore(variables.restore_token, mail.template)
        if isinstance(variables, SecretLink):
            to_page = {"confirm_email": links.confirm_email, "confirm_reminders": links.confirm_reminders, "login_link": links.login}
            found["secret_url"] = to_page[mail.template](variables.token, mail.template)
        return found

    def _filled(self, name: str, context: Mapping[str, Any], topic: Topic | None) -> Rendering:
        language = context["language"]
        subject, _, text = self._environment.get_template(f"{language}/{name}.txt").render(context).partition("\n")
        # A line break in a variable must not become a header.
        subject = " ".join(subject.split())
        html = self._environment.get_template(f"{language}/{name}.html").render({**context, "subject": subject})
        return Rendering(subject, text.strip() + "\n", html, topic)


def _unsubscribe_topic(mail: Mail, variables: Variables, *, wants_surveys: bool) -> Topic | None:
    """A message of an optional topic, or one that also asks for feedback, can be ended."""
    if mail.topic is not Topic.TRANSACTIONAL:
        return mail.topic
    has_survey = isinstance(variables, OrderDelivered) and variables.asks_survey and mail.order_id and mail.owner_id
    return Topic.SURVEYS if has_survey and wants_surveys else None
