"""Put finished reports in place, whole or not at all, and write the index."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from procanalysis.report import IndexEntry, IndexFailure, render_index
from procanalysis.run.catalogue import REPORTS
from procanalysis.version import VERSION

SUFFIXES = (".ipynb", ".xlsx", ".json", ".html")
FAILED = ".failed.json"


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
    try:
        published = json.loads(place.file(".json").read_text(encoding="utf-8"))
    except json.JSONDecodeError:
        return False
    return bool(published.get("fingerprint") == fingerprint)


def publish(place: Place, draft: Path) -> None:
    """Move a finished report from its draft folder into place, the page last, and forget an earlier failure."""
    place.folder.mkdir(parents=True, exist_ok=True)
    for suffix in SUFFIXES:
        (draft / f"{place.stem}{suffix}").replace(place.file(suffix))
    place.file(FAILED).unlink(missing_ok=True)
    place.file(".failed.ipynb").unlink(missing_ok=True)


def record_failure(place: Place, facts: Mapping[str, Any], reason: str, notebook: Path | None = None) -> None:
    """Note that a report failed, keep its notebook, and leave an earlier good report as it is."""
    place.folder.mkdir(parents=True, exist_ok=True)
    if notebook is not None and notebook.is_file():
        shutil.copyfile(notebook, place.file(".failed.ipynb"))
    content = {**facts, "report": place.report, "item": place.item, "period": place.period, "reason": reason}
    content["made_at"] = now()
    write_whole(place.file(FAILED), json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True))


def write_whole(path: Path, text: str) -> None:
    """Write a text file so that a reader sees the old one or the new one, never half of it."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)


def now() -> str:
    """Return the present moment, to the second, in local time."""
    return datetime.now().astimezone().isoformat(timespec="seconds")


def write_index(out: Path) -> Path:
    """Write reports/index.html from what lies published and failed below the folder. Returns its path."""
    titles = {report.name: report.title for report in REPORTS}
    entries, failures = [], []
    for path in sorted(out.glob("*/*/*.json")):
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except json.JSONDecodeError:
            continue
        if path.name.endswith(FAILED):
            failures.append(_failure(path, out, content, titles))
        elif "fingerprint" in content:
            entries.append(_entry(path, out, content, titles))
    out.mkdir(parents=True, exist_ok=True)
    index = out / "index.html"
    write_whole(index, render_index(entries, failures, made_on=now()[:10], version=VERSION))
    return index


def _entry(path: Path, out: Path, content: Mapping[str, Any], titles: Mapping[str, str]) -> IndexEntry:
    page = path.with_suffix(".html").relative_to(out).as_posix()
    files = (("Excel", ".xlsx"), ("Notebook", ".ipynb"), ("JSON", ".json"))
    return IndexEntry(
        organisation=content["organisation"],
        slug=content["slug"],
        period=content["period"],
        title=titles.get(content["report"], content["report"]),
        href=page,
        made_on=content["made_at"][:10],
        item=content.get("item_name") or "",
        fictional=bool(content["fictional"]),
        links=tuple((words, page.removesuffix(".html") + suffix) for words, suffix in files),
    )


def _failure(path: Path, out: Path, content: Mapping[str, Any], titles: Mapping[str, str]) -> IndexFailure:
    notebook = path.with_name(path.name.removesuffix(FAILED) + ".failed.ipynb")
    return IndexFailure(
        organisation=content["organisation"],
        slug=content["slug"],
        period=content["period"],
        title=titles.get(content["report"], content["report"] or "Läsa in underlaget"),
        reason=content["reason"],
        made_on=content["made_at"][:10],
        item=content.get("item_name") or "",
        fictional=bool(content["fictional"]),
        notebook_href=notebook.relative_to(out).as_posix() if notebook.is_file() else "",
    )
