"""A table whose rows stand in named groups, with totals in bold and what is missing marked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

import pandas as pd

from procanalysis.report import numbers, style
from procanalysis.report.annual.prose import TEMPLATE
from procanalysis.report.cleaning import clean_text, shorten
from procanalysis.report.columns import Cell, ReportColumn, read_columns, show_table, table_data
from procanalysis.report.markup import Part, render
from procanalysis.report.parts import demanded
from procanalysis.report.status import StatusMark
from procanalysis.schema import Source

_MOST = 60
_LONGEST = 900


def grouped_table(
    frame: pd.DataFrame,
    *,
    columns: Mapping[str, str],
    title: str,
    source: Source,
    sheet: str,
    groups: Sequence[object] = (),
    strong: Sequence[bool] = (),
    marks: Mapping[str, StatusMark] | None = None,
    notes: Sequence[str] = (),
    stacked: bool = False,
) -> Part:
    """Show rows in groups, with texts in full; all of them go to the workbook. A cell without a value is left empty.

    Parameters
    ----------
    columns: the columns to show with their Swedish headers; the first names the row; one without any text is left out
    groups: the name of each row's group, rows of the same group standing together; empty without groups
    strong: whether each row is a total, set in bold; empty when none is
    marks: a text of a cell → the status to show in its place
    notes: what the reader must know, one sentence each
    stacked: whether a narrow screen sets each row as a block, for tables with long texts

    Raises ReportError when title or source is missing, or the frame lacks a column.
    """
    source = demanded(title=title, source=source, alt=None, where="grouped_table")
    every = read_columns(frame, columns, where="grouped_table")
    data = {"type": "table", **table_data(clean_text(title), sheet, every, source)}
    read = [every[0], *(column for column in every[1:] if any(value not in (None, "") for value in column.values))]
    shown = show_table(clean_text(title), read, currency=source.currency, rows=_MOST, sheet=sheet)
    named = [clean_text(name) for name in groups] or [""] * len(shown.rows)
    bold = list(strong) or [False] * len(shown.rows)
    rows = [
        [_cell(cell, column, place, marks or {}) for cell, column in zip(row, read, strict=True)]
        for place, row in enumerate(shown.rows)
    ]
    laid = [
        {"name": name, "rows": [{"cells": row, "strong": one} for row, own, one in zip(rows, named, bold, strict=True)
                                if own == name]}
        for name in dict.fromkeys(named)
    ]  # fmt: skip
    said = [clean_text(note) for note in notes if note]
    accent = style.accent_colour(source.accent_colour)
    html = render(
        "grouped", template=TEMPLATE, source=source, accent=accent, shown=shown, groups=laid, notes=said,
        stacked=stacked,
    )  # fmt: skip
    lines = [clean_text(title), " | ".join(head.text for head in shown.heads)]
    for group in laid:
        lines += [str(group["name"])] if group["name"] else []
        lines += [" | ".join(_text(cell) for cell in row["cells"]) for row in group["rows"]]  # type: ignore[index]
    return Part("\n".join([*lines, *said]), html, data)


def _cell(cell: Cell, column: ReportColumn, place: int, marks: Mapping[str, StatusMark]) -> Cell:
    """Return a cell with its mark, all of its text, or the decimals that it has; empty when nothing is known."""
    value = column.values[place]
    if value is None:
        return replace(cell, text="")
    if column.format == "number" and isinstance(value, Decimal):
        exponent = value.normalize().as_tuple().exponent
        return replace(cell, text=numbers.number(value, max(-exponent, 0) if isinstance(exponent, int) else 0))
    if mark := marks.get(cell.text):
        return replace(cell, text="", mark=mark)
    return replace(cell, text=shorten(value, _LONGEST)) if isinstance(value, str) else cell


def _text(cell: Cell) -> str:
    return f"{cell.mark.symbol} {cell.mark.word}" if cell.mark else cell.text
