"""Turn a delimited, workbook, JSON or Parquet file into raw tables of text, losing nothing and judging nothing."""

from __future__ import annotations

import csv
import gc
import io
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from python_calamine import CalamineError, CalamineWorkbook

from procanalysis.errors import InputError
from procanalysis.read.files import cannot_open, decode, file_kind

Cells = list[str]


@dataclass(frozen=True)
class RawTable:
    """Hold one sheet or file as text: every record that is not blank, with its row number in the file."""

    name: str
    rows: list[Cells]
    row_numbers: list[int]
    encoding: str = ""
    delimiter: str = ""
    note: str = ""


def read_tables(path: Path, *, encoding: str = "auto", delimiter: str = "auto") -> list[RawTable]:
    """Read one input file as raw tables of text: one per sheet of a workbook, else one.

    Raises InputError when the file cannot be opened or is not what its first bytes say.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise cannot_open(path, error) from None
    with _without_collector():
        return _read_content(content, path, encoding, delimiter)


@contextmanager
def _without_collector() -> Iterator[None]:
    """Hold Python's garbage collector back: it would go through the growing rows again and again, and find nothing."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _read_content(content: bytes, path: Path, encoding: str, delimiter: str) -> list[RawTable]:
    kind = file_kind(content)
    if kind == "workbook":
        return _read_workbook(content, path.name)
    if kind == "parquet":
        return [_read_parquet(content, path.name)]
    text, found = decode(content, encoding, path.name)
    if text.lstrip()[:1] in ("{", "["):
        return [_read_json(text, path.name, found)]
    return [_read_delimited(text, path.name, found, delimiter)]


def cell_text(value: object) -> str:
    """Write a typed cell as text: whole floats without decimals, dates in ISO form, floats without binary noise.

    >>> cell_text(16541005.0), cell_text(0.1 + 0.2), cell_text(None)
    ('16541005', '0.3', '')
    """
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        # A workbook and JSON hold amounts as binary fractions; 15 significant digits are what they carry faithfully.
        decimal = Decimal(f"{value:.15g}") if value == value and abs(value) != float("inf") else None
        return str(value) if decimal is None else f"{decimal.normalize():f}"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="replace")
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ")
    return value.isoformat() if isinstance(value, date) else str(value)


def _table(name: str, records: Iterable[Cells], encoding: str = "", delimiter: str = "", note: str = "") -> RawTable:
    rows, numbers = [], []
    for number, cells in enumerate(records, start=1):
        if any(map(str.strip, cells)):
            rows.append(cells)
            numbers.append(number)
    return RawTable(name, rows, numbers, encoding, delimiter, note)


def _read_workbook(content: bytes, name: str) -> list[RawTable]:
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheets = [
            (sheet, workbook.get_sheet_by_name(sheet).to_python(skip_empty_area=False))
            for sheet in workbook.sheet_names
        ]
    except BaseException as error:
        # A damaged workbook can make the Rust reader panic, which Python sees as something else than an Exception.
        if not isinstance(error, CalamineError | Exception) and type(error).__name__ != "PanicException":
            raise
        raise InputError(
            f"{name}: the workbook cannot be read ({_one_line(error)}). Open it in Excel, save it as .xlsx without "
            "password, and deliver it again."
        ) from None
    tables = [_table(f"{name}#{sheet}", ([cell_text(v) for v in row] for row in rows)) for sheet, rows in sheets]
    filled = [table for table in tables if table.rows]
    return filled or [RawTable(name, [], [])]


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__


def _read_parquet(content: bytes, name: str) -> RawTable:
    try:
        table = pq.read_table(io.BytesIO(content))
        columns = [[cell_text(value) for value in column.to_pylist()] for column in table.columns]
    except (OSError, ValueError, OverflowError, MemoryError, pa.ArrowException) as error:
        raise InputError(f"{name}: the Parquet file cannot be read ({_one_line(error)}). Deliver it again.") from None
    rows = [list(table.column_names), *map(list, zip(*columns, strict=True))]
    return _table(name, rows)


def _read_json(text: str, name: str, encoding: str) -> RawTable:
    """Read a list of objects, an object that holds one (a row store), or one object per line."""
    content = _parsed_json(text, name)
    note = ""
    if isinstance(content, dict):
        note = _page_note(content)
        lists = [value for value in content.values() if isinstance(value, list)]
        content = max(lists, key=lambda items: (all(isinstance(i, dict) for i in items), len(items)), default=[content])
    objects = [item for item in content if isinstance(item, dict)]
    if len(objects) != len(content):
        raise InputError(
            f"{name}: the JSON file is not a list of rows with named fields. Deliver it as such a list, or as CSV."
        )
    header = list(dict.fromkeys(key for item in objects for key in item))
    rows = [[_json_text(item.get(key)) for key in header] for item in objects]
    return _table(name, [[_json_text(key) for key in header], *rows], encoding, note=note)


def _page_note(content: dict[str, Any]) -> str:
    """Tell when a row store's answer is one page of several, so that a part is not taken for the whole."""
    total, rows = content.get("resultCount"), content.get("results")
    if not isinstance(total, str) or not isinstance(rows, list) or total == str(len(rows)):
        return ""
    return f"Filen är en sida av flera: {len(rows)} av {total[:18]} rader."


def _json_text(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else cell_text(value)
    # JSON can spell half a character (\ud800), which no other text can hold.
    return text.encode("utf-8", errors="replace").decode("utf-8")


def _loads(text: str) -> Any:
    # Numbers stay as they are written: no binary fraction, and no number too large to handle.
    return json.loads(text, parse_float=str, parse_int=str, parse_constant=str)


def _parsed_json(text: str, name: str) -> Any:
    row = 1
    try:
        lines = [(number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]
        if len(lines) > 1 and _is_json(lines[0][1]):
            parsed = []
            for number, line in lines:
                row = number
                parsed.append(_loads(line))
            return parsed
        return _loads(text)
    except json.JSONDecodeError as error:
        raise InputError(
            f"{name}, row {row + error.lineno - 1}, column {error.colno}: the file begins like JSON but cannot be read "
            f"({error.msg}). It may be cut off: deliver it again."
        ) from None
    except RecursionError:
        raise InputError(f"{name}: the JSON file is nested too deeply to be a table. Deliver it as CSV.") from None


def _is_json(text: str) -> bool:
    try:
        return isinstance(_loads(text), dict)
    except json.JSONDecodeError:
        return False


class _Lines:
    """Hand out physical lines, and step back when a record turns out to have swallowed too many."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.next = 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        if self.next >= len(self.lines):
            raise StopIteration
        self.next += 1
        return self.lines[self.next - 1] + "\n"


def _read_delimited(text: str, name: str, encoding: str, delimiter: str) -> RawTable:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    sign = {"auto": "", "tab": "\t"}.get(delimiter, delimiter) or _guess_delimiter(lines)
    shown = "tab" if sign == "\t" else sign
    return _table(name, _records(lines, sign), encoding, shown)


def _records(lines: list[str], delimiter: str) -> Iterator[Cells]:
    """Yield one record per row. A stray quote that swallows rows is taken as a plain character in its own row."""
    if not any('"' in line for line in lines):
        yield from (line.split(delimiter) for line in lines)
        return
    source = _Lines(lines)
    reader = csv.reader(source, delimiter=delimiter)
    widths: set[int] = set()
    while source.next < len(lines):
        start = source.next
        try:
            cells = next(reader)
        except csv.Error:
            cells = []
        if source.next == start + 1 < len(lines):
            widths.add(len(cells))
        elif _is_swallowed(cells, lines[start : source.next], delimiter, widths - {1}):
            source.next = start + 1
            reader = csv.reader(source, delimiter=delimiter)
            cells = lines[start].split(delimiter)
        yield cells


def _is_swallowed(cells: Cells, parts: list[str], delimiter: str, widths: set[int]) -> bool:
    """Tell whether a record of several lines is rows run together by a stray quote, not a text with line ends.

    Rows run together break the rules of quoting, have another number of cells than other rows, or are made of lines
    of which two or more are whole rows by themselves.
    """
    if widths and len(cells) not in widths:
        return True
    try:
        strict = list(csv.reader((part + "\n" for part in parts), delimiter=delimiter, strict=True))
    except csv.Error:
        return True
    whole = sum(part.count(delimiter) + 1 >= len(cells) for part in parts)
    return len(strict) != 1 or (whole > 1 and len(cells) > 1)


def _guess_delimiter(lines: list[str]) -> str:
    """Choose the sign that cuts at least half of the first rows into the same and most cells, else a semicolon."""
    sample = lines[:200]

    def score(sign: str) -> tuple[bool, int, float]:
        widths = Counter(len(cells) for cells in _records(sample, sign) if any(cells))
        usual, count = max(widths.items(), key=lambda item: (item[1], item[0]), default=(1, 0))
        share = count / (widths.total() or 1)
        return (usual > 1 and share >= 0.5, usual, share)

    return max((";", "\t", "|", ","), key=score)
