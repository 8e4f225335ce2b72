"""Put finished reports in place, whole or not at all, and note those that failed."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from procanalysis.run.drafts import DRAFTS
from procanalysis.run.locking import alone_in

SUFFIXES = (".ipynb", ".xlsx", ".json", ".html")
PDF = ".pdf"
"""Only there when it was asked for, and never older than the page beside it."""
FAILED = ".failed.json"
FAILED_NOTEBOOK = ".failed.ipynb"
PREPARATION = "preparation"
"""The failure to list when an organisation's data could not be read."""
NO_PERIOD = "utan-period"
"""Where a failure lies when the file at fault does not tell its period."""
_ASIDE = ".aside-"


@dataclass(frozen=True)
class Place:
    """Say where one report's files lie: reports/<slug>/<period>/<report>[-<item>].<suffix>."""

    out: Path
    slug: str
    period: str
    report: str
    item: str = ""

    @property
    def folder(self) -> Path:
        """The folder of the organisation and period."""
        return self.out / self.slug / self.period

    @property
    def stem(self) -> str:
        """The files' common name."""
        return f"{self.report}-{self.item}" if self.item else self.report

    def file(self, suffix: str) -> Path:
        """Return the path of one of the files."""
        return self.folder / f"{self.stem}{suffix}"


def is_published(place: Place, fingerprint: str) -> bool:
    """Tell whether the report lies there already, made from the same data, notebook, parameters and code."""
    if not all(place.file(suffix).is_file() for suffix in SUFFIXES):
        return False
    return facts_of(place.file(".json")).get("fingerprint") == fingerprint


def publish(place: Place, draft: Path) -> None:
    """Put a finished report in place from its draft folder, whole or not at all, and forget an earlier failure.

    The report that lies there is set aside first. When the work stops half-way it comes back: at once when a file
    cannot be put in place, and through `restore_interrupted` when the process itself was stopped.
    """
    place.folder.mkdir(parents=True, exist_ok=True)
    with alone_in(place.out):  # or another run would take this for interrupted, and put back half of what was before
        _put_in_place(place, draft)
    forget_failure(place)


def _put_in_place(place: Place, draft: Path) -> None:
    restore(place)
    aside = draft / "aside"
    aside.mkdir()
    for suffix in SUFFIXES:
        if place.file(suffix).is_file():
            shutil.copy2(place.file(suffix), aside)
    aside.replace(_set_aside(place))
    try:
        place.file(PDF).unlink(missing_ok=True)  # it shows the report that is now replaced
        for suffix in SUFFIXES:
            (draft / f"{place.stem}{suffix}").replace(place.file(suffix))
    except BaseException:
        restore(place)
        raise
    _set_aside(place).replace(aside)  # from here on the new report holds


def restore(place: Place) -> None:
    """Put back the report that was set aside when a publishing was interrupted; do nothing otherwise."""
    aside = _set_aside(place)
    if not aside.is_dir():
        return
    for suffix in SUFFIXES:
        kept = aside / place.file(suffix).name
        if kept.is_file():
            shutil.copy2(kept, place.file(f"{suffix}.part"))
            place.file(f"{suffix}.part").replace(place.file(suffix))
        else:
            place.file(suffix).unlink(missing_ok=True)
    # Moved before it is removed: were it half removed, the next run would take the rest for all that there was.
    removed = Path(tempfile.mkdtemp(prefix=DRAFTS, dir=place.out))
    aside.replace(removed / aside.name)
    shutil.rmtree(removed, ignore_errors=True)


def restore_interrupted(out: Path) -> None:
    """Put back every report whose publishing was interrupted."""
    if not any(out.glob(f"*/*/{_ASIDE}*")):
        return
    with alone_in(out):  # what is set aside by a run that goes on is no longer there
        for aside in out.glob(f"*/*/{_ASIDE}*"):
            slug, period = aside.parent.parent.name, aside.parent.name
            restore(Place(out, slug, period, aside.name.removeprefix(_ASIDE)))


def _set_aside(place: Place) -> Path:
    return place.folder / f"{_ASIDE}{place.stem}"


def record_failure(place: Place, facts: Mapping[str, Any], reason: str, notebook: Path | None = None) -> None:
    """Note that a report failed, keep its notebook, and leave an earlier good report as it is."""
    place.folder.mkdir(parents=True, exist_ok=True)
    forget_failure(place)
    if notebook is not None and notebook.is_file():
        shutil.copyfile(notebook, place.file(FAILED_NOTEBOOK))
    content = {**facts, "report": place.report, "item": place.item, "period": place.period, "reason": reason}
    content["made_at"] = now()
    write_whole(place.file(FAILED), json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True))


def forget_failure(place: Place) -> None:
    """Remove the note of a failure and its notebook."""
    place.file(FAILED).unlink(missing_ok=True)
    place.file(FAILED_NOTEBOOK).unlink(missing_ok=True)


def any_failure(out: Path) -> bool:
    """Tell whether any failure is noted below the folder of reports."""
    return next(out.glob(f"*/*/*{FAILED}"), None) is not None


def write_whole(path: Path, text: str) -> None:
    """Write a text file so that a reader sees the old one or the new one, never half of it."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(text, encoding="utf-8", newline="")
    draft.replace(path)


def now() -> str:
    """Return the present moment, to the second, in local time."""
    return datetime.now().astimezone().isoformat(timespec="seconds")


def facts_of(path: Path) -> dict[str, Any]:
    """Read what a JSON file tells of a report; nothing when it is no such file."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
