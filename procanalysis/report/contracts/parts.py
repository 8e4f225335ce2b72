"""Parts that only the contract reports show: shares as intervals, and categories by impact and risk."""

from __future__ import annotations

from collections import Counter

import pandas as pd

from procanalysis.report import numbers, style
from procanalysis.report.cleaning import shorten
from procanalysis.report.contracts.pictures import (
    FIELDS,
    MOST_INTERVALS,
    MOST_PLACES,
    Interval,
    Placed,
    draw_intervals,
    draw_portfolio,
)
from procanalysis.report.drawn import drawn_figure
from procanalysis.report.lanes import of_all, told
from procanalysis.report.markup import Part
from procanalysis.report.numbers import to_decimal
from procanalysis.report.parts import demanded
from procanalysis.report.sentences import callout
from procanalysis.schema import Source

_NO_SHARES = "Ingen andel går att räkna ut."
_NO_PLACES = "Ingen kategori har både betydelse och risk."


def interval_figure(
    frame: pd.DataFrame,
    *,
    label: str,
    proven: str,
    possible: str,
    title: str,
    alt: str,
    source: Source,
    columns: dict[str, str],
    sheet: str,
    target: str = "",
    subtitle: str = "",
    otherwise: str = "",
) -> Part:
    """Show shares of which a part is proven and a part only possible, as bars from 0 to 100 %.

    Parameters
    ----------
    frame: one row per bar, in the order in which they should stand; at most 25 are drawn, all go to the table; one
        without a known share is drawn empty, and says that it cannot be measured
    label, proven, possible, target: the columns with names, proven share, possible share and target, in percent
    columns: the columns of the data table with their Swedish headers
    otherwise: what to say when no row has a known share

    Raises ReportError when title, alt or source is missing.
    """
    source = demanded(title=title, source=source, alt=alt, where="interval_figure")
    known = frame[frame[proven].notna() & frame[possible].notna()] if len(frame) else frame
    if known.empty:
        return callout("{reason}", kind="note", source=source, reason=otherwise or _NO_SHARES)
    rows = [
        Interval(
            shorten(row[label], 80),
            to_decimal(row[proven]),
            to_decimal(row[possible]),
            to_decimal(row[target]) if target else None,
        )
        for row in frame.head(MOST_INTERVALS).to_dict("records")
    ]
    accent = style.accent_colour(source.accent_colour)
    return drawn_figure(
        (draw_intervals(rows, accent=accent), draw_intervals(rows, accent=accent, narrow=True)),
        frame,
        columns=columns,
        title=title,
        subtitle=told(subtitle, of_all(len(rows), len(frame), "rader, de första")),
        alt=f"{alt} {_spread(rows)}",
        source=source,
        sheet=sheet,
    )


def _spread(rows: list[Interval]) -> str:
    """Tell the lowest and the highest share, so that the text says what the bars show."""
    known = [row for row in rows if row.proven_pct is not None]
    low = min(known, key=lambda row: row.proven_pct or 0)
    high = max(known, key=lambda row: row.proven_pct or 0)
    if low is high:
        return f"{low.name}: {low.words}."
    return f"Lägst är {low.name} med {low.words}, högst {high.name} med {high.words}."


def portfolio_figure(
    frame: pd.DataFrame,
    *,
    name: str,
    impact: str,
    risk: str,
    title: str,
    alt: str,
    source: Source,
    columns: dict[str, str],
    sheet: str,
    subtitle: str = "",
) -> Part:
    """Show categories as numbered dots in the four fields of a purchasing portfolio.

    Parameters
    ----------
    frame: one row per category, in the order of their numbers; at most 40 are drawn, all go to the table
    name, impact, risk: the columns with names and with scores from 1 to 5; a missing score leaves the category out
    columns: the columns of the data table with their Swedish headers

    Raises ReportError when title, alt or source is missing.
    """
    source = demanded(title=title, source=source, alt=alt, where="portfolio_figure")
    known = frame[frame[impact].notna() & frame[risk].notna()] if len(frame) else frame
    if known.empty:
        return callout("{reason}", kind="note", source=source, reason=_NO_PLACES)
    shown = known.head(MOST_PLACES)
    places = []
    for number, row in enumerate(shown.to_dict("records"), start=1):
        impact_score, risk_score = to_decimal(row[impact]), to_decimal(row[risk])
        if impact_score is not None and risk_score is not None:
            places.append(Placed(number, shorten(row[name], 60), impact_score, risk_score))
    accent = style.accent_colour(source.accent_colour)
    missing = len(frame) - len(known)
    unplaced = f"Betydelse eller risk saknas för {numbers.count(missing)} av {numbers.count(len(frame))} kategorier"
    return drawn_figure(
        (draw_portfolio(places, accent=accent), draw_portfolio(places, accent=accent, narrow=True)),
        frame,
        columns=columns,
        title=title,
        subtitle=told(subtitle, of_all(len(places), len(known), "kategorier, de första"), unplaced if missing else ""),
        alt=f"{alt} {_fields(places)}",
        source=source,
        sheet=sheet,
    )


def _fields(places: list[Placed]) -> str:
    """Tell how many categories lie in each field, and which lies highest, so that the text says what the dots show."""
    fields = Counter(place.field for place in places)
    counted = ", ".join(f"{field} {numbers.count(fields[field])}" for field in FIELDS)
    top = max(places, key=lambda place: (place.impact, place.risk))
    return f"Kategorier per fält: {counted}. Störst betydelse har {top.name} med {numbers.number(top.impact, 2)}."
