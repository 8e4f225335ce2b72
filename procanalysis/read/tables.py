"""Turn a delimited, workbook, JSON or Parquet file into raw tables of text, losing nothing and judging nothing."""

from __future__ import annotations

import gc
import io
import json
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
from procanalysis.read.records import Cells, delimiter_of, records, shown_delimiter


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


def _read_delimited(text: str, name: str, encoding: str, delimiter: str) -> RawTable:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    sign = delimiter_of(delimiter, lines)
    return _table(name, records([lines], sign, quoted='"' in text), encoding, shown_delimiter(sign))
