"""Keep what was read of each input file, so that a preparation reads only the files that are new or changed."""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import duckdb

from procanalysis.organisation.keeping import SHARED
from procanalysis.read.files import file_digest
from procanalysis.read.laying_out import LedgerFormat
from procanalysis.read.parts import LedgerPart, is_whole, kept_parts, read_part
from procanalysis.read.supplier_numbers import Masker
from procanalysis.version import VERSION, code_digest

_FOLDER = f"{SHARED}files"
_USED = "files.json"
# What decides how a file is read. The rules, the registers and the mapping do not.
_READ_BY = ("schema", "read")
_KINDS = ("organisation", "internal")


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
        key = self._key(path, form)
        kinds = _KINDS if form.supplier_numbers == "auto" else (form.supplier_numbers,)
        kept = next((folder for kind in kinds if is_whole(folder := self._home / f"{key}-{kind}")), None)
        if kept is None or anew:
            kept = self._read(path, form, key)
        self._used[key] = kept
        return kept_parts(kept)

    def _key(self, path: Path, form: LedgerFormat) -> str:
        settings = asdict(form)
        del settings["supplier_numbers"]
        content = {
            "version": VERSION,
            "engine": duckdb.__version__,
            "code": code_digest(*_READ_BY),
            "file": (path.name, file_digest(path)),
            "form": settings,
            "mask": (self._masker.enabled, self._masker.supplier_key("procanalysis"), self._masker.code("key", "")),
        }
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:20]

    def _read(self, path: Path, form: LedgerFormat, key: str) -> Path:
        self._progress(path.name)
        self._home.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=self._home))
        try:
            parts = read_part(self._connection, path, form, self._masker, draft)
            kind = next((part.supplier_numbers for part in parts if part.supplier_numbers), _KINDS[0])
            folder = self._home / f"{key}-{kind}"
            shutil.rmtree(folder, ignore_errors=True)  # one that is not whole, or must be read anew
            draft.replace(folder)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        return folder

    def note_used(self, preparation: Path) -> None:
        """Note in a preparation's folder which kept files it rests on."""
        used = sorted(folder.name for folder in self._used.values())
        (preparation / _USED).write_text(json.dumps(used), encoding="utf-8")


def forget_unused(home: Path) -> None:
    """Remove what no kept preparation rests on, and the drafts of processes that were stopped."""
    used: set[str] = set()
    for note in home.glob(f"*/{_USED}"):
        used.update(json.loads(note.read_text(encoding="utf-8")))
    for folder in (home / _FOLDER).iterdir():
        if folder.is_dir() and folder.name not in used:
            shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def alone(home: Path) -> Iterator[None]:
    """Let one process at a time prepare an organisation; the others wait, and find the work done.

    A process that ends, however it ends, lets the next one in. Where the system knows no such lock, nobody waits.
    """
    try:
        import fcntl
    except ImportError:
        yield
        return
    (home / _FOLDER).mkdir(parents=True, exist_ok=True)
    with (home / _FOLDER / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
