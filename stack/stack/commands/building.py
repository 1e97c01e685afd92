"""Commands that make files: images, migrations, services."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console
from rich.table import Table

from stack.binaries import checkout
from stack.commands.options import Exit, add_command
from stack.platform import say_nothing


def _images(chosen: argparse.Namespace) -> Exit:
    from stack.containers import bills, images, measuring

    console = Console(highlight=False, soft_wrap=True)
    client, root = images.engine(), checkout()
    tag = chosen.tag or images.new_tag()

    def built(reference: str, seconds: float) -> None:
        console.print(f"[green]✓[/] {reference} built after {seconds:.1f} s")

    references = images.Builder(client, built=built).build(images.all_images(), tag)
    written = bills.write(client, references, root)
    console.print(f"{len(written)} bills of materials in {written[0].parent}")
    if chosen.measure:
        table = Table("image", "shared MB", "own MB", "start to ready s", box=None, pad_edge=False)
        for one in measuring.measure(client, references, say_nothing):
            table.add_row(
                one.name,
                f"{one.shared_bytes / 1e6:.1f}",
                f"{one.own_bytes / 1e6:.1f}",
                f"{one.ready_seconds:.2f}",
            )
        console.print(table)
    images.record(references, root)
    console.print(tag)
    return Exit.OK


def _migration(chosen: argparse.Namespace) -> Exit:
    from stack import migration

    path = migration.draft(chosen.service, chosen.name)
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"[bold]{path.resolve().relative_to(checkout())}[/]")
    console.print(
        "Read it, add what a draft leaves out (CHECKs, constraint names), and run the service's "
        "test of drift."
    )
    return Exit.OK


def _service(chosen: argparse.Namespace) -> Exit:
    from stack.scaffold.service import NewService, lay_out

    new = NewService(chosen.name, chosen.resource)
    for path in lay_out(new, chosen.root):
        print(path.relative_to(chosen.root))
    print(f"\n`make check` passes now; docs/how-to/add-a-service.md tells how {new.name} goes on")
    return Exit.OK


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds these commands to the parser."""
    images = add_command(
        commands,
        "images",
        _images,
        "build an image of every service, and a bill of materials of each; prints the tag last",
    )
    images.add_argument("--tag", metavar="X", help="instead of one that no build had before")
    images.add_argument(
        "--measure",
        action="store_true",
        help="tell the size of each and its time from start to ready",
    )
    migration = add_command(
        commands,
        "migration",
        _migration,
        "draft a migration from the difference between a service's tables and its migrations",
    )
    migration.add_argument("--service", required=True, metavar="NAME", help="e.g. cart")
    migration.add_argument(
        "--name", required=True, metavar="NAME", help="what it does, e.g. add_gift_note"
    )
    service = add_command(
        commands,
        "service",
        _service,
        "lay out a new service: contract, package, migration, tests, and its place in every list",
    )
    service.add_argument("--name", required=True, metavar="NAME", help="one word, e.g. loyalty")
    service.add_argument(
        "--resource",
        required=True,
        metavar="NAME",
        help="its first resource in the singular, e.g. account",
    )
    service.add_argument(
        "--root", type=Path, default=checkout(), metavar="FOLDER", help="checkout (default this)"
    )
