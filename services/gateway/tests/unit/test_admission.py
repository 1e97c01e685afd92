"""Admission of calls to a peer that has more to do than it can answer in time."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from chassis.testing import eventually, let_tasks_run
from gateway.admission import Admission, OrderCall, Overloaded, Urgency, urgency_of
from gateway.settings import GatewaySettings

CART, CATALOG, CHECKOUT = (
    "/sojourn.cart.v1.CartService",
    "/sojourn.catalog.v1.CatalogService",
    "/sojourn.checkout.v1.CheckoutService",
)
LOGIN, REFRESH = (f"/sojourn.identity.v1.IdentityService/{name}" for name in ("Login", "Refresh"))
ADD, SEARCH, COMPLETE = (
    f"{CART}/AddLine",
    f"{CATALOG}/SearchProducts",
    f"{CHECKOUT}/CompleteCheckout",
)


class Timepiece:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def an_admission(timepiece: Timepiece | None = None, **changes: float) -> Admission:
    targets = {
        f"{name}_target": "-"
        for name in ("catalog", "cart", "checkout", "identity", "journey", "notifications")
    }
    settings = GatewaySettings(
        **{
            **targets,
            "environment": "development",
            "peer_calls": 10,
            "peer_orders": 3,
            "peer_target_seconds": 1,
            **changes,
        }
    )  # type: ignore[arg-type]
    return Admission("peer", settings, clock=timepiece or Timepiece())


def an_order_call(caller: str, *, key: str = "k") -> OrderCall:
    return OrderCall(caller, COMPLETE, key, b"")


class Held:
    """Calls that are answered once they are let."""

    def __init__(self, admission: Admission) -> None:
        self.admission, self.release = admission, asyncio.Event()
        self.calls: list[asyncio.Task[None]] = []

    async def start(self, path: str, count: int = 1) -> None:
        for _ in range(count):
            self.calls.append(asyncio.create_task(self.admission.call(path, self._wait)))
        await let_tasks_run()

    async def start_order(self, call: OrderCall) -> None:
        self.calls.append(asyncio.create_task(self.admission.call_for_order(call, self._wait)))
        await let_tasks_run()

    async def _wait(self) -> None:
        await self.release.wait()

    async def end(self) -> None:
        self.release.set()
        await asyncio.gather(*self.calls)


async def answer() -> str:
    return "answered"


async def late(timepiece: Timepiece, seconds: float) -> None:
    timepiece.seconds += seconds


def taking(timepiece: Timepiece, seconds: float) -> Callable[[], Awaitable[None]]:
    return lambda: late(timepiece, seconds)


@pytest.mark.parametrize(
    ("path", "urgency"),
    [
        (COMPLETE, Urgency.ORDER),
        ("/sojourn.checkout.v1.OrderService/ReceiveWebhook", Urgency.BUYING),
        (ADD, Urgency.BUYING),
        ("/sojourn.identity.v1.IdentityService/Refresh", Urgency.BUYING),
        ("/sojourn.identity.v1.IdentityService/Login", Urgency.PASSWORD),
        (SEARCH, Urgency.BROWSING),
        (f"{CHECKOUT}/EstimateDelivery", Urgency.BROWSING),
        ("/sojourn.journey.v1.TouchpointService/RecordTouchpoints", Urgency.BROWSING),
    ],
)
def test_orders_go_before_carts_and_carts_before_browsing(path: str, urgency: Urgency) -> None:
    assert urgency_of(path) is urgency


async def test_browsing_beyond_its_share_is_refused_at_once_while_carts_still_go_through() -> None:
    admission = an_admission()
    held = Held(admission)
    await held.start(SEARCH, 6)

    with pytest.raises(Overloaded) as refusal:
        await admission.call(SEARCH, answer)
    await held.start(ADD, 4)
    with pytest.raises(Overloaded):
        await admission.call(ADD, answer)

    assert int(refusal.value.metadata["retry_after_seconds"]) in (1, 2, 3)
    await held.end()
    assert await admission.call(SEARCH, answer) == "answered"


async def test_orders_go_through_while_everything_else_is_refused() -> None:
    admission = an_admission()
    held = Held(admission)
    await held.start(ADD, 10)

    assert await admission.call_for_order(an_order_call("ada"), answer) == ("answered", False)

    for caller in ("ada", "bea", "cy"):
        await held.start_order(an_order_call(caller))
    with pytest.raises(Overloaded):
        await admission.call_for_order(an_order_call("dee"), answer)
    await held.end()


async def test_repeats_of_an_order_share_its_answer_and_its_place() -> None:
    admission = an_admission(peer_orders=8)
    asked = 0
    release = asyncio.Event()

    async def ask() -> str:
        nonlocal asked
        asked += 1
        await release.wait()
        return "placed"

    taps = [
        asyncio.create_task(admission.call_for_order(an_order_call("ada"), ask)) for _ in range(80)
    ]
    await let_tasks_run()
    bystander = await admission.call_for_order(an_order_call("bea"), answer)
    release.set()
    answers = await asyncio.gather(*taps)

    assert bystander == ("answered", False)
    assert asked == 1
    assert sorted(answers) == [("placed", False)] + [("placed", True)] * 79


async def test_one_caller_takes_a_quarter_of_the_places_at_the_most() -> None:
    admission = an_admission(peer_orders=8)
    held = Held(admission)
    for key in ("1", "2"):
        await held.start_order(an_order_call("ada", key=key))

    with pytest.raises(Overloaded):
        await admission.call_for_order(an_order_call("ada", key="3"), answer)
    assert await admission.call_for_order(an_order_call("bea"), answer) == ("answered", False)

    await held.end()
    assert await admission.call_for_order(an_order_call("ada", key="3"), answer) == (
        "answered",
        False,
    )


async def test_an_order_goes_on_when_its_client_leaves() -> None:
    admission = an_admission()
    release, is_placed = asyncio.Event(), asyncio.Event()

    async def ask() -> None:
        await release.wait()
        is_placed.set()

    client = asyncio.create_task(admission.call_for_order(an_order_call("ada"), ask))
    await let_tasks_run()
    client.cancel()
    await asyncio.gather(client, return_exceptions=True)
    release.set()

    await eventually(is_placed.is_set)


async def test_the_limit_falls_when_answers_are_late_and_grows_again_when_they_are_not() -> None:
    timepiece = Timepiece()
    admission = an_admission(timepiece)

    await admission.call(ADD, taking(timepiece, 1.5))
    after_one = admission.limit
    for _ in range(20):
        await admission.call(ADD, taking(timepiece, 1.5))
    at_worst = admission.limit
    for _ in range(200):
        await admission.call(ADD, taking(timepiece, 0.01))

    assert 6 < after_one < 7
    assert at_worst == 4
    assert 10 < admission.limit <= 40


async def test_calls_of_one_crowd_cut_the_limit_once() -> None:
    timepiece = Timepiece()
    admission = an_admission(timepiece)
    held = Held(admission)
    await held.start(ADD, 8)

    timepiece.seconds += 2
    await held.end()

    assert 6 < admission.limit < 7


async def test_a_slow_bank_is_no_overload() -> None:
    timepiece = Timepiece()
    admission = an_admission(timepiece)

    await admission.call_for_order(an_order_call("ada"), taking(timepiece, 10))

    assert admission.limit == 10


async def test_a_flood_of_logins_leaves_guests_and_refreshes_their_places() -> None:
    admission = an_admission(peer_passwords=2)
    held = Held(admission)
    await held.start(LOGIN, 2)

    with pytest.raises(Overloaded):
        await admission.call(LOGIN, answer)
    assert await admission.call(REFRESH, answer) == "answered"

    await held.end()
    assert await admission.call(LOGIN, answer) == "answered"


async def test_it_is_overloaded_while_browsing_is_refused_and_not_by_logins() -> None:
    timepiece = Timepiece()
    admission = an_admission(timepiece, peer_passwords=1)
    held = Held(admission)
    await held.start(LOGIN)
    with pytest.raises(Overloaded):
        await admission.call(LOGIN, answer)
    assert not admission.is_overloaded

    await held.start(SEARCH, 6)
    with pytest.raises(Overloaded):
        await admission.call(SEARCH, answer)

    assert admission.is_overloaded
    timepiece.seconds += 2
    assert not admission.is_overloaded
    await held.end()


async def test_a_call_that_fails_gives_its_place_back() -> None:
    admission = an_admission()

    async def fail() -> None:
        raise ValueError

    for _ in range(20):
        with pytest.raises(ValueError):  # noqa: PT011
            await admission.call(ADD, fail)
        with pytest.raises(ValueError):  # noqa: PT011
            await admission.call_for_order(an_order_call("ada"), fail)
    assert await admission.call(ADD, answer) == "answered"
    assert await admission.call_for_order(an_order_call("ada"), answer) == ("answered", False)


async def test_room_is_asked_for_before_a_body_is_read() -> None:
    admission = an_admission()
    held = Held(admission)
    admission.require_room(SEARCH, "")
    await held.start(SEARCH, 6)

    admission.require_room(ADD, "")
    with pytest.raises(Overloaded):
        admission.require_room(SEARCH, "")
    await held.start(ADD, 4)
    with pytest.raises(Overloaded):
        admission.require_room(ADD, "")
    await held.end()


async def test_a_repeat_of_an_order_in_flight_needs_no_room() -> None:
    admission = an_admission()
    held = Held(admission)
    for caller in ("ada", "bob", "cyd"):
        await held.start_order(an_order_call(caller))

    admission.require_room(COMPLETE, "ada")
    with pytest.raises(Overloaded):
        admission.require_room(COMPLETE, "dee")
    await held.end()
