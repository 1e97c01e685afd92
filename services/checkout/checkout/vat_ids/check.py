"""Checks of VAT ids: cached answers, then the authority, then none."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from chassis.data.database import Database
from checkout import metrics
from checkout.errors.remote import RemoteUnavailable
from checkout.remote.circuit import Circuit, Patience
from checkout.vat_ids.authority import VatAuthority, VatIdQuestion, VatIdReply
from checkout.vat_ids.model import VatIdAnswer, VatIdCheck, VatIdStatus
from checkout.vat_ids.queries import find_answer, store_answer


class VatIds:
    """Answers on VAT ids.

    An answer counts for `fresh` without a question. Where the authority does not answer, one that
    is younger than `kept` counts, with its date; older ones are deleted.
    """

    def __init__(
        self,
        database: Database,
        authorities: Sequence[VatAuthority],
        *,
        timeout_seconds: float,
        fresh: timedelta,
        kept: timedelta,
    ) -> None:
        self._database, self._fresh, self._kept = database, fresh, max(fresh, kept)
        self._authorities = [
            (each, Circuit(each.name, Patience(timeout_seconds))) for each in authorities
        ]

    async def check(self, vat_id: str, requester: str) -> VatIdCheck:
        """Returns what is known of a VAT id in its normal form. Ask without a connection out."""
        now = self._database.clock.now()
        async with self._database.read() as read:
            known = await find_answer(read, vat_id, requester)
        if known is not None and now - known.checked_at < self._fresh:
            return known.check
        question = VatIdQuestion(vat_id, requester)
        for authority, circuit in self._authorities:
            if question.country in authority.countries:
                try:
                    reply = await circuit.call(partial(authority.ask, question))
                except RemoteUnavailable:
                    metrics.vat_id_checks.labels(authority.name, "unavailable").inc()
                    continue
                return await self._store(question, reply, authority.name, now)
        if known is not None and now - known.checked_at < self._kept:
            return known.check
        return VatIdCheck(vat_id, VatIdStatus.UNCONFIRMED)

    async def close(self) -> None:
        for authority, _ in self._authorities:
            await authority.close()

    async def _store(
        self, question: VatIdQuestion, reply: VatIdReply, authority: str, now: datetime
    ) -> VatIdCheck:
        status = VatIdStatus.VALID if reply.is_valid else VatIdStatus.INVALID
        metrics.vat_id_checks.labels(authority, status).inc()
        answer = VatIdAnswer(
            vat_id=question.vat_id,
            requester=question.requester,
            status=status,
            # The business clock decides on the age of answers; VIES knows the day alone.
            checked_at=now,
            consultation_number=reply.consultation_number,
            authority=authority,
        )
        async with self._database.tx() as tx:
            await store_answer(tx, answer, forget_before=now - self._kept)
        return answer.check
