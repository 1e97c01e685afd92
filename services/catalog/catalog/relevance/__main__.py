"""`python -m catalog.relevance --data FOLDER` prints how well search finds its products."""

import argparse
import sys
from pathlib import Path

from catalog.relevance.corpus import corpora
from catalog.relevance.measure import measure


def main(arguments: list[str] | None = None) -> int:
    """Prints a table. Returns 1 where the folder holds no catalogue."""
    parser = argparse.ArgumentParser(prog="python -m catalog.relevance")
    parser.add_argument(
        "--data",
        type=Path,
        required=True,
        help="folder with *.jsonl (ProductInput) and categories.json, Shopify's *.csv, or "
        "categories.json.gz",
    )
    folder: Path = parser.parse_args(arguments).data
    rows = 0
    for corpus in corpora(folder):
        figures = list(measure(corpus))
        print(f"{corpus.name}: {len(corpus.items)} products\n")
        print("| locale | kind | queries | success@1 | success@10 | MRR | µs CPU a query |")
        print("|---|---|---|---|---|---|---|")
        for each in figures:
            rows += 1
            print(
                f"| {each.locale} | {each.kind} | {each.count} | {each.success_at_1:.3f} |"
                f" {each.success_at_10:.3f} | {each.reciprocal_rank:.3f} |"
                f" {each.cpu_microseconds:.0f} |"
            )
        print()
    if not rows:
        print(f"{folder} has no catalogue", file=sys.stderr)
    return 0 if rows else 1


if __name__ == "__main__":
    sys.exit(main())
