"""Figures and tables: each demands its title, source and data, and a figure its alternative text as well."""

from __future__ import annotations

import base64
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from procanalysis.errors import ReportError
from procanalysis.report import charts, numbers, style
from procanalysis.report.charts import ChartKind, Drawing, Point
from procanalysis.report.cleaning import clean_text, shorten, shorten_apart
from procanalysis.report.columns import (
    HEADINGS,
    ReportColumn,
    ShownTable,
    pivoted,
    read_columns,
    scale_of,
    show_table,
    table_data,
)
from procanalysis.report.markup import Part, render
from procanalysis.report.workbook import sheet_names
from procanalysis.schema import Source

LEAST_ALT = 25
MOST_DATA_ROWS = 60
MOST_CURVE_ROWS = 12
MOST_LABEL = 90
MOST_SERIES_NAME = 60


def figure(
    frame: Any,
    *,
    kind: ChartKind,
    label: str,
    value: str,
    title: str = "",
    alt: str = "",
    source: Source | None = None,
    subtitle: str = "",
    series: str | None = None,
    highlight: Collection[str] = (),
    reference: tuple[Decimal | int, str] | None = None,
    columns: Mapping[str, str] | None = None,
    data_title: str | None = None,
    sheet: str | None = None,
    keep_order: bool = False,
    print_data: bool = True,
) -> Part:
    """Show a chart with its title, source, alternative text and data.

    Parameters
    ----------
    frame: one row per bar, month, cell or part; nothing is computed from it
    kind: "bar", "line", "heatmap", "cumulative" or "parts"
    title: the finding, as a sentence; subtitle: measure, unit and period
    alt: what the chart shows, in words and with its most important figure (25 characters or more); between which
        values it moves is added to it
    label: the column with names, months (a date or 2024-03) or, for "cumulative", the running number
    value: the column with values; its suffix decides how they are written (`_ore`, `_pct`, `_count`)
    series: the column with line names, or the columns of a heatmap
    highlight: labels (for "line": series) drawn in the organisation's colour and bold
    reference: a value in the same unit as `value` and its name, drawn as a line; for "cumulative" the running
        number to mark
    columns: the columns of the data table with their Swedish headers, label, series and value among them
    data_title, sheet: title of the data table and name of its sheet in the workbook
    keep_order: draw bars as the rows stand, for classes with an order of their own; otherwise largest first
    print_data: False when paper shows the numbers anyway, in the picture or in a table beside it

    Raises ReportError when something is missing or the chart cannot show the rows.
    """
    source = demanded(title=title, source=source, alt=alt, where="figure")
    read, table_columns = _chart_columns(frame, title, (label, series, value), columns)
    heading, accent = clean_text(title), style.accent_colour(source.accent_colour)
    shown: dict[str, Any] = {"source": source, "accent": accent, "title": heading, "subtitle": clean_text(subtitle)}
    sheet_name = sheet_names([sheet or data_title or title])[0]
    data = {"type": "figure", "kind": kind, **table_data(heading, sheet_name, table_columns, source)}
    if not read[label].values:
        return Part(f"{heading}\nInga uppgifter.", render("empty", **shown), data)
    drawing = Drawing(
        kind=kind,
        points=_points(read[label], read[value], read[series] if series else None, kind),
        scale=scale_of(read[value].values, read[value].format, source.currency),
        highlight=_marked(highlight, *((read[series], MOST_SERIES_NAME) if series else (read[label], MOST_LABEL))),
        reference=_reference(reference),
        accent=accent,
        keep_order=keep_order,
    )
    told = f"{clean_text(alt)} {_range(drawing)}".rstrip()
    caption = data_title or f"Siffrorna bakom diagrammet: {shorten(heading, 120)}"
    html = render(
        "figure",
        **shown,
        alt=told,
        data=_chart_data(caption, table_columns, (label, series, value), kind, source, sheet_name),
        repeated=not print_data,
        **_pictures(drawing),
    )
    return Part(f"{heading}\n{clean_text(subtitle)}\n{told}\nKälla: {clean_text(source.text)}", html, data)


def table(
    frame: Any,
    *,
    columns: Mapping[str, str],
    title: str = "",
    source: Source | None = None,
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
    source = demanded(title=title, source=source, alt=None, where="table")
    if not columns:
        raise ReportError("table: name the columns to show and their headers: columns={'supplier': 'Leverantör'}.")
    if rows < 1:
        raise ReportError(f"table: rows is {rows}; show at least one row.")
    read = read_columns(frame, columns, where="table")
    heading, accent = clean_text(title), style.accent_colour(source.accent_colour)
    sheet_name = sheet_names([sheet or title])[0]
    data = {"type": "table", **table_data(heading, sheet_name, read, source)}
    if not read[0].values:
        html = render("empty", source=source, accent=accent, title=heading, subtitle="")
        return Part(f"{heading}\nInga uppgifter.", html, data)
    shown = _shown(heading, read, source, rows, sheet_name)
    html = render("table", source=source, accent=accent, data=shown, note=clean_text(note))
    lines = [
        " | ".join(cell.mark.word if cell.mark else cell.text for cell in row) for row in (shown.heads, *shown.rows)
    ]
    return Part("\n".join([heading, *lines, shown.left_out]).rstrip(), html, data)


def demanded(*, title: str, source: object, alt: str | None, where: str) -> Source:
    """Refuse what a reader could not trust or not see, and return the source."""
    if not isinstance(title, str) or not title.strip():
        raise ReportError(f"{where}: title is missing. Write the finding in one sentence: title='…'.")
    if alt is not None and len(alt.strip()) < LEAST_ALT:
        raise ReportError(
            f"{where} '{shorten(title, 60)}': alt must tell in {LEAST_ALT} characters or more what the chart "
            "shows, with its most important figure, for readers who cannot see it."
        )
    if not isinstance(source, Source) or not source.text.strip():
        raise ReportError(f"{where} '{shorten(title, 60)}': source is missing. Add source=org.source.")
    return source


def _chart_columns(
    frame: Any, title: str, roles: tuple[str, str | None, str], columns: Mapping[str, str] | None
) -> tuple[dict[str, ReportColumn], list[ReportColumn]]:
    """Read the columns that the chart shows, and those of its table with their headers."""
    label, series, value = roles
    needed = [name for name in (label, series, value) if name]
    # Without headers of the caller's own, the names in code (English) must not reach the reader.
    words = {label: "Post", series: "Serie", value: "Värde"} | HEADINGS
    headers = columns or {name: words[name] for name in needed}
    left_out = [name for name in needed if name not in headers]
    if left_out:
        raise ReportError(f"figure '{shorten(title, 60)}': columns lacks '{left_out[0]}', which the chart shows.")
    read = read_columns(frame, dict.fromkeys(needed, ""), where="figure")
    return {column.name: column for column in read}, read_columns(frame, headers, where="figure")


def _points(
    labels: ReportColumn, values: ReportColumn, series: ReportColumn | None, kind: ChartKind
) -> tuple[Point, ...]:
    shown = [numbers.UNKNOWN if label is None else label for label in labels.values]
    if kind == "line":
        shown = [charts.month_label(name) for name in shown]
    names = _apart(shown, MOST_LABEL) if kind != "cumulative" else {}
    of = [numbers.UNKNOWN if name is None else name for name in series.values] if series else [""] * len(shown)
    series_names = _apart(of, MOST_SERIES_NAME)
    points = [
        Point(names.get(label, label), numbers.to_decimal(value), series_names[name])
        for label, value, name in zip(shown, values.values, of, strict=True)
    ]
    places = [(point.label, point.series) for point in points]
    if kind in ("line", "heatmap") and len(set(places)) < len(places):
        twice = next(place for place in places if places.count(place) > 1)
        raise ReportError(
            f"figure: more than one row for '{twice[0]}' {twice[1]}. Sum them first: a {kind} shows one each."
        )
    return tuple(points)


def _range(drawing: Drawing) -> str:
    """Say in words between which values the chart moves."""
    known = [point.value for point in drawing.points if point.value is not None]
    if not known:
        return ""
    low, high = (drawing.scale.write(value) for value in (min(known), max(known)))
    return f"Värdena går från {low} till {high}." if low != high else f"Värdet är {low}."


def _marked(highlight: Collection[str], column: ReportColumn, limit: int) -> frozenset[str]:
    """Write the names to mark as the chart writes them."""
    names = _apart([name for name in column.values if name is not None], limit)
    return frozenset(names[name] for name in highlight if name in names)


def _apart(names: Sequence[object], limit: int) -> dict[object, Any]:
    """Shorten the names that are words or numbers, and keep those that differ apart; months stay as they are."""
    written = {name: str(name) for name in names if isinstance(name, str | int | float)}
    short = shorten_apart(written.values(), limit)
    return {name: short[text] for name, text in written.items()}


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


def _chart_data(
    title: str,
    columns: list[ReportColumn],
    roles: tuple[str, str | None, str],
    kind: ChartKind,
    source: Source,
    sheet: str,
) -> ShownTable:
    """Arrange the chart's rows as its reader sees them: a column per line or per column of the heatmap."""
    if kind == "cumulative":
        return _shown(title, columns, source, MOST_CURVE_ROWS, sheet, thin=True)
    named = {column.name: column for column in columns}
    label, series, value = roles
    if kind == "line":
        column = named[roles[0]]
        months = _month_words(column.values)
        named[roles[0]] = ReportColumn(column.name, column.label, "text", months)
    if series is not None:
        return _shown(title, pivoted(named[label], named[series], named[value]), source, MOST_DATA_ROWS, sheet)
    return _shown(title, list(named.values()), source, MOST_DATA_ROWS, sheet)


def _month_words(values: tuple[object, ...]) -> tuple[object, ...]:
    """Write the first days of months as their names, with the year where the axis has it: when there are several."""
    days = [charts.month_label(value) if value is not None else None for value in values]
    years = {day.year for day in days if isinstance(day, date)}
    written = []
    for value, day in zip(values, days, strict=True):
        is_month = isinstance(day, date) and day.day == 1
        name = f"{numbers.MONTHS[day.month - 1]} {day.year}" if isinstance(day, date) else ""
        written.append(value if not is_month else name if len(years) > 1 else name[:-5])
    return tuple(written)


def _pictures(drawing: Drawing) -> dict[str, Any]:
    """Draw the chart twice, and read its size so that the page does not move when it is loaded."""
    wide, narrow = charts.draw(drawing), charts.draw(drawing, narrow=True)
    size = wide.split('viewBox="0 0 ', 1)[1].split('"', 1)[0].split()
    width, height = (round(float(points) * 96 / 72) for points in size)
    return {"wide": data_uri(wide), "narrow": data_uri(narrow), "width": width, "height": height}


def data_uri(svg: str) -> str:
    """Return a drawing as an address that holds it."""
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode("ascii")
