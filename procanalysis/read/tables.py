"""Turn a delimited, workbook, JSON or Parquet file into raw tables of text, losing nothing and judging nothing."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from python_calamine import CalamineError, CalamineWorkbook

from procanalysis.errors import InputError
from procanalysis.read.files import decode, file_kind

Cells = list[str]


@dataclass(frozen=True)
class RawTable:
    """Hold one sheet or file as text: every record that is not blank, with its row number in the file."""

    name: str
    rows: list[Cells]
    row_numbers: list[int]
    encoding: str = ""
    delimiter: str = ""


def read_tables(path: Path, *, encoding: str = "auto", delimiter: str = "auto") -> list[RawTable]:
    """Read one input file as raw tables of text: one per sheet of a workbook, else one.

    Raises InputError when the file cannot be opened or is not what its first bytes say.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(
            f"{path.name}: the file cannot be opened ({error.strerror}). Check that it is there and readable."
        ) from None
    kind = file_kind(content)
    if kind == "workbook":
        return _read_workbook(content, path.name)
    if kind == "parquet":
        return [_read_parquet(content, path.name)]
    text, found = decode(content, encoding, path.name)
    if kind == "json":
        return [_read_json(text, path.name, found)]
    return [_read_delimited(text, path.name, found, delimiter)]


def cell_text(value: object) -> str:
    """Write a typed cell as text: whole floats without decimals, dates in ISO form, floats without binary noise.

    >>> cell_text(16541005.0), cell_text(0.1 + 0.2), cell_text(None)
    ('16541005', '0.3', '')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        # A workbook and JSON hold amounts as binary fractions; 15 significant digits are what they carry faithfully.
        decimal = Decimal(f"{value:.15g}") if value == value and abs(value) != float("inf") else None
        return str(value) if decimal is None else f"{decimal.normalize():f}"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ")
    return value.isoformat() if isinstance(value, date) else str(value)


def _table(name: str, records: Iterator[Cells], encoding: str = "", delimiter: str = "") -> RawTable:
    rows, numbers = [], []
    for number, cells in enumerate(records, start=1):
        if any(map(str.strip, cells)):
            rows.append(cells)
            numbers.append(number)
    return RawTable(name, rows, numbers, encoding, delimiter)


def _read_workbook(content: bytes, name: str) -> list[RawTable]:
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheets = [
            (sheet, workbook.get_sheet_by_name(sheet).to_python(skip_empty_area=False))
            for sheet in workbook.sheet_names
        ]
    except (CalamineError, ValueError, OSError) as error:
        raise InputError(
            f"{name}: the workbook cannot be read ({error}). Open it in Excel, save it as .xlsx without password, and "
            "deliver it again."
        ) from None
    tables = [_table(f"{name}#{sheet}", ([cell_text(v) for v in row] for row in rows)) for sheet, rows in sheets]
    filled = [table for table in tables if table.rows]
    return filled or [RawTable(name, [], [])]


def _read_parquet(content: bytes, name: str) -> RawTable:
    try:
        table = pq.read_table(io.BytesIO(content))
    except (OSError, ValueError) as error:
        raise InputError(f"{name}: the Parquet file cannot be read ({error}). Deliver it again.") from None
    columns = [[cell_text(value) for value in column.to_pylist()] for column in table.columns]
    rows = zip(*columns, strict=True) if columns else iter(())
    return _table(name, (list(row) for row in _chain([table.column_names], rows)))


def _chain(first: Sequence[Sequence[str]], rest: Any) -> Iterator[Sequence[str]]:
    yield from first
    yield from rest


def _read_json(text: str, name: str, encoding: str) -> RawTable:
    """Read a list of objects, an object that holds one (a row store), or one object per line."""
    try:
        content = json.loads(text, parse_float=Decimal)
    except json.JSONDecodeError as error:
        content = _json_lines(text, name, error)
    if isinstance(content, dict):
        lists = [value for value in content.values() if isinstance(value, list)]
        content = max(lists, key=len) if lists else [content]
    objects = [item for item in content if isinstance(item, dict)]
    if len(objects) != len(content):
        raise InputError(
            f"{name}: the JSON file is not a list of rows with named fields. Deliver it as such a list, or as CSV."
        )
    header = list(dict.fromkeys(key for item in objects for key in item))
    rows = ([_json_text(item.get(key)) for key in header] for item in objects)
    return _table(name, (list(row) for row in _chain([header], rows)), encoding)


def _json_text(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{value:f}"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else cell_text(value)


def _json_lines(text: str, name: str, error: json.JSONDecodeError) -> list[Any]:
    try:
        return [json.loads(line, parse_float=Decimal) for line in text.splitlines() if line.strip()]
    except json.JSONDecodeError:
        raise InputError(
            f"{name}, row {error.lineno}, column {error.colno}: the file begins like JSON but cannot be read ({error.msg}). "
            "It may be cut off: deliver it again."
        ) from None


_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|$)")


class _Lines:
    """Hand out physical lines, and step back when a record turns out to have swallowed too many."""

    def __init__(self, text: str) -> None:
        self.lines = [line for line in _LINE.findall(text) if line]
        self.next = 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        if self.next >= len(self.lines):
            raise StopIteration
        self.next += 1
        return self.lines[self.next - 1]


def _read_delimited(text: str, name: str, encoding: str, delimiter: str) -> RawTable:
    sign = {"auto": "", "tab": "\t"}.get(delimiter, delimiter) or _guess_delimiter(text)
    shown = "tab" if sign == "\t" else sign
    return _table(name, _records(text, sign), encoding, shown)


def _records(text: str, delimiter: str) -> Iterator[Cells]:
    """Yield one record per row. A stray quote that swallows rows is taken as a plain character in its own row."""
    lines = _Lines(text)
    reader = csv.reader(lines, delimiter=delimiter)
    width = 0
    while lines.next < len(lines.lines):
        start = lines.next
        try:
            cells: Cells | None = next(reader)
        except StopIteration:
            return
        except csv.Error:
            cells = None
        swallowed = lines.next - start > 1 and width and len(cells or ()) != width
        if cells is None or swallowed:
            lines.next = start + 1
            reader = csv.reader(lines, delimiter=delimiter)
            cells = lines.lines[start].rstrip("\r\n").split(delimiter)
        width = width or len(cells)
        yield cells


def _guess_delimiter(text: str) -> str:
    """Choose the sign that cuts the first rows into most columns most evenly; a semicolon when none does."""
    # Only whole lines, so that a row cut in half does not count against the right sign.
    sample = text[:65536] if len(text) <= 65536 else text[: max(text.rfind("\n", 0, 65536), text.rfind("\r", 0, 65536))]

    def evenness(sign: str) -> tuple[float, int]:
        widths = [len(cells) for cells in _records(sample, sign) if any(cells)][:200]
        usual = max(set(widths), key=widths.count) if widths else 1
        return (widths.count(usual) / len(widths) if usual > 1 else 0.0, usual)

    def score(sign: str) -> tuple[float, int]:
        share, usual = evenness(sign)
        return (round(share, 1), usual)

    return max((";", "\t", "|", ","), key=score)
