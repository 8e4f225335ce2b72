"""Keep what was prepared from files in a folder named after all that it rests on, whole or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

SHARED = "_"
"""How a folder is named that several preparations share and that is none itself."""

FORGOTTEN_DRAFT_SECONDS = 24 * 3600
"""How old a draft must be for no process to be at work in it any more."""

_KEPT_PREPARATIONS = 3


def kept_folder(home: Path, key: str, prepare: Callable[[Path], None]) -> Path:
    """Return the folder of a preparation, making it when it does not exist.

    Parameters: home, where all preparations of the same thing lie; key, a digest of all that this one rests on;
    prepare, fills an empty folder, prepared.json last. Returns home/key, which appears whole or not at all; the newest
    others are kept beside it. Raises what `prepare` raises.
    """
    folder = home / key
    if is_whole(folder):
        with contextlib.suppress(OSError):
            os.utime(folder)  # what is in use is the last to be forgotten
        return folder
    home.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=home))
    try:
        prepare(draft)
        if folder.is_dir() and not is_whole(folder):
            shutil.rmtree(folder)
        draft.replace(folder)
    except OSError:
        # Another process has put the same preparation in place meanwhile, and may be reading it: theirs is as good.
        if not is_whole(folder):
            raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    _forget_old(home, folder)
    return folder


def is_whole(folder: Path) -> bool:
    """Tell whether a preparation was finished."""
    return (folder / "prepared.json").is_file()


def _forget_old(home: Path, current: Path) -> None:
    """Keep the newest preparations, and no draft that a stopped process left behind."""
    drafts: list[tuple[float, Path]] = []
    others: list[tuple[float, Path]] = []
    for path in home.iterdir():
        with contextlib.suppress(FileNotFoundError):  # another process forgets the same ones
            if path.is_dir() and path != current and not path.name.startswith(SHARED):
                (drafts if path.name.startswith(".draft-") else others).append((path.stat().st_mtime, path))
    stale = [path for made, path in drafts if made < time.time() - FORGOTTEN_DRAFT_SECONDS]
    for path in [*stale, *(path for _, path in sorted(others, reverse=True)[_KEPT_PREPARATIONS - 1 :])]:
        shutil.rmtree(path, ignore_errors=True)
