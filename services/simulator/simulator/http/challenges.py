"""The customer's bank: an API for programs that play the customer, and a page for people."""

import sqlite3
from html import escape
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from simulator import messages
from simulator.http.middleware import ProviderDep, json, problems
from simulator.messages import ChallengeAnswer, ChallengeOutcome
from simulator.payments import challenge, queries, vault
from simulator.payments.challenge import outcome_of
from simulator.payments.model import Payment, PaymentStatus
from simulator.payments.vault import SetUpStatus

router = APIRouter(tags=["challenges"], responses=problems(404, 409, 422))

_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors "
    "'none'",
    "Cache-Control": "no-store",
    # The address holds the token.
    "Referrer-Policy": "no-referrer",
}


@router.post("/v1/challenges/{token}", response_model=None)
async def answer_challenge(token: str, answer: ChallengeAnswer, provider: ProviderDep) -> Response:
    """Passes or fails a challenge; the token is the only secret. Idempotent for one outcome.

    409 `challenge_already_resolved` where it ended otherwise.
    """

    def resolve(tx: sqlite3.Connection) -> dict[str, Any]:
        if vault.set_up_by_challenge(tx, token) is None:
            payment = challenge.resolve_challenge(tx, token, outcome=answer.outcome)
            return messages.snapshot_of(payment)
        passes = answer.outcome is ChallengeOutcome.PASS
        found = vault.resolve_set_up(tx, token, passes=passes)
        kept = vault.find_instrument(tx, found.instrument_id) if found.instrument_id else None
        return messages.set_up_of(found, kept)

    return json(await provider.write(resolve))


@router.get("/challenges/{token}", response_class=HTMLResponse)
async def challenge_page(token: str, provider: ProviderDep) -> HTMLResponse:
    """A page where a person decides, or reads what was decided."""
    if found := await provider.database.read(lambda tx: vault.set_up_by_challenge(tx, token)):
        waits = found.status is SetUpStatus.REQUIRES_ACTION
        passed = found.status is SetUpStatus.DONE
        return HTMLResponse(
            _page("Save your card", _body_of_set_up(waits=waits, passed=passed)), headers=_HEADERS
        )
    payment = await provider.database.read(lambda tx: queries.payment_by_challenge(tx, token))
    return HTMLResponse(_page_of(payment), headers=_HEADERS)


@router.post("/challenges/{token}", status_code=303, response_class=RedirectResponse)
async def decide_on_page(
    token: str, outcome: Annotated[ChallengeOutcome, Query()], provider: ProviderDep
) -> RedirectResponse:
    """Resolves a challenge as the buyer chose, and redirects to the merchant's return URL.

    Without a return URL it redirects to the challenge's page.
    """

    def resolve(tx: sqlite3.Connection) -> str | None:
        if vault.set_up_by_challenge(tx, token):
            passes = outcome is ChallengeOutcome.PASS
            return vault.resolve_set_up(tx, token, passes=passes).return_url
        return challenge.resolve_challenge(tx, token, outcome=outcome).return_url

    return_url = await provider.write(resolve)
    return RedirectResponse(return_url or f"/challenges/{token}", status_code=303, headers=_HEADERS)


_BUTTONS: Final = (
    '<form method="post">'
    f'<button formaction="?outcome={ChallengeOutcome.PASS}">Approve</button> '
    f'<button formaction="?outcome={ChallengeOutcome.FAIL}">Decline</button></form>'
)


def _body_of_set_up(*, waits: bool, passed: bool) -> str:
    return (
        _BUTTONS if waits else f"<p>{'Your card is saved.' if passed else 'It is not saved.'}</p>"
    )


def _page_of(payment: Payment) -> str:
    if payment.status is PaymentStatus.REQUIRES_ACTION:
        body = _BUTTONS
    else:
        words = {
            ChallengeOutcome.PASS: "You approved this payment.",
            ChallengeOutcome.FAIL: "You declined this payment.",
        }
        ended = outcome_of(payment)
        body = f"<p>{words[ended] if ended else 'The merchant withdrew this payment.'}</p>"
    about = (
        f"<p>Order <b>{escape(payment.reference)}</b>: {payment.amount_minor} "
        f"{escape(payment.currency)} in the currency's smallest unit.</p>"
    )
    return _page("Confirm your payment", about + body)


def _page(title: str, body: str) -> str:
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" '
        'content="width=device-width">'
        f"<title>{title}</title><style>body{{font:1.1rem "
        "sans-serif;max-width:28rem;margin:4rem auto;padding:0 1rem}"
        f"button{{font:inherit;padding:.6rem 1.2rem}}</style><main><h1>{title}</h1>"
        f"{body}</main></html>"
    )
