"""Add decided rules to the organisation's own files, whole or not at all."""

from __future__ import annotations

import csv
import io
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from procanalysis.errors import InputError
from procanalysis.measures.rule_order import checked_rules
from procanalysis.organisation.masking import masker_of
from procanalysis.params import OrganisationParams
from procanalysis.params.decided_files import accepted_path, refused_path
from procanalysis.read.rules import read_refused_rules, read_rules
from procanalysis.schema import REFUSED_RULES, RULES, names


def write_rule_files(
    params: OrganisationParams,
    accepted: Sequence[Mapping[str, str]],
    refused: Sequence[Mapping[str, str]],
    *,
    taxonomy: pd.DataFrame,
) -> None:
    """Add accepted rules to the organisation's own rule file, and refused ones to the file that remembers them.

    What stands in the files already is kept as it is written. Both files are written beside the old ones and read as
    the next preparation will read them before either is replaced.
    Parameters: params, the organisation's; accepted, rows of schema.RULES; refused, rows of schema.REFUSED_RULES;
    taxonomy, the category tree. Raises MappingError when the rules would not fit the tree or each other.
    """
    drafts: list[tuple[Path, Path]] = []
    try:
        if accepted:
            own = accepted_path(params)
            drafts.append((_draft(own, accepted, names(RULES)), own))
            others = [path for path in params.rule_paths() if path.resolve() != own.resolve()]
            checked_rules(read_rules([*others, drafts[-1][0]], masker=masker_of(params)), taxonomy)
        if refused:
            own = refused_path(params)
            drafts.append((_draft(own, refused, names(REFUSED_RULES)), own))
            read_refused_rules(drafts[-1][0])
        for draft, own in drafts:
            draft.replace(own)
    finally:
        for draft, _ in drafts:
            draft.unlink(missing_ok=True)


def _draft(own: Path, rows: Sequence[Mapping[str, str]], columns: Sequence[str]) -> Path:
    """Write a copy of a file with rows added, beside it."""
    # As bytes, so that the mark at the beginning and the line ends stay as a spreadsheet program wrote them.
    before = own.read_bytes().decode("utf-8") if own.is_file() else ""
    header, delimiter = _header(own, before, columns)
    line_end = "\r\n" if "\r\n" in before else "\n"
    added = io.StringIO(newline="")
    writer = csv.writer(added, delimiter=delimiter, lineterminator=line_end)
    if not before:
        writer.writerow(header)
    writer.writerows([row[column] for column in header] for row in rows)
    own.parent.mkdir(parents=True, exist_ok=True)
    # Not .csv: a pattern such as *.csv under mapping.rules matches hidden files too.
    handle, name = tempfile.mkstemp(prefix=f".draft-{own.stem}-", suffix=".draft", dir=own.parent)
    with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
        stream.write(before + (line_end if before and not before.endswith("\n") else "") + added.getvalue())
    draft = Path(name)
    # A temporary file is its owner's alone; the rule file is for all who could read it before.
    draft.chmod(own.stat().st_mode & 0o777 if own.is_file() else 0o644)
    return draft


def _header(own: Path, before: str, columns: Sequence[str]) -> tuple[list[str], str]:
    """Return the columns in the order that the file has them, and what stands between its cells."""
    if not before:
        return list(columns), ","
    first = before.removeprefix("\ufeff").lstrip("\r\n").splitlines()[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    header = [cell.strip() for cell in next(csv.reader([first], delimiter=delimiter))]
    missing = [column for column in columns if column not in header]
    if missing:
        raise InputError(
            f"{own.name}, row 1: the column '{missing[0]}' is missing, so the decided rules cannot be added. Add it to "
            "the header, and an empty cell to every row."
        )
    return header, delimiter
