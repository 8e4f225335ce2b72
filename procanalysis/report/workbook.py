"""Write the rows behind a report's tables as XLSX, with nothing live in any cell."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from procanalysis.errors import ReportError
from procanalysis.report import numbers
from procanalysis.report.cleaning import clean_text, shorten
from procanalysis.report.collect import CollectedReport, CollectedTable
from procanalysis.report.key_figures import excluded_text
from procanalysis.report.line_sheet import LineSheet, fill_line_sheets, line_sheet

FIRST_SHEET = "Om underlaget"
MOST_ROWS = 1_048_575
LONGEST_CELL = 32_767
_SAFE = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_FORMATS: dict[str, dict[str, Any]] = {
    "head": {"bold": True, "bottom": 2, "text_wrap": True, "valign": "top"},
    "title": {"bold": True, "font_size": 16},
    "label": {"bold": True, "valign": "top"},
    "wrap": {"text_wrap": True, "valign": "top"},
    "mark": {"bold": True, "bg_color": "#FFF1D6", "text_wrap": True},
    "money": {"num_format": "#,##0.00"},
    "percent": {"num_format": "0.00"},
    "count": {"num_format": "#,##0"},
    "number": {"num_format": "#,##0.00"},
    "date": {"num_format": "yyyy-mm-dd"},
    "text": {"num_format": "@"},
}


def write_workbook(
    path: Path | str,
    collected: CollectedReport,
    *,
    title: str,
    source_text: str,
    made_on: date | None = None,
) -> None:
    """Write a sheet with the key figures, one per table and one of ledger lines, after a first that explains them.

    Money is written as kronor with two decimals, percent as the number of percent. Text stays text: a cell
    that begins with = + - or @ is never a formula, an address never a link. Each sheet has a frozen header
    and a filter. The same report gives the same bytes.

    Parameters
    ----------
    path: the file to write
    title, source_text: for the first sheet
    made_on: the day, for the first sheet and the file's properties

    Raises ReportError when a table has more rows than a sheet holds.
    """
    lines = [line_sheet(rows) for rows in collected.rows]
    book = xlsxwriter.Workbook(str(path), {**_SAFE, "default_date_format": "yyyy-mm-dd"})
    try:
        # Properties without a date of their own would hold the time of writing, and no two runs were alike.
        created = datetime(made_on.year, made_on.month, made_on.day) if made_on else datetime(2000, 1, 1)
        book.set_properties({"title": shorten(title, 250), "created": created, "author": "procanalysis"})
        formats = {name: book.add_format(options) for name, options in _FORMATS.items()}
        tables = (*_key_figure_table(collected), *collected.tables)
        sheets: tuple[CollectedTable | LineSheet, ...] = (*tables, *lines)
        names = sheet_names([sheet.sheet for sheet in sheets])
        _write_first(book, formats, collected, sheets, names, title, source_text, made_on)
        for table, name in zip(tables, names, strict=False):
            _write_table(book, formats, table, name)
        for sheet, name in zip(lines, names[len(tables) :], strict=True):
            _write_heads(book, formats, sheet, name)
    finally:
        book.close()
    fill_line_sheets(Path(path), lines, first=len(tables) + 2)


def sheet_names(wished: list[str]) -> list[str]:
    """Make names that Excel accepts: at most 31 characters, no []:*?/\\, none twice, none reserved.

    >>> sheet_names(["Köp 2023/2024", "köp 2023-2024", ""])
    ['Köp 2023-2024', 'köp 2023-2024 (2)', 'Blad']
    """
    taken = {FIRST_SHEET.casefold(), "history"}
    names = []
    for wish in wished:
        base = re.sub(r"[\[\]:*?/\\]", "-", clean_text(wish)).strip("' ")[:31].strip("' ") or "Blad"
        name, number = base, 1
        while name.casefold() in taken:
            number += 1
            ending = f" ({number})"
            name = base[: 31 - len(ending)].rstrip() + ending
        taken.add(name.casefold())
        names.append(name)
    return names


def _write_first(
    book: Any,
    formats: dict[str, Any],
    collected: CollectedReport,
    tables: Sequence[CollectedTable | LineSheet],
    names: list[str],
    title: str,
    source_text: str,
    made_on: date | None,
) -> None:
    sheet = book.add_worksheet(FIRST_SHEET)
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 1, 70)
    sheet.set_column(2, 2, 12)
    sheet.write_string(0, 0, _cell_text(title), formats["title"])
    header = collected.header
    facts = [
        ("Organisation", header.get("organisation", "")),
        ("Period", header.get("period", "")),
        ("Källa", source_text),
        ("Framtagen", numbers.date_in_words(made_on) if made_on else ""),
        ("Programversion", header.get("version", "")),
        ("Belopp", "I kronor (eller annan valuta som källan anger) med två decimaler, exklusive moms."),
        ("Procent", "Talet är antalet procent: 12,34 betyder 12,34 procent."),
        ("Tom cell", "Uppgiften saknas. Den är inte noll."),
    ]
    row = 2
    if header.get("fictional"):
        sheet.write_string(row, 0, "Fiktiva uppgifter", formats["mark"])
        sheet.write_string(row, 1, "Organisationen och alla siffror är påhittade.", formats["mark"])
        row += 1
    for label, text in facts:
        if text:
            sheet.write_string(row, 0, label, formats["label"])
            sheet.write_string(row, 1, _cell_text(text), formats["wrap"])
            row += 1
    row += 1
    for column, text in enumerate(("Blad", "Innehåll", "Rader")):
        sheet.write_string(row, column, text, formats["head"])
    for table, name in zip(tables, names, strict=True):
        row += 1
        sheet.write_string(row, 0, name)
        sheet.write_string(row, 1, _cell_text(table.title), formats["wrap"])
        sheet.write_number(row, 2, len(table.rows), formats["count"])
    if not tables:
        sheet.write_string(row + 1, 0, "Rapporten har inga tabeller.")


def _key_figure_table(collected: CollectedReport) -> tuple[CollectedTable, ...]:
    """Arrange the key figures with what they were made of as a table, when the report has any."""
    labels = {
        "Nyckeltal": "text", "Värde": "number", "Enhet": "text", "Täljare": "number", "Nämnare": "number",
        "Delarnas enhet": "text", "Undantaget": "text", "Varför okänt": "text", "Metodsida": "text",
    }  # fmt: skip
    rows = tuple(
        (
            figure["label"], figure["value"], figure["unit"], figure["numerator"], figure["denominator"],
            figure["part_unit"], "; ".join(map(_exclusion, figure["excluded"])), figure["unknown_because"],
            figure["method"],
        )
        for figure in collected.figures
    )  # fmt: skip
    columns = tuple({"name": label, "label": label, "format": kind, "unit": ""} for label, kind in labels.items())
    title = "Nyckeltalen med täljare, nämnare och vad som undantagits"
    return (CollectedTable(title, "Nyckeltal", "", columns, rows),) if rows else ()


def _exclusion(excluded: Mapping[str, Any]) -> str:
    amount = excluded["amount"]
    written = None if amount is None else amount.replace(".", ",")
    return excluded_text(excluded["reason"], excluded["rows"], excluded["counted"], written, excluded["known"])


def _write_table(book: Any, formats: dict[str, Any], table: CollectedTable, name: str) -> None:
    if len(table.rows) > MOST_ROWS:
        raise ReportError(
            f"table '{table.title}' has {len(table.rows)} rows; a sheet holds {MOST_ROWS}. Show fewer rows "
            "or group them."
        )
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, 1)
    for index, column in enumerate(table.columns):
        kind = column["format"]
        unit = f" ({column['unit']})" if column["unit"] and column["unit"] not in column["label"] else ""
        label = _cell_text(column["label"]) + unit
        sheet.write_string(0, index, label, formats["head"])
        longest = max((len(str(row[index] or "")) for row in table.rows[:200]), default=0)
        sheet.set_column(index, index, min(max(longest + 3, len(label) + 4, 10), 60))
        for number, row in enumerate(table.rows, start=1):
            _write_cell(sheet, number, index, row[index], kind, formats)
    sheet.autofilter(0, 0, max(len(table.rows), 1), len(table.columns) - 1)


def _write_heads(book: Any, formats: dict[str, Any], lines: LineSheet, name: str) -> None:
    """Write the header of a sheet of ledger lines, and one row of empty cells that shows how each column is set."""
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, 1)
    for index, column in enumerate(lines.columns):
        unit = f" ({column['unit']})" if column["unit"] else ""
        sheet.write_string(0, index, _cell_text(column["label"]) + unit, formats["head"])
        sheet.set_column(index, index, lines.widths[index])
        if lines.rows:
            sheet.write_blank(1, index, None, formats[column["format"]])
    sheet.autofilter(0, 0, max(len(lines.rows), 1), len(lines.columns) - 1)


def _write_cell(sheet: Any, row: int, column: int, value: Any, kind: str, formats: dict[str, Any]) -> None:
    """Write one cell by its kind; never through a method that guesses from the text."""
    if value is None:
        return
    if kind in ("money", "percent", "count", "number"):
        sheet.write_number(row, column, float(value), formats[kind])
    elif kind == "date":
        sheet.write_datetime(row, column, datetime.fromisoformat(value), formats["date"])
    else:
        sheet.write_string(row, column, _cell_text(value), formats["text"])


def _cell_text(value: object) -> str:
    text = clean_text(value)
    return text if len(text) <= LONGEST_CELL else f"{text[: LONGEST_CELL - 1]}…"
