"""A drawing that is no ordinary chart, put into the page as `figure` puts one, with its data below it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from procanalysis.report import style
from procanalysis.report.cleaning import clean_text, shorten
from procanalysis.report.columns import read_columns, show_table, table_data
from procanalysis.report.markup import Part, render
from procanalysis.report.parts import data_uri
from procanalysis.schema import Source

MOST_DATA_ROWS = 60


def drawn_figure(
    pictures: tuple[str, str],
    frame: Any,
    *,
    columns: Mapping[str, str],
    title: str,
    alt: str,
    source: Source,
    sheet: str,
    subtitle: str = "",
    data_title: str | None = None,
    repeated: bool = False,
) -> Part:
    """Show a drawing, wide and narrow, with its title, source, alternative text and data.

    Parameters
    ----------
    pictures: the drawing as SVG, for wide and for narrow screens
    frame: what is drawn; columns: the columns of its data table with their Swedish headers
    title, alt, subtitle, source, data_title: as for `figure`; sheet: name of the data's sheet in the workbook
    repeated: what it shows stands in the tables below it, so that paper need not show its data as well
    """
    heading, accent = clean_text(title), style.accent_colour(source.accent_colour)
    caption = data_title or f"Siffrorna bakom diagrammet: {shorten(heading, 120)}"
    read = read_columns(frame, columns, where="figure")
    wide, narrow = pictures
    size = wide.split('viewBox="0 0 ', 1)[1].split('"', 1)[0].split()
    width, height = (round(float(points) * 96 / 72) for points in size)
    html = render(
        "figure",
        source=source,
        accent=accent,
        title=heading,
        subtitle=clean_text(subtitle),
        alt=clean_text(alt),
        data=show_table(caption, read, currency=source.currency, rows=MOST_DATA_ROWS, sheet=sheet),
        wide=data_uri(wide),
        narrow=data_uri(narrow),
        width=width,
        height=height,
        repeated=repeated,
    )
    data = {"type": "figure", "kind": "drawn", **table_data(heading, sheet, read, source)}
    return Part(f"{heading}\n{clean_text(alt)}\nKälla: {clean_text(source.text)}", html, data)
