"""Write the index of what lies published and what has failed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from procanalysis.report import IndexEntry, IndexFailure, render_index
from procanalysis.run.catalogue import REPORTS
from procanalysis.run.publish import FAILED, FAILED_NOTEBOOK, PDF, PREPARATION, SUFFIXES, facts_of, now, write_whole
from procanalysis.version import VERSION

_IDENTITY = ("organisation", "slug", "period", "report", "made_at")


def write_index(out: Path) -> Path:
    """Write reports/index.html from what lies published and failed below the folder. Returns its path.

    A file that is no report of ours, or that has been spoiled, is left out.
    """
    titles = {PREPARATION: "Inläsning av underlaget"} | {report.name: report.title for report in REPORTS}
    entries, failures = [], []
    for path in sorted(out.glob("*/*/*.json")):
        content = facts_of(path)
        if path.name.endswith(FAILED) and _tells(content, *_IDENTITY, "reason"):
            failures.append(_failure(path, out, content, titles))
        elif _tells(content, *_IDENTITY, "fingerprint") and all(path.with_suffix(s).is_file() for s in SUFFIXES):
            entries.append(_entry(path, out, content, titles))
    out.mkdir(parents=True, exist_ok=True)
    index = out / "index.html"
    write_whole(index, render_index(entries, failures, made_on=now()[:10], version=VERSION))
    return index


def _tells(content: Mapping[str, Any], *keys: str) -> bool:
    return all(isinstance(content.get(key), str) for key in keys)


def _entry(path: Path, out: Path, content: Mapping[str, Any], titles: Mapping[str, str]) -> IndexEntry:
    page = path.with_suffix(".html").relative_to(out).as_posix()
    files = [("Excel", ".xlsx"), ("Notebook", ".ipynb"), ("JSON", ".json")]
    if path.with_suffix(PDF).is_file():
        files.insert(0, ("PDF", PDF))
    return IndexEntry(
        organisation=content["organisation"],
        slug=content["slug"],
        period=content["period"],
        title=titles.get(content["report"], content["report"]),
        href=page,
        made_on=content["made_at"][:10],
        item=content.get("item_name") or "",
        fictional=bool(content.get("fictional")),
        links=tuple((words, page.removesuffix(".html") + suffix) for words, suffix in files),
    )


def _failure(path: Path, out: Path, content: Mapping[str, Any], titles: Mapping[str, str]) -> IndexFailure:
    notebook = path.with_name(path.name.removesuffix(FAILED) + FAILED_NOTEBOOK)
    return IndexFailure(
        organisation=content["organisation"],
        slug=content["slug"],
        period=content["period"],
        title=titles.get(content["report"], content["report"]),
        reason=content["reason"],
        made_on=content["made_at"][:10],
        item=content.get("item_name") or "",
        fictional=bool(content.get("fictional")),
        notebook_href=notebook.relative_to(out).as_posix() if notebook.is_file() else "",
    )
