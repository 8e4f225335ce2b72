"""A folder for the drafts of one run, which the next run removes when this one is killed."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from procanalysis.run.locking import take_lock

DRAFTS = ".drafts-"
_HELD = "held"
_FORGOTTEN_SECONDS = 3600.0


@contextmanager
def drafts_folder(out: Path) -> Iterator[Path]:
    """Make a folder for drafts below `out` and remove it afterwards; first remove those of runs that were killed."""
    sweep(out)
    folder = Path(tempfile.mkdtemp(prefix=DRAFTS, dir=out))
    held = (folder / _HELD).open("w")
    take_lock(held)
    try:
        yield folder
    finally:
        held.close()
        shutil.rmtree(folder, ignore_errors=True)


def sweep(out: Path) -> None:
    """Remove the drafts of runs that are no more; those of a run that goes on beside this one stay.

    A run holds a lock on a file in its folder, which the system lets go of when the run ends, however it ends.
    """
    for folder in out.glob(f"{DRAFTS}*/"):
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
            take_lock(held)
    except FileNotFoundError:  # made at this very moment, or half removed
        return time.time() - folder.stat().st_mtime < _FORGOTTEN_SECONDS
    except OSError:
        return True
    return False
