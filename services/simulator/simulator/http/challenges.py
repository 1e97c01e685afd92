"""The customer's bank: an API for programs that play the customer, and a page for people."""

from html import escape
from typing import Annotated, Final

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from simulator import messages
from simulator.http.middleware import ProviderDep, json, problems
from simulator.messages import ChallengeAnswer, ChallengeOutcome, PaymentView
from simulator.payments import challenge, queries
from simulator.payments.challenge import outcome_of
from simulator.payments.model import Payment, PaymentStatus

router = APIRouter(tags=["challenges"], responses=problems(404, 409, 422))

_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors "
    "'none'",
    "Cache-Control": "no-store",
    # The address holds the token.
    "Referrer-Policy": "no-referrer",
}


@router.post("/v1/challenges/{token}", response_model=PaymentView)
async def answer_challenge(token: str, answer: ChallengeAnswer, provider: ProviderDep) -> Response:
    """Passes or fails a challenge; the token is the only secret. Idempotent for one outcome.

    409 `challenge_already_resolved` where it ended otherwise.
    """
    payment = await provider.write(
        lambda tx: challenge.resolve_challenge(tx, token, outcome=answer.outcome)
    )
    return json(messages.snapshot_of(payment))


@router.get("/challenges/{token}", response_class=HTMLResponse)
async def challenge_page(token: str, provider: ProviderDep) -> HTMLResponse:
    """A page where a person decides, or reads what was decided."""
    payment = await provider.database.read(lambda tx: queries.payment_by_challenge(tx, token))
    return HTMLResponse(_page_of(payment), headers=_HEADERS)


@router.post("/challenges/{token}", status_code=303, response_class=RedirectResponse)
async def decide_on_page(
    token: str, outcome: Annotated[ChallengeOutcome, Query()], provider: ProviderDep
) -> RedirectResponse:
    """Resolves a challenge as the buyer chose, and redirects to the merchant's return URL.

    Without a return URL it redirects to the challenge's page.
    """
    payment = await provider.write(
        lambda tx: challenge.resolve_challenge(tx, token, outcome=outcome)
    )
    return RedirectResponse(
        payment.return_url or f"/challenges/{token}", status_code=303, headers=_HEADERS
    )


def _page_of(payment: Payment) -> str:
    if payment.status is PaymentStatus.REQUIRES_ACTION:
        body = (
            '<form method="post">'
            f'<button formaction="?outcome={ChallengeOutcome.PASS}">Approve</button> '
            f'<button formaction="?outcome={ChallengeOutcome.FAIL}">Decline</button></form>'
        )
    else:
        words = {
            ChallengeOutcome.PASS: "You approved this payment.",
            ChallengeOutcome.FAIL: "You declined this payment.",
        }
        ended = outcome_of(payment)
        body = f"<p>{words[ended] if ended else 'The merchant withdrew this payment.'}</p>"
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" '
        'content="width=device-width">'
        "<title>Confirm your payment</title><style>body{font:1.1rem "
        "sans-serif;max-width:28rem;margin:4rem auto;padding:0 1rem}"
        "button{font:inherit;padding:.6rem 1.2rem}</style><main><h1>Confirm your payment</h1>"
        f"<p>Order <b>{escape(payment.reference)}</b>: {payment.amount_minor} "
        f"{escape(payment.currency)} "
        f"in the currency's smallest unit.</p>{body}</main></html>"
    )
