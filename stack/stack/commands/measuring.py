"""Commands that put load on a platform: chaos, benchmark, sizing, synthetic shopper."""

from __future__ import annotations

import argparse
import asyncio
from typing import Final

from rich.console import Console

from stack.bench import command as bench_command
from stack.binaries import checkout
from stack.commands.options import (
    Exit,
    add_command,
    explaining_answers,
    owned,
    platform_at,
    platform_of,
    require_processes,
)
from stack.shoppers import shop

ACTS: Final = ("sell-out", "returns", "double-tap", "overload")


def _chaos(chosen: argparse.Namespace) -> Exit:
    from stack.faults import after_sale, chaos, crowds

    console = Console(highlight=False, soft_wrap=True)
    platform = platform_of(
        chosen,
        console,
        ports="free",
        replicas=chaos.REPLICATED,
        clock="virtual",
        settings=chaos.SETTINGS,
    )
    verdicts: list[bool] = []

    async def play() -> None:
        if "sell-out" in chosen.acts:
            console.print("\n[bold]The sell-out[/]")
            sold_out = chaos.sell_out(
                platform,
                shoppers=chosen.shoppers,
                units=chosen.units,
                seed=chosen.seed,
                say=console.print,
            )
            verdicts.append(chaos.print_verdict(await sold_out, console))
        if "returns" in chosen.acts:
            console.print("\n[bold]Returns, with a slow bank[/]")
            returned = after_sale.send_back(
                platform, buyers=chosen.returns, seed=chosen.seed, say=console.print
            )
            verdicts.append(after_sale.print_verdict(await returned, console))
        if "double-tap" in chosen.acts:
            console.print("\n[bold]Double tap, with a slow bank[/]")
            verdicts.append(
                crowds.print_verdict(await crowds.double_tap(platform, say=console.print), console)
            )
        if "overload" in chosen.acts:
            console.print("\n[bold]Overload[/]")
            verdicts.append(
                crowds.print_verdict(
                    await crowds.overload(platform, shoppers=chosen.crowd, say=console.print),
                    console,
                )
            )

    with owned(platform, chosen, "make chaos"):
        platform.up()
        explaining_answers(lambda: asyncio.run(play()))
        return Exit.OK if all(verdicts) else Exit.FAILED


def _acts(text: str) -> tuple[str, ...]:
    acts = tuple(text.split(","))
    if unknown := set(acts) - set(ACTS):
        raise argparse.ArgumentTypeError(
            f"{', '.join(sorted(unknown))}: the acts are {', '.join(ACTS)}"
        )
    return acts


def _bench(chosen: argparse.Namespace) -> Exit:
    require_processes(chosen)
    console = Console(highlight=False, soft_wrap=True)
    platform = platform_of(chosen, console, ports="free", settings=bench_command.settings(chosen))
    with owned(platform, chosen, "make bench"):
        platform.up()
        errors: list[int] = []
        explaining_answers(lambda: errors.append(bench_command.run(platform, chosen, console)))
        return Exit.OK if errors == [0] else Exit.FAILED


def _sizing(chosen: argparse.Namespace) -> Exit:
    if (text := bench_command.told(chosen)) is not None:
        print(text, end="")
        return Exit.OK
    require_processes(chosen)
    console = Console(highlight=False, soft_wrap=True)
    platform = platform_of(chosen, console, ports="free", settings=bench_command.limitless())
    with owned(platform, chosen, "make sizing"):
        platform.up()
        explaining_answers(lambda: bench_command.size(platform, chosen, console))
        return Exit.OK


def _shop(chosen: argparse.Namespace) -> Exit:
    if chosen.url and chosen.api_key_file:
        url, api_key = chosen.url, chosen.api_key_file.read_text().strip()
    else:
        platform = platform_at(chosen)
        url, api_key = platform.gateway_url, platform.synthetic_api_key
    try:
        return (
            Exit.OK if asyncio.run(shop.run(chosen, url, api_key, shop.print_line)) else Exit.FAILED
        )
    except asyncio.CancelledError:
        return Exit.INTERRUPTED


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds these commands to the parser."""
    chaos = add_command(
        commands,
        "chaos",
        _chaos,
        "a sell-out and returns with replicas killed, double taps at a slow bank, an overload; "
        "then the ledgers against the orders",
    )
    chaos.add_argument(
        "--acts",
        type=_acts,
        default=ACTS,
        metavar="ACT,…",
        help=f"of {', '.join(ACTS)} (default all)",
    )
    chaos.add_argument(
        "--crowd", type=int, default=250, metavar="N", help="shoppers of the overload (default 250)"
    )
    chaos.add_argument("--shoppers", type=int, default=200, metavar="N", help="default 200")
    chaos.add_argument("--units", type=int, default=20, metavar="N", help="default 20")
    chaos.add_argument(
        "--returns", type=int, default=27, metavar="N", help="orders of the returns (default 27)"
    )
    chaos.add_argument(
        "--seed",
        type=int,
        default=1,
        metavar="N",
        help="of the moments at which replicas are killed",
    )
    chaos.add_argument("--keep", action="store_true", help="keep the stack's data and logs")
    chaos.set_defaults(home=checkout() / ".stack" / "chaos")
    bench = add_command(
        commands,
        "bench",
        _bench,
        "what each path costs, on a stack of its own, beside the floor that no path can undercut",
    )
    bench_command.add_options(bench)
    sizing = add_command(
        commands,
        "sizing",
        _sizing,
        "what each service uses under a reference load; requests and limits from it",
    )
    bench_command.add_sizing_options(sizing)
    shopper = add_command(
        commands,
        "shop",
        _shop,
        "buy as a synthetic shopper: here, or with --url and --api-key-file elsewhere; `python -m "
        "stack.shoppers.shop` too",
    )
    shop.add_options(shopper, is_required=False)
