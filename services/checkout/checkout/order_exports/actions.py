"""Changes of the accounts of journals, and the audit of exports."""

from uuid import UUID

from chassis.data.audit import record_audit
from chassis.data.tx import Tx
from chassis.rpc.auth import Caller
from checkout.errors.orders import InvalidJournalAccounts
from checkout.merchant_settings.actions import Subject, put_setting
from checkout.order_exports.model import ExportOptions, JournalAccounts, require_accounts


async def put_journal_accounts(
    tx: Tx, draft: JournalAccounts, *, actor_id: UUID, expected_version: int = 0
) -> JournalAccounts:
    """Sets the accounts of a channel. A repeat changes nothing.

    Journals of times before follow them too. Raises InvalidJournalAccounts, VersionMismatch.
    """
    if not draft.channel.isprintable():
        raise InvalidJournalAccounts(path="accounts.channel", problem="no channel code")
    require_accounts(draft.accounts)
    subject = Subject("journal_accounts", draft.channel)
    return await put_setting(
        tx, subject, draft, actor_id=actor_id, expected_version=expected_version
    )


async def record_export(tx: Tx, options: ExportOptions, *, caller: Caller) -> None:
    """Records that staff begin an export."""
    record_audit(
        tx,
        caller,
        "order.export",
        f"order_export:{options.kind}",
        after={
            "since": options.since.isoformat(),
            "until": options.until.isoformat(),
            "channel": options.channel,
            "currency": options.currency,
            "status": options.status,
            "tag": options.tag,
        },
    )
