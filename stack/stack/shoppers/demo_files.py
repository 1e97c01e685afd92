"""`python -m stack.shoppers.demo_files FOLDER` writes the demo catalogue as files.

`products.jsonl` holds a ProductInput a line, `categories.json` a list of CategoryInput.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from stack.shoppers import demo_catalogue


def write(folder: Path, *, count: int = demo_catalogue.PRODUCTS) -> None:
    """Writes both files, in place of those that are there."""
    folder.mkdir(parents=True, exist_ok=True)
    categories = json.dumps(list(demo_catalogue.categories()), ensure_ascii=False)
    (folder / "categories.json").write_text(categories, encoding="utf-8")
    with (folder / "products.jsonl").open("w", encoding="utf-8") as file:
        for product in demo_catalogue.products(count):
            file.write(json.dumps(product, ensure_ascii=False) + "\n")


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m stack.shoppers.demo_files")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--products", type=int, default=demo_catalogue.PRODUCTS)
    chosen = parser.parse_args(arguments)
    write(chosen.folder, count=chosen.products)


if __name__ == "__main__":
    main()
