"""Misbehaviour of a provider, switched on by rules that survive a restart.

The counters change in the transaction of the payment that they count, so that a rule strikes
exactly as often as it says.
"""

import sqlite3
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field


class WebhookRules(BaseModel):
    """Rules by which events go astray. Each applies to the events emitted while it stands."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    duplicate: int = Field(
        default=0, ge=0, le=100, description="Deliver this many extra copies of each event."
    )
    delay_seconds: float = Field(
        default=0, ge=0, le=86_400, description="Deliver each event this much later."
    )
    shuffle: bool = Field(
        default=False, description="Deliver out of order, within about half a second."
    )
    drop_first: int = Field(
        default=0,
        ge=0,
        description="Lose this many of the next events for good. Counts down; a GET shows what is "
        "left.",
    )


class Rules(BaseModel):
    """No rule stands by default."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    timeout_after_charge_every: int = Field(
        default=0,
        ge=0,
        description="Every n-th create or capture that holds or takes money commits, and then "
        "isn't answered for "
        "`timeout_seconds`. Creates and captures count together. 0: never.",
    )
    timeout_seconds: float = Field(
        default=30, gt=0, le=600, description="How long an answer is withheld, then 504."
    )
    decline_next: int = Field(
        default=0,
        ge=0,
        description="Decline this many of the next payments. Counts down; a GET shows what is "
        "left.",
    )
    decline_every: int = Field(
        default=0, ge=0, description="Decline every n-th payment that would be approved. 0: never."
    )
    outage: bool = Field(
        default=False, description="Answer every payment call with 503, without effect."
    )
    latency_ms: int = Field(
        default=0, ge=0, le=60_000, description="Take this much longer for every payment call."
    )
    webhooks: WebhookRules = WebhookRules()


@dataclass(frozen=True, slots=True)
class Fate:
    """Fate of one event."""

    copy_count: int
    delay_seconds: float
    is_ordered: bool
    is_dropped: bool


def replace_rules(tx: sqlite3.Connection, rules: Rules) -> None:
    """Sets the rules and starts all counts anew."""
    tx.execute(
        "UPDATE misbehaviour SET rules = ?, approval_count = 0, charge_count = 0",
        (rules.model_dump_json(),),
    )


def declines_now(tx: sqlite3.Connection) -> bool:
    """Returns whether a payment that would be approved is declined instead. Counts it."""
    rules = current_rules(tx)
    if rules.decline_next:
        _save(tx, rules.model_copy(update={"decline_next": rules.decline_next - 1}))
        return True
    if not rules.decline_every:
        return False
    tx.execute("UPDATE misbehaviour SET approval_count = approval_count + 1")
    approval_count: int = tx.execute("SELECT approval_count FROM misbehaviour").fetchone()[0]
    return approval_count % rules.decline_every == 0


def withholds_answer_now(tx: sqlite3.Connection) -> bool:
    """Returns whether the charge of this transaction goes unanswered. Counts it."""
    rules = current_rules(tx)
    if not rules.timeout_after_charge_every:
        return False
    tx.execute("UPDATE misbehaviour SET charge_count = charge_count + 1")
    charge_count: int = tx.execute("SELECT charge_count FROM misbehaviour").fetchone()[0]
    return charge_count % rules.timeout_after_charge_every == 0


def fate_of_next_event(tx: sqlite3.Connection) -> Fate:
    """Returns the fate of the event about to be emitted. Counts it."""
    rules = current_rules(tx)
    webhooks = rules.webhooks
    if webhooks.drop_first:
        fewer = webhooks.model_copy(update={"drop_first": webhooks.drop_first - 1})
        _save(tx, rules.model_copy(update={"webhooks": fewer}))
    return Fate(
        copy_count=1 + webhooks.duplicate,
        delay_seconds=webhooks.delay_seconds,
        is_ordered=not webhooks.shuffle,
        is_dropped=webhooks.drop_first > 0,
    )


def current_rules(tx: sqlite3.Connection) -> Rules:
    """The rules that stand."""
    return Rules.model_validate_json(tx.execute("SELECT rules FROM misbehaviour").fetchone()[0])


def _save(tx: sqlite3.Connection, rules: Rules) -> None:
    tx.execute("UPDATE misbehaviour SET rules = ?", (rules.model_dump_json(),))
