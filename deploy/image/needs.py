"""Prints what the given pyproject.toml files need of others, one requirement a line.

For the image's build.
"""

import sys
import tomllib
from pathlib import Path

for path in sys.argv[1:]:
    for need in tomllib.loads(Path(path).read_text(encoding="utf-8"))["project"]["dependencies"]:
        if not need.startswith("sojourn-"):
            sys.stdout.write(f"{need}\n")
