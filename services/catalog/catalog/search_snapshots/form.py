"""The form of an index: a snapshot of another one is of no use.

The form changes with the code that makes documents, with the library that writes the files, and
with the languages and currencies of the channels.
"""

import hashlib
import inspect
from functools import cache
from importlib.metadata import version
from typing import Final

from catalog.channels.model import Channels
from catalog.search import analysis, documents, findables, found, measures

# The modules that decide which terms a product is found by.
_MODULES: Final = (analysis, documents, findables, found, measures)


def form_of(channels: Channels) -> str:
    """The form of the index for channels, as a digest."""
    settings = [*channels.locales, "", *channels.currencies]
    return hashlib.blake2b("\n".join([_code(), *settings]).encode(), digest_size=16).hexdigest()


@cache
def _code() -> str:
    """A digest of the code. Any edit of it counts: one that changes no term costs one build."""
    digest = hashlib.blake2b(version("tantivy").encode())
    for module in _MODULES:
        digest.update(inspect.getsource(module).encode())
    return digest.hexdigest()
