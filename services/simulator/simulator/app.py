"""The HTTP application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from simulator.http import challenges, disputes, operator, payments, vault
from simulator.http.middleware import refuse_in_problem_documents
from simulator.messages import WebhookEvent
from simulator.provider import Provider

LARGEST_BODY_BYTES = 64 * 1024

DESCRIPTION = """
Stands in for a payment provider. Amounts are integer minor units with an ISO 4217 currency; times
are RFC 3339 in UTC;
refusals are `application/problem+json` with a `code`.

Payment methods: `pm_card_ok`, `pm_card_declined`, `pm_card_insufficient_funds`, `pm_card_3ds` (asks
for a challenge),
`pm_card_charge_then_timeout` (charges, and doesn't answer in time).
"""

WEBHOOK_DESCRIPTION = """
Sent to WEBHOOK_URL until it answers in the 200s, for up to 24 hours. `Simulator-Signature: t=<Unix
seconds>,v1=<hex>` holds
the HMAC-SHA256 of `t`, a dot and the body under WEBHOOK_SECRET.
"""


def create_app(provider: Provider) -> FastAPI:
    """The application that serves `provider`, which it opens and closes with itself."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await provider.open()
        try:
            yield
        finally:
            await provider.close()

    app = FastAPI(
        title="Sojourn payment simulator",
        version="1.0.0",
        description=DESCRIPTION,
        lifespan=lifespan,
        redoc_url=None,
        max_body_size=LARGEST_BODY_BYTES,
        # FastAPI's own spans and logs would hold paths, and a challenge's path is a secret.
        telemetry={"tracing": False, "metrics": False, "logs": False, "operation_spans": False},
    )
    app.state.provider = provider
    app.include_router(payments.router)
    app.include_router(vault.router)
    app.include_router(challenges.router)
    app.include_router(disputes.router)
    app.include_router(operator.ledger_router)
    app.include_router(operator.misbehaviour_router)
    app.include_router(operator.health_router)
    refuse_in_problem_documents(app)

    @app.webhooks.post("payment-event", description=WEBHOOK_DESCRIPTION)
    def payment_event(event: WebhookEvent) -> None:
        """A payment changed."""

    return app
