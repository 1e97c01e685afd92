"""Memory of this process: freed pages are kept for the next batch of a scan.

A scan takes and frees arrays of some megabytes a hundred times a second. The C library gives each
back to the system at once, and a page that the system gives anew costs more than what it is used
for: a tenth of a scan over files.
"""

import ctypes
from typing import Final

# Of glibc's <malloc.h>; musl has no `mallopt`.
_M_TRIM_THRESHOLD: Final = -1
_M_MMAP_THRESHOLD: Final = -3
_M_ARENA_MAX: Final = -8
_KEPT_BYTES: Final = 64 * 1024 * 1024
_LARGEST_KEPT_BYTES: Final = 32 * 1024 * 1024


def keep_freed_memory() -> None:
    """Lets the C library keep 64 MiB of freed memory, where it can be told to."""
    set_option = getattr(ctypes.CDLL(None), "mallopt", None)
    if set_option is not None:
        # Threads share one heap: with one each, each would keep as much.
        set_option(_M_ARENA_MAX, 1)
        set_option(_M_TRIM_THRESHOLD, _KEPT_BYTES)
        set_option(_M_MMAP_THRESHOLD, _LARGEST_KEPT_BYTES)
