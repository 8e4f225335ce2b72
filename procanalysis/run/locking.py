"""Keep two runs from working on the same files at once. The system lets go of a lock when its process ends."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


def take_lock(held: IO[str]) -> None:
    """Take the lock of an open file, or raise OSError when a running process has it."""
    if sys.platform == "win32":
        msvcrt.locking(held.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Wait until no other process works in a folder, and let none begin meanwhile.

    The folder itself is locked, so that nothing is left behind in it. Where it cannot be locked, as on Windows and on
    some network shares, nobody waits: two runs at once must then be avoided, see docs/schedule.md.
    """
    if sys.platform == "win32":
        yield
        return
    held = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):
            fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        os.close(held)
