"""A folder for the drafts of one run, which the next run removes when this one is killed."""

from __future__ import annotations

import contextlib
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_PREFIX = ".drafts-"
_HELD = "held"
_FORGOTTEN_SECONDS = 3600.0


@contextmanager
def drafts_folder(out: Path) -> Iterator[Path]:
    """Make a folder for drafts below `out` and remove it afterwards; first remove those of runs that were killed."""
    sweep(out)
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=out))
    held = (folder / _HELD).open("w")
    _lock(held)
    try:
        yield folder
    finally:
        held.close()
        shutil.rmtree(folder, ignore_errors=True)


def sweep(out: Path) -> None:
    """Remove the drafts of runs that are no more; those of a run that goes on beside this one stay.

    A run holds a lock on a file in its folder, which the system lets go of when the run ends, however it ends.
    """
    for folder in out.glob(f"{_PREFIX}*/"):
        if not _in_use(folder):
            shutil.rmtree(folder, ignore_errors=True)
    # Half a file that was to replace another: whoever wrote it would have been done within a second.
    for half in (*out.glob(".index.html.*"), *out.glob("*/*/.*.failed.json.*"), *out.glob("*/*/*.part")):
        with contextlib.suppress(OSError):
            if time.time() - half.stat().st_mtime > _FORGOTTEN_SECONDS:
                half.unlink()


def _in_use(folder: Path) -> bool:
    try:
        with (folder / _HELD).open("r+") as held:
            _lock(held)
    except FileNotFoundError:  # made at this very moment, or half removed
        return time.time() - folder.stat().st_mtime < _FORGOTTEN_SECONDS
    except OSError:
        return True
    return False


def _lock(held: IO[str]) -> None:
    """Take the lock, or raise OSError when a running process has it."""
    if sys.platform == "win32":
        msvcrt.locking(held.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
