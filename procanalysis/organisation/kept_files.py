"""Keep what was read of each input file, so that a preparation reads only the files that are new or changed."""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from pathlib import Path

import duckdb

from procanalysis.organisation.keeping import FORGOTTEN_DRAFT_SECONDS, SHARED
from procanalysis.read.files import file_digest
from procanalysis.read.laying_out import LedgerFormat
from procanalysis.read.parts import LedgerPart, changed_while_read, kept_parts, read_part
from procanalysis.read.supplier_numbers import Masker
from procanalysis.version import VERSION, code_digest

_FOLDER = f"{SHARED}files"
_USED = "files.json"
# What decides how a file is read. The rules, the registers and the mapping do not.
_READ_BY = ("schema", "read")
_KINDS = ("organisation", "internal")
# A workbook's sheets may use numbers of different kinds until all files together have told which they are.
_MIXED = "mixed"


class KeptFiles:
    """Give the parts of input files, from where they are kept or by reading them.

    Parameters: home, where the preparations of an organisation lie; masker; progress, told of each file that is read.
    """

    def __init__(
        self, home: Path, connection: duckdb.DuckDBPyConnection, masker: Masker, progress: Callable[[str], None]
    ) -> None:
        self._home = home / _FOLDER
        self._connection = connection
        self._masker = masker
        self._progress = progress
        self._used: dict[str, Path] = {}

    def read(self, path: Path, form: LedgerFormat, anew: bool) -> list[LedgerPart]:
        """Return the parts of a file; read it when it is not kept as it is now, or when it must be read anew."""
        digest = file_digest(path)
        key = self._key(path.name, digest, form)
        kinds = (*_KINDS, _MIXED) if form.supplier_numbers == "auto" else (form.supplier_numbers,)
        folders = [] if anew else [self._home / f"{key}-{kind}" for kind in kinds]
        parts = next((parts for folder in folders if (parts := kept_parts(folder))), None)
        if parts is None:
            parts = self._read(path, digest, form, key)
        self._used[key] = parts[0].folder
        return parts

    def _key(self, name: str, digest: str, form: LedgerFormat) -> str:
        settings = asdict(form)
        del settings["supplier_numbers"]
        content = {
            "version": VERSION,
            "engine": duckdb.__version__,
            "code": code_digest(*_READ_BY),
            "file": (name, digest),
            "form": settings,
            "mask": (self._masker.enabled, self._masker.supplier_key("procanalysis"), self._masker.code("key", "")),
        }
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:20]

    def _read(self, path: Path, digest: str, form: LedgerFormat, key: str) -> list[LedgerPart]:
        self._progress(path.name)
        self._home.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=self._home))
        try:
            parts = read_part(self._connection, path, form, self._masker, draft)
            if any(part.sha256 != digest for part in parts):
                raise changed_while_read(path)  # what is kept under the digest of a file is of that file
            kinds = {part.supplier_numbers for part in parts} - {""} or {_KINDS[0]}
            folder = self._home / f"{key}-{kinds.pop() if len(kinds) == 1 else _MIXED}"
            shutil.rmtree(folder, ignore_errors=True)  # one that is not whole, or must be read anew
            draft.replace(folder)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        return [replace(part, folder=folder) for part in parts]

    def note_used(self, preparation: Path) -> None:
        """Note in a preparation's folder which kept files it rests on."""
        used = sorted(folder.name for folder in self._used.values())
        (preparation / _USED).write_text(json.dumps(used), encoding="utf-8")


def forget_unused(home: Path, *, is_alone: bool) -> None:
    """Remove what no kept preparation rests on, and the drafts of processes that were stopped.

    Parameters: home; is_alone, False when another process may be preparing, which needs what is new.
    """
    used: set[str] = set()
    for note in home.glob(f"*/{_USED}"):
        # Of a preparation whose note cannot be read the files are read anew, if need be.
        with contextlib.suppress(OSError, ValueError, TypeError):
            used.update(json.loads(note.read_text(encoding="utf-8")))
    oldest = time.time() - FORGOTTEN_DRAFT_SECONDS
    for folder in (home / _FOLDER).iterdir():
        with contextlib.suppress(FileNotFoundError):  # another process forgets the same ones
            if folder.is_dir() and folder.name not in used and (is_alone or folder.stat().st_mtime < oldest):
                shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def alone(home: Path, progress: Callable[[str], None]) -> Iterator[bool]:
    """Let one process at a time prepare an organisation; the others wait, and find the work done.

    Parameters: home; progress, told when there is somebody to wait for. Yields whether no other process prepares.
    A process that ends, however it ends, lets the next one in. Where the system knows no such lock, nobody waits.
    """
    (home / _FOLDER).mkdir(parents=True, exist_ok=True)
    try:
        import fcntl
    except ImportError:
        yield False
        return
    with (home / _FOLDER / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress("väntar på en annan körning")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield True
