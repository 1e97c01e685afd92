"""Loyalty rules and points as messages, and messages as rules."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from chassis.money import CURRENCIES, Money
from chassis.rpc.wire import EnumCodec, money, timestamp
from checkout.errors.loyalty import InvalidLoyaltyRule
from checkout.loyalty.model import LoyaltyRule, PointEntry, PointEntryKind
from sojourn.checkout.v1 import loyalty_pb2 as pb

_KINDS: Final = EnumCodec(pb.PointEntryKind, PointEntryKind)


def rule_from_proto(message: pb.LoyaltyRule) -> LoyaltyRule:
    """Returns the rule of a message. Raises InvalidLoyaltyRule."""

    def invalid(name: str, problem: str) -> InvalidLoyaltyRule:
        return InvalidLoyaltyRule(path=f"loyalty_rule.{name}", problem=problem)

    per, worth = Money.from_proto(message.earned_per), Money(0, message.earned_per.currency)
    if not message.code:
        raise invalid("code", "it is needed")
    if not message.channel.isprintable():
        raise invalid("channel", "no channel code")
    if per.currency not in CURRENCIES:
        raise invalid("earned_per.currency", "no active ISO 4217 code")
    if per.amount_minor <= 0:
        raise invalid("earned_per", "it is not positive")
    if message.HasField("redeemed_for"):
        worth = Money.from_proto(message.redeemed_for)
    if worth.currency != per.currency:
        raise invalid("redeemed_for", "it is in another currency than `earned_per`")
    if (worth.amount_minor > 0) is not (message.redeemed_points > 0):
        raise invalid("redeemed_points", "points and what they become go together")
    return LoyaltyRule(
        code=message.code,
        channel=message.channel,
        currency=per.currency,
        earned_points=message.earned_points,
        earned_per_minor=per.amount_minor,
        redeemed_points=message.redeemed_points,
        redeemed_minor=worth.amount_minor,
        least_points=message.least_points,
        pending_days=message.pending_days,
        valid_days=message.valid_days if message.HasField("valid_days") else None,
        is_enabled=message.active if message.HasField("active") else True,
    )


def rule_to_proto(rule: LoyaltyRule) -> pb.LoyaltyRule:
    return pb.LoyaltyRule(
        code=rule.code,
        channel=rule.channel,
        earned_points=rule.earned_points,
        earned_per=money(rule.earned_per_minor, rule.currency),
        redeemed_points=rule.redeemed_points,
        redeemed_for=money(rule.redeemed_minor, rule.currency) if rule.redeemed_points else None,
        least_points=rule.least_points,
        pending_days=rule.pending_days,
        valid_days=rule.valid_days,
        active=rule.is_enabled,
        version=rule.version,
    )


def points_to_proto(lots: Sequence[PointEntry], now: datetime) -> pb.Points:
    """Returns the points of lots, those that expire first in front, that are good now."""
    good = [one for one in lots if one.is_good(now)]
    first = good[0].expires_at if good else None
    return pb.Points(
        available=sum(one.left for one in good),
        next_expiry=timestamp(first),
        expiring=sum(one.left for one in good if one.expires_at == first) if first else 0,
    )


def entry_to_proto(entry: PointEntry) -> pb.PointEntry:
    """Returns an entry as the customer sees it: without who of the staff made it."""
    return pb.PointEntry(
        id=str(entry.id),
        kind=_KINDS.encode(entry.kind),
        points=entry.points,
        order_id=str(entry.order_id or ""),
        redeemed_for=money(entry.redeemed_minor, entry.currency) if entry.currency else None,
        reason=entry.reason,
        expires_at=timestamp(entry.expires_at),
        at=timestamp(entry.at),
    )
