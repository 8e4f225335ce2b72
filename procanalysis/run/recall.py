"""Remember what a run prepared, so that a run with nothing changed opens no data and imports no engine.

The memory is kept under a digest of everything that a preparation can rest on: more than each of them does, so that a
change in any reviewed file only costs preparing anew, and an old preparation is never taken for a new one.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from procanalysis.errors import ProcanalysisError
from procanalysis.params import load_organisation_params, organisation_slugs, organisations_folder, project_root
from procanalysis.params.indicators import catalogue_slugs, load_indicators
from procanalysis.params.tenders import load_tender_source, tender_source_slugs
from procanalysis.read.files import file_digest
from procanalysis.run.catalogue import Item
from procanalysis.run.jobs import Prepared
from procanalysis.run.options import RunOptions
from procanalysis.run.publish import write_whole
from procanalysis.version import code_digest

_KEPT = 8
_REVIEWED = (
    "annual_reports", "assessments", "business_cases", "indicators", "law", "mappings", "organisations", "peers",
    "taxonomies", "tenders",
)  # fmt: skip
_VARIABLES = "PROCANALYSIS_"
_OF_MAIL = "PROCANALYSIS_SMTP_"
"""No report rests on them, and a password is no part of what names a file."""


def stamp_of(slugs: Sequence[str], options: RunOptions) -> str:
    """Return a digest of all that the preparations of a run can rest on, or nothing when a file cannot be read.

    They are: what is asked for, the code, the settings of the environment, every reviewed file, the published figures,
    and every ledger, register, logo, reported figure and tender file that the reviewed files name. By content, since a
    file may be replaced without looking newer.
    """
    asked = [list(slugs), sorted({report.subject for report in options.reports}), options.period, options.everyone]
    variables = sorted(
        (name, value)
        for name, value in os.environ.items()
        if name.startswith(_VARIABLES) and not name.startswith(_OF_MAIL)
    )
    digest = hashlib.sha256(json.dumps([asked, variables, code_digest()]).encode())
    try:
        for path in sorted(set(_files(slugs))):
            digest.update(f"{path}\0{file_digest(path)}\n".encode())
    except (ProcanalysisError, OSError):
        return ""  # what is wrong is told when it is prepared
    return digest.hexdigest()[:24]


def _files(slugs: Sequence[str]) -> Iterator[Path]:
    root, params = project_root(), organisations_folder().parent
    folders = [*(base / name for base in {params, root / "params"} for name in _REVIEWED), organisations_folder()]
    for folder in [*folders, root / "data" / "published"]:
        yield from (path for path in folder.rglob("*") if path.is_file())
    yield from (path for path in [root / "data" / "prepared" / ".mask-key"] if path.is_file())
    for slug in organisation_slugs():
        if slug in slugs:
            own = load_organisation_params(slug)
            yield from (*own.ledger_paths(), own.taxonomy_path(), *own.rule_paths(), *own.all_register_paths())
            yield from filter(None, [own.logo_path()])
    for slug in catalogue_slugs():
        catalogue = load_indicators(slug)
        if catalogue.figures:
            yield from (catalogue.path.parent / catalogue.figures).glob("*.csv")
    for slug in tender_source_slugs():
        source = load_tender_source(slug)
        if source.has_any_file():
            yield from (path.resolve() for paths in source.file_paths().values() for path in paths)
        yield from filter(None, [source.peers_path()])


def recall(stamp: str) -> tuple[Prepared, ...] | None:
    """Return what was prepared under a stamp, or None when nothing is remembered of it."""
    try:
        content = json.loads(_memory(stamp).read_text(encoding="utf-8"))
        return tuple(_prepared(each) for each in content)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def remember(stamp: str, prepared: Iterable[Prepared]) -> None:
    """Keep what was prepared under a stamp, and forget the oldest memories."""
    memory = _memory(stamp)
    memory.parent.mkdir(parents=True, exist_ok=True)
    write_whole(memory, json.dumps([asdict(each) for each in prepared], ensure_ascii=False))
    kept = sorted(memory.parent.glob("*.json"), key=lambda path: path.stat().st_mtime, reverse=True)
    for old in kept[_KEPT:]:
        with contextlib.suppress(FileNotFoundError):  # another run forgets the same ones
            old.unlink()


def _memory(stamp: str) -> Path:
    # An underscore is in no organisation's short name, under which its own data are prepared.
    return project_root() / "data" / "prepared" / "_runs" / f"{stamp}.json"


def _prepared(content: dict[str, Any]) -> Prepared:
    items = {per: tuple(Item(**each) for each in found) for per, found in content["items"].items()}
    return Prepared(**{**content, "inputs": tuple(content["inputs"]), "items": items})
