"""Recording opens and clicks of mails, for the recipient's own journey."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

from chassis.data.tx import Tx
from journey.consents.model import Answer
from journey.mails.tokens import MailAct
from journey.touchpoints.model import (
    Source,
    Touchpoint,
    clean_text,
    derive_touchpoint_id,
    serialize_properties,
)
from journey.touchpoints.record import DefaultConsent, Recorded, Seen, record_touchpoints

OPENED: Final = "mail.opened"
CLICKED: Final = "mail.clicked"
BOT: Final = "bot"


class Proxy(StrEnum):
    """A mail service's machine that fetches pictures of mails; NONE is none that is known."""

    NONE = ""
    APPLE = "apple"
    GMAIL = "gmail"
    YAHOO = "yahoo"


async def record_mail_touchpoint(
    tx: Tx,
    act: MailAct,
    *,
    device: str,
    proxy: Proxy,
    answer: Answer,
    is_granted_by_default: DefaultConsent,
    trace_id: UUID | None,
) -> Recorded:
    """Records an open or a click where the recipient's consent allows it. Idempotent.

    People and machines count once each for a mail, and for a page that it links to. The browser's
    visitor is not linked with the recipient: mails are forwarded. A touchpoint of an event begins
    no session.
    """
    # Apple's machines fetch pictures of mails that nobody opened.
    device = BOT if proxy is Proxy.APPLE else device
    kind = CLICKED if act.path else OPENED
    page = _page_of(act.path)
    actor = BOT if device == BOT else ""
    seen = Seen(
        Touchpoint(
            id=derive_touchpoint_id(kind, str(act.message_id), page, actor),
            visitor_id=None,
            guest_id=act.owner_id,
            customer_id=None,
            trace_id=trace_id,
            occurred_at=tx.now,
            received_at=tx.now,
            duration_ms=None,
            kind=kind,
            source=Source.EVENT,
            channel=act.channel,
            subject=str(act.message_id),
            properties=serialize_properties(_properties(act, page, proxy)),
            device=device,
        ),
        Answer.DENIED if answer is Answer.DENIED else Answer.UNKNOWN,
    )
    # The consent of whoever clicked is no answer of the recipient's.
    return await record_touchpoints(tx, [seen], is_granted_by_default, keeps_answers=False)


def _properties(act: MailAct, page: str, proxy: Proxy) -> Mapping[str, str]:
    """Returns the facts of an act.

    The campaign is a property: the landing that follows a click has the `utm_*` columns, and a
    second touch would take credit from it.
    """
    facts = {
        "template": clean_text(act.template),
        "campaign_source": "sojourn",
        "campaign_medium": "email",
        "campaign": clean_text(act.template),
        "page": page,
        "proxy": str(proxy),
    }
    return {name: value for name, value in facts.items() if value}


def _page_of(path: str) -> str:
    """Returns the first part of a path: what follows may be a secret."""
    if not path:
        return ""
    return urlsplit(path).path.strip("/").partition("/")[0][:40] or "home"
