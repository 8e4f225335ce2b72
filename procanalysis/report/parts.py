"""Figures and tables: each demands its title, source and data, and a figure its alternative text as well."""

from __future__ import annotations

import base64
from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from procanalysis.errors import ReportError
from procanalysis.report import charts, numbers, style
from procanalysis.report.charts import ChartKind, Drawing, Point
from procanalysis.report.cleaning import clean_text, shorten
from procanalysis.report.columns import (
    ReportColumn,
    ShownTable,
    read_columns,
    scale_of,
    show_table,
    table_data,
)
from procanalysis.report.markup import Part, render
from procanalysis.schema import Source

LEAST_ALT = 25
MOST_DATA_ROWS = 60


def figure(
    frame: Any,
    *,
    kind: ChartKind,
    title: str,
    alt: str,
    source: Source,
    label: str,
    value: str,
    subtitle: str = "",
    series: str | None = None,
    highlight: Collection[str] = (),
    reference: tuple[Decimal | int, str] | None = None,
    columns: Mapping[str, str] | None = None,
    data_title: str | None = None,
    sheet: str | None = None,
) -> Part:
    """Show a chart with its title, source, alternative text and data.

    Parameters
    ----------
    frame: one row per bar, month, cell or part; nothing is computed from it
    kind: "bar", "line", "heatmap", "cumulative" or "parts"
    title: the finding, as a sentence; subtitle: measure, unit and period
    alt: what the chart shows, in words and with its most important figure (25 characters or more)
    label: the column with names, months (a date or 2024-03) or, for "cumulative", the running number
    value: the column with values; its suffix decides how they are written (`_ore`, `_pct`, `_count`)
    series: the column with line names, or the columns of a heatmap
    highlight: labels (for "line": series) drawn in the organisation's colour and bold
    reference: a value in the same unit as `value` and its name, drawn as a line; for "cumulative" the running
        number to mark
    columns: the columns of the data table with their Swedish headers; label, series and value when not given
    data_title, sheet: title of the data table and name of its sheet in the workbook

    Raises ReportError when something is missing or the chart cannot show the rows.
    """
    _demand(title=title, source=source, alt=alt, where="figure")
    shown_names = columns or {name: name for name in (label, series, value) if name}
    needed = {name: name for name in (label, series, value) if name}
    read = {column.name: column for column in read_columns(frame, needed, where="figure")}
    table_columns = read_columns(frame, shown_names, where="figure")
    if columns is None:
        table_columns = [_headed(column, label, value) for column in table_columns]
    heading, accent = clean_text(title), style.accent_colour(source.accent_colour)
    sheet_name = clean_text(sheet or data_title or title)
    data = {"type": "figure", "kind": kind, **table_data(heading, sheet_name, table_columns, source.text)}
    text = f"{heading}\n{clean_text(subtitle)}\n{clean_text(alt)}\nKälla: {clean_text(source.text)}"
    if not read[label].values:
        html = render("empty", source=source, accent=accent, title=heading, subtitle=clean_text(subtitle))
        return Part(f"{heading}\nInga uppgifter.", html, data)
    drawing = Drawing(
        kind=kind,
        points=_points(read[label], read[value], read[series] if series else None, kind),
        scale=scale_of(read[value].values, read[value].format, source.currency),
        highlight=frozenset(shorten(name, 90) for name in highlight),
        reference=_reference(reference),
        accent=accent,
    )
    wide, narrow = charts.draw(drawing), charts.draw(drawing, narrow=True)
    html = render(
        "figure",
        source=source,
        accent=accent,
        title=heading,
        subtitle=clean_text(subtitle),
        alt=clean_text(alt),
        wide=_data_uri(wide),
        narrow=_data_uri(narrow),
        **_pixels(wide),
        data=_shown(data_title or title, table_columns, source, MOST_DATA_ROWS, sheet_name, kind == "cumulative"),
    )
    return Part(text, html, data)


def table(
    frame: Any,
    *,
    title: str,
    columns: Mapping[str, str],
    source: Source,
    rows: int = 15,
    sheet: str | None = None,
    note: str = "",
) -> Part:
    """Show a table with caption and source; all its rows go to the workbook.

    Parameters
    ----------
    columns: the columns to show, in order, with their Swedish headers; the first names the row
    rows: how many rows the page shows; the text below tells how many there are
    sheet: name of the sheet in the workbook, the title when not given
    note: what the reader must know to read the table right

    Raises ReportError when title, columns or source is missing, or the frame lacks a column.
    """
    _demand(title=title, source=source, alt=None, where="table")
    if not columns:
        raise ReportError("table: name the columns to show and their headers: columns={'supplier': 'Leverantör'}.")
    if rows < 1:
        raise ReportError(f"table: rows is {rows}; show at least one row.")
    read = read_columns(frame, columns, where="table")
    heading, accent = clean_text(title), style.accent_colour(source.accent_colour)
    sheet_name = clean_text(sheet or title)
    data = {"type": "table", **table_data(heading, sheet_name, read, source.text)}
    if not read[0].values:
        html = render("empty", source=source, accent=accent, title=heading, subtitle="")
        return Part(f"{heading}\nInga uppgifter.", html, data)
    shown = _shown(heading, read, source, rows, sheet_name)
    html = render("table", source=source, accent=accent, data=shown, note=clean_text(note))
    lines = [" | ".join(cell.mark.word if cell.mark else cell.text for cell in row) for row in (shown.heads, *shown.rows)]
    return Part("\n".join([heading, *lines, shown.left_out]).rstrip(), html, data)


def _demand(*, title: str, source: object, alt: str | None, where: str) -> None:
    if not isinstance(title, str) or not title.strip():
        raise ReportError(f"{where}: title is missing. Write the finding in one sentence: title='…'.")
    if alt is not None and len(alt.strip()) < LEAST_ALT:
        raise ReportError(
            f"{where} '{shorten(title, 60)}': alt must tell in {LEAST_ALT} characters or more what the chart "
            "shows, with its most important figure, for readers who cannot see it."
        )
    if not isinstance(source, Source) or not source.text.strip():
        raise ReportError(f"{where} '{shorten(title, 60)}': source is missing. Add source=org.source.")


def _points(
    labels: ReportColumn, values: ReportColumn, series: ReportColumn | None, kind: ChartKind
) -> tuple[Point, ...]:
    points = []
    for index, (label, value) in enumerate(zip(labels.values, values.values, strict=True)):
        name = numbers.UNKNOWN if label is None else label
        shown: object = charts.month_label(name) if kind == "line" else name
        if kind != "cumulative" and isinstance(shown, str | int | float):
            shown = shorten(shown, 90)
        of = series.values[index] if series else ""
        written = shorten(numbers.UNKNOWN if of is None else of, 60)
        points.append(Point(shown, numbers.to_decimal(value), written))
    return tuple(points)


def _headed(column: ReportColumn, label: str, value: str) -> ReportColumn:
    """Give a column of the chart's own table a Swedish header, since its name in code is English."""
    words = {label: "Post", value: "Värde"}.get(column.name, "Serie")
    return ReportColumn(column.name, words, column.format, column.values)


def _reference(reference: tuple[Decimal | int, str] | None) -> tuple[Decimal, str] | None:
    if reference is None:
        return None
    exact = numbers.to_decimal(reference[0])
    if exact is None:
        raise ReportError("figure: reference needs a value and its name: reference=(85, 'Mål 85 %').")
    return exact, shorten(reference[1], 80)


def _shown(
    title: str, columns: list[ReportColumn], source: Source, rows: int, sheet: str, thin: bool = False
) -> ShownTable:
    return show_table(clean_text(title), columns, currency=source.currency, rows=rows, sheet=sheet, thin=thin)


def _data_uri(svg: str) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode("ascii")


def _pixels(svg: str) -> dict[str, int]:
    """Read the size of the drawing, so that the page does not move when it is loaded."""
    size = svg.split('viewBox="0 0 ', 1)[1].split('"', 1)[0].split()
    width, height = (round(float(points) * 96 / 72) for points in size)
    return {"width": width, "height": height}
