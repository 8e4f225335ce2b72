"""Write tens of thousands of ledger lines into a workbook fast: rows as finished XML, put into a sheet made ready.

XlsxWriter takes its time over every cell. The lines are put together here from the distinct values of each column, so
that a name that stands on thousands of rows is cleaned and escaped once.
"""

from __future__ import annotations

import base64
import io
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from markupsafe import escape

from procanalysis.errors import ReportError
from procanalysis.report.cleaning import clean_text
from procanalysis.report.collect import CollectedRows

_EPOCH = date(1899, 12, 30)
_LONGEST_CELL = 32_767
_CODED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")  # Excel reads _x0041_ as a letter
_LIKE_A_CELL = re.compile(r'<row r="2"[^>]*>(.*?)</row>', re.DOTALL)
_STYLE = re.compile(r' s="\d+"')


@dataclass(frozen=True)
class LineSheet:
    """Hold a sheet of ledger lines: what it shows, how wide its columns are, and its rows as finished cells."""

    title: str
    sheet: str
    columns: tuple[Mapping[str, str], ...]
    widths: tuple[int, ...]
    rows: tuple[tuple[tuple[str, str], ...], ...]


def packed(table: pa.Table) -> str:
    """Hold lines as text, in a notebook: compressed Parquet takes a twentieth of what JSON does."""
    target = io.BytesIO()
    pq.write_table(table, target, compression="zstd")
    return base64.b64encode(target.getvalue()).decode("ascii")


def line_sheet(collected: CollectedRows) -> LineSheet:
    """Unpack the lines and write each distinct value as the cell that shows it: its kind, and what stands in it."""
    table = pq.read_table(io.BytesIO(base64.b64decode(collected.parquet)))
    cells, widths = [], []
    for column in collected.columns:
        values = table[column["name"]].to_pylist()
        written = {value: _cell(value, column["format"]) for value in dict.fromkeys(values)}
        longest = max((len(str(value or "")) for value in written), default=0)
        widths.append(min(max(longest + 3, len(column["label"]) + 6, 10), 45))
        cells.append([written[value] for value in values])
    return LineSheet(
        collected.title, collected.sheet, collected.columns, tuple(widths), tuple(zip(*cells, strict=True))
    )


def fill_line_sheets(path: Path, sheets: Sequence[LineSheet], *, first: int) -> None:
    """Put the rows into a workbook that has been written with a header and one empty row in each of the sheets.

    Parameters: path, the workbook, which is replaced; sheets, in order; first, the number of the first one's sheet.
    """
    filled = {f"xl/worksheets/sheet{first + at}.xml": sheet for at, sheet in enumerate(sheets) if sheet.rows}
    if not filled:
        return
    draft = path.with_name(f"{path.name}.part")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.infolist():
            content = old.read(member)
            if member.filename in filled:
                content = _filled(content.decode(), filled[member.filename]).encode()
            new.writestr(member, content, compresslevel=4)
    draft.replace(path)


def _filled(xml: str, sheet: LineSheet) -> str:
    template = _LIKE_A_CELL.search(xml)
    if template is None:
        raise ReportError(f"sheet '{sheet.sheet}' was written without the empty row that its lines replace.")
    styles = [found.group() if (found := _STYLE.search(cell)) else "" for cell in _cells_of(template.group(1))]
    letters = [chr(ord("A") + place) for place in range(len(sheet.columns))]
    starts = [(f'<c r="{letter}', f'"{style}') for letter, style in zip(letters, styles, strict=True)]
    rows = "".join(_rows(sheet, starts))
    whole = xml[: template.start()] + rows + xml[template.end() :]
    return re.sub(r'<dimension ref="[^"]*"/>', f'<dimension ref="A1:{letters[-1]}{len(sheet.rows) + 1}"/>', whole)


def _cells_of(row: str) -> list[str]:
    return re.findall(r"<c [^>]*/>", row)


def _rows(sheet: LineSheet, starts: Sequence[tuple[str, str]]) -> Iterator[str]:
    for number, row in enumerate(sheet.rows, start=2):
        cells = [
            f"{place}{number}{style}{kind}>{content}</c>"
            for (place, style), (kind, content) in zip(starts, row, strict=True)
            if content
        ]
        yield f'<row r="{number}">{"".join(cells)}</row>'


def _cell(value: Any, kind: str) -> tuple[str, str]:
    """Write a value as a cell: its type as an attribute, and its content; nothing where it is missing."""
    if value is None or value == "":
        return "", ""
    return _KINDS.get(kind, _text)(value)


def _text(value: object) -> tuple[str, str]:
    text = clean_text(value)
    text = text if len(text) <= _LONGEST_CELL else f"{text[: _LONGEST_CELL - 1]}…"
    return ' t="inlineStr"', f"<is><t>{escape(_CODED.sub('_x005F_', text))}</t></is>"


def _number(value: object) -> tuple[str, str]:
    return "", f"<v>{value}</v>"


def _money(value: int) -> tuple[str, str]:
    return "", f"<v>{Decimal(value).scaleb(-2)}</v>"


def _day(value: date) -> tuple[str, str]:
    return "", f"<v>{(value - _EPOCH).days}</v>"


_KINDS: dict[str, Callable[[Any], tuple[str, str]]] = {
    "money": _money, "count": _number, "number": _number, "date": _day,
}  # fmt: skip
