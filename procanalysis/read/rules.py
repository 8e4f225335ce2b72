"""Read the reviewed text files: the category tree and the mapping rules."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path

import pandas as pd

from procanalysis.errors import MappingError, did_you_mean, examples
from procanalysis.read.files import cannot_open
from procanalysis.read.supplier_numbers import Masker, recognise_number
from procanalysis.schema import LOU_COVERED, REFUSED_RULES, RULES, SPEND_CLASSES, TAXONOMY, TIERS, Column, names

_ACCOUNT = re.compile(r"^[^\s*-]+(\*|-[^\s*-]+)?$")
_CHOICES = {"tier": tuple(TIERS), "spend_class": SPEND_CLASSES, "lou_covered": LOU_COVERED}


def read_taxonomy(path: Path) -> pd.DataFrame:
    """Read a category tree of any depth.

    Returns one row per category: schema.TAXONOMY and `category_path`, `level` (1 for a main category).
    Raises MappingError for an empty tree, a missing or doubled code, an unknown parent or a circle.
    """
    return _taxonomy(path.name, _text_of(path)).copy()


@lru_cache(maxsize=8)
def _taxonomy(name: str, text: str) -> pd.DataFrame:
    rows = _reviewed(name, text, TAXONOMY)
    parents: dict[str, str] = {}
    for number, row in rows:
        code = row["category_code"]
        if code in parents:
            raise MappingError(f"{name}, row {number}: the category '{code}' stands twice. Keep one.")
        if "/" in code:
            raise MappingError(
                f"{name}, row {number}: the category '{code}' has a / in its code, which is the sign between the "
                "codes of a path. Use another, as in 05.02."
            )
        parents[code] = row["parent_code"]
    for number, row in rows:
        if row["parent_code"] and row["parent_code"] not in parents:
            raise MappingError(
                f"{name}, row {number}: the parent '{row['parent_code']}' of '{row['category_code']}' is not in "
                f"the tree. {did_you_mean(row['parent_code'], parents)}"
            )
    frame = pd.DataFrame([row for _, row in rows], columns=names(TAXONOMY), dtype="str")
    paths = [_path(code, parents, name) for code in frame["category_code"]]
    frame["category_path"] = pd.Series(["/".join(codes) for codes in paths], dtype="str")
    frame["level"] = [len(codes) for codes in paths]
    return frame


def _path(code: str, parents: dict[str, str], name: str) -> list[str]:
    path = [code]
    while parents[path[0]]:
        if parents[path[0]] in path:
            raise MappingError(f"{name}: the categories {' → '.join(path)} lie above each other in a circle. Break it.")
        path.insert(0, parents[path[0]])
    return path


def read_rules(paths: Sequence[Path], *, masker: Masker) -> pd.DataFrame:
    """Read rule files, in the order given, as one set of rules.

    Parameters: masker, so that a rule about a sole trader meets the masked key of the ledger.
    Returns one row per rule: schema.RULES, with `supplier` as the ledger's supplier key where it is a number, and
    `origin`, the file and row. Raises MappingError naming file, row and column of the first fault.
    """
    return _rules(tuple((path.name, _text_of(path)) for path in paths), masker).copy()


@lru_cache(maxsize=8)
def _rules(files: Sequence[tuple[str, str]], masker: Masker) -> pd.DataFrame:
    frames, seen = [], dict[str, str]()
    for name, text in files:
        for number, row in _reviewed(name, text, RULES):
            origin = f"{name}, row {number}"
            if row["rule_id"] in seen:
                raise MappingError(
                    f"{origin}: the rule_id '{row['rule_id']}' stands twice (first in {seen[row['rule_id']]}). "
                    "Rename one."
                )
            seen[row["rule_id"]] = origin
            _check_rule(row, origin)
            frames.append({**row, "supplier": _supplier_key(row["supplier"], masker), "origin": origin})
    rules = pd.DataFrame(frames, columns=[*names(RULES), "origin"], dtype="str")
    for column in ("valid_from", "valid_to", "decided_on"):
        rules[column] = pd.to_datetime(rules[column].where(rules[column] != "")).astype("datetime64[us]")
    return rules


def read_refused_rules(path: Path) -> pd.DataFrame:
    """Read the file that remembers which suggested rules a reviewer has refused.

    Returns one row per refusal: schema.REFUSED_RULES. Raises MappingError naming file, row and column of the first
    fault.
    """
    rows = [row for _, row in _reviewed(path.name, _text_of(path), REFUSED_RULES)]
    return pd.DataFrame(rows, columns=names(REFUSED_RULES), dtype="str")


def _check_rule(row: dict[str, str], origin: str) -> None:
    for column, choices in _CHOICES.items():
        if row[column] not in choices:
            raise MappingError(f"{origin}: {column} is '{row[column]}'. {did_you_mean(row[column], choices)}")
    if row["account"] and not _ACCOUNT.match(row["account"]):
        raise MappingError(f"{origin}: account is '{row['account']}'. Write 6440, 64* or 6400-6499.")
    for column in ("valid_from", "valid_to", "decided_on"):
        if row[column]:
            try:
                # Python and pandas each know other ways to write a day; only this one means the same to both.
                written_out = date.fromisoformat(row[column]).isoformat()
            except ValueError:
                written_out = ""
            if written_out != row[column]:
                raise MappingError(f"{origin}: {column} is '{row[column]}'. Write a day as 2025-01-31.")
    conditions = ("account", "unit", "supplier", "project", "text")
    if row["tier"] != "default" and not any(row[column] for column in conditions):
        raise MappingError(
            f"{origin}: the rule has no condition, so it would decide every row. Give it one, or the tier 'default'."
        )


def _supplier_key(written: str, masker: Masker) -> str:
    number = recognise_number(written) if any(sign.isdigit() for sign in written) else None
    if number is None or number.status not in ("valid", "personal", "foreign"):
        return written
    if number.status == "foreign":
        return f"utl:{number.number}"
    return masker.supplier_key(number.number) if number.status == "personal" else number.number


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise MappingError(f"{path.name}: the file is not written in UTF-8. Save it as 'CSV UTF-8'.") from None
    except OSError as error:
        raise cannot_open(path, error) from None


def _reviewed(name: str, text: str, table: Sequence[Column]) -> list[tuple[int, dict[str, str]]]:
    """Take in a reviewed CSV: comma or semicolon, the schema's columns, no required cell empty."""
    records = [(number, cells) for number, cells in _records(text, name) if any(cells)]
    if len(records) < 2:
        raise MappingError(
            f"{name}: the file holds no rows under its header. Nothing could be mapped with it, so the run stops here."
        )
    header, rows = records[0][1], records[1:]
    _check_header(name, header, table)
    return [(number, _named(name, number, header, cells, table)) for number, cells in rows]


def _records(text: str, name: str) -> list[tuple[int, list[str]]]:
    """Cut a reviewed text into rows. Quotes are taken strictly, since a stray one could swallow the rules after it."""
    lines = text.splitlines(keepends=True) or [""]
    delimiter = ";" if lines[0].count(";") > lines[0].count(",") else ","
    records: list[tuple[int, list[str]]] = []
    try:
        for cells in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
            records.append((len(records) + 1, [cell.strip() for cell in cells]))
    except csv.Error as error:
        raise MappingError(
            f'{name}, row {len(records) + 1}: a quote (") is not closed, or stands within a cell without being doubled '
            f"({error}). Correct that row."
        ) from None
    return records


def _check_header(name: str, header: list[str], table: Sequence[Column]) -> None:
    needed = [column.name for column in table if column.required]
    missing = [column for column in needed if column not in header]
    if missing:
        raise MappingError(
            f"{name}, row 1: the column(s) {examples(missing)} are missing. Headers found: {examples(header, 20)}."
        )
    for column in header:
        if column not in names(table):
            raise MappingError(f"{name}, row 1: unknown column '{column}'. {did_you_mean(column, names(table))}")
    if len(set(header)) < len(header):
        raise MappingError(f"{name}, row 1: a header stands twice ({examples(header, 20)}). Keep one of each.")


def _named(name: str, number: int, header: list[str], cells: list[str], table: Sequence[Column]) -> dict[str, str]:
    if len(cells) != len(header):
        raise MappingError(
            f"{name}, row {number}: {len(cells)} cells, but the header has {len(header)}. "
            "Put text that holds the separator within quotes."
        )
    row = {column.name: "" for column in table} | dict(zip(header, cells, strict=True))
    for column in table:
        if column.required and not row[column.name]:
            raise MappingError(f"{name}, row {number}: '{column.name}' is empty ({column.meaning}). Fill it in.")
    return row
