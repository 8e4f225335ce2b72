"""Parts that only the savings report shows: the bridge from promised to realised, and the years against the target."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal

import pandas as pd

from procanalysis.errors import ReportError
from procanalysis.report import style
from procanalysis.report.charts import Scale
from procanalysis.report.cleaning import shorten
from procanalysis.report.columns import read_columns, scale_of
from procanalysis.report.drawn import drawn_figure
from procanalysis.report.lanes import named, of_all, signed, told
from procanalysis.report.markup import Part
from procanalysis.report.numbers import to_decimal
from procanalysis.report.parts import demanded, table
from procanalysis.report.savings.pictures import (
    MOST_STEPS,
    MOST_YEARS,
    Step,
    YearParts,
    draw_bridge,
    draw_stacked_years,
)
from procanalysis.report.sentences import callout
from procanalysis.schema import Source

StepsAre = Literal["changes", "losses"]

_NO_BRIDGE = "Stegen går inte att visa, eftersom något av beloppen är okänt."
_NO_YEARS = "Inget år har ett känt belopp."
_TOO_MANY_STEPS = "Stegen är för många för en bild."


def bridge_figure(
    frame: pd.DataFrame,
    *,
    label: str,
    amount: str,
    total_rows: Collection[str],
    title: str,
    alt: str,
    source: Source,
    columns: Mapping[str, str],
    sheet: str,
    steps_are: StepsAre = "changes",
    subtitle: str = "",
    otherwise: str = "",
) -> Part:
    """Show how one total becomes another, step by step: each bar begins where the one above it ended.

    Parameters
    ----------
    frame: one row per total or step, in order; more than 40 become a table
    label, amount: the columns with names and amounts in öre
    total_rows: the names of the rows that are totals, drawn from zero
    steps_are: "changes" when a step that takes away is negative, "losses" when it is positive
    columns: the columns of the data table with their Swedish headers
    otherwise: what to say when there are no rows or an amount is unknown

    Raises ReportError when title, alt or source is missing, a total is not among the rows, or the steps do not lead
    from one total to the next.
    """
    source = demanded(title=title, source=source, alt=alt, where="bridge_figure")
    names, amounts = read_columns(frame, {label: "", amount: ""}, where="bridge_figure")
    values = [to_decimal(value) for value in amounts.values]
    known = [value for value in values if value is not None]
    if not known or len(known) < len(values):
        return callout("{reason}", kind="note", source=source, reason=otherwise or _NO_BRIDGE)
    steps = _steps(names.values, known, total_rows, steps_are)
    if len(steps) > MOST_STEPS:
        return table(frame, columns=columns, title=title, source=source, sheet=sheet, rows=60, note=_TOO_MANY_STEPS)
    scale = scale_of(known, "money", source.currency)
    accent = style.accent_colour(source.accent_colour)
    pictures = (
        draw_bridge(steps, scale=scale, accent=accent),
        draw_bridge(steps, scale=scale, accent=accent, narrow=True),
    )
    return drawn_figure(
        pictures,
        frame,
        columns=columns,
        title=title,
        subtitle=subtitle,
        alt=f"{alt} {_bridge_words(steps, scale)}",
        source=source,
        sheet=sheet,
        repeated=True,
    )


def _steps(
    labels: Sequence[object], amounts: Sequence[Decimal], total_rows: Collection[str], steps_are: StepsAre
) -> list[Step]:
    """Lay the steps after each other, and refuse those that do not lead to the total that follows them."""
    totals = list(total_rows)
    missing = [name for name in totals if name not in labels]
    if missing:
        raise ReportError(f"bridge_figure: no row is named '{shorten(missing[0], 60)}', which total_rows names.")
    sign = -1 if steps_are == "losses" else 1
    steps: list[Step] = []
    reached: Decimal | None = None
    for name, given in zip(labels, amounts, strict=True):
        is_total = name in totals
        if is_total and reached is not None and reached != given:
            raise ReportError(
                f"bridge_figure: the steps lead to {reached} öre, but '{named(name)}' is {given}. Give every step "
                "with its sign: steps_are='changes' when a step that takes away is negative, else 'losses'."
            )
        step = Step(named(name), given if is_total else sign * given, reached or Decimal(0), is_total)
        steps.append(step)
        reached = step.after
    return steps


def _bridge_words(steps: Sequence[Step], scale: Scale) -> str:
    """Tell the totals and the largest step, so that the text says what the bars show."""
    totals = [f"{step.name} är {step.words(scale)}" for step in steps if step.is_total]
    said = f"{', '.join(totals)}." if totals else ""
    changes = [step for step in steps if not step.is_total and step.change]
    if changes:
        largest = max(changes, key=lambda step: abs(step.change))
        said = f"{said} Störst steg är {largest.name} med {signed(scale, largest.change)}.".strip()
    return said


def stacked_years_figure(
    frame: pd.DataFrame,
    *,
    year: str,
    parts: Mapping[str, str],
    total: str,
    title: str,
    alt: str,
    source: Source,
    columns: Mapping[str, str],
    sheet: str,
    target: str = "",
    is_forecast: str = "",
    total_name: str = "Summa",
    target_name: str = "Mål",
    subtitle: str = "",
    otherwise: str = "",
) -> Part:
    """Show what each year holds: its parts after each other, the total in figures and the target as a mark.

    Parameters
    ----------
    frame: one row per year; at most the 31 last are drawn, all go to the table
    year, total, target: the columns with the year, the sum of the parts and the target, in öre; without a target, empty
    parts: the columns with the parts and their Swedish names, one to four; parts may be negative, or unknown
    is_forecast: the column that is true for years of a forecast, empty when there is none
    columns: the columns of the data table with their Swedish headers
    otherwise: what to say when no year has a known part

    Raises ReportError when title, alt or source is missing, or there are more than four parts.
    """
    source = demanded(title=title, source=source, alt=alt, where="stacked_years_figure")
    needed = [year, *parts, total, *filter(None, (target, is_forecast))]
    found = read_columns(frame, dict.fromkeys(needed, ""), where="stacked_years_figure")
    read = {column.name: column.values for column in found}
    rows = [_year(read, place, year, parts, total, target, is_forecast) for place in range(len(read[year]))]
    if not any(value is not None for row in rows for value in row.parts):
        return callout("{reason}", kind="note", source=source, reason=otherwise or _NO_YEARS)
    shown = rows[-MOST_YEARS:]
    has_target = any(row.target is not None for row in shown)
    money = [value for row in shown for value in (*row.parts, row.total, row.target)]
    scale = scale_of(money, "money", source.currency)
    given: dict[str, Any] = {
        "parts": [shorten(name, 40) for name in parts.values()],
        "total": total_name,
        "target": target_name if has_target else "",
        "scale": scale,
        "accent": style.accent_colour(source.accent_colour),
    }
    return drawn_figure(
        (draw_stacked_years(shown, **given), draw_stacked_years(shown, **given, narrow=True)),
        frame,
        columns=columns,
        title=title,
        subtitle=told(subtitle, of_all(len(shown), len(rows), "år, de sista")),
        alt=f"{alt} {_year_words(shown, scale, target_name)}",
        source=source,
        sheet=sheet,
        repeated=True,
    )


def _year(
    read: Mapping[str, tuple[object, ...]], place: int, year: str, parts: Mapping[str, str], total: str, target: str,
    is_forecast: str,
) -> YearParts:  # fmt: skip
    which = read[year][place]
    return YearParts(
        named(int(which) if isinstance(which, float) and which == int(which) else which, 40),
        tuple(to_decimal(read[name][place]) for name in parts),
        to_decimal(read[total][place]),
        to_decimal(read[target][place]) if target else None,
        read[is_forecast][place] is True if is_forecast else False,
    )


def _year_words(years: Sequence[YearParts], scale: Scale, target_name: str) -> str:
    """Tell each year's total and target, so that the text says what the bars show."""
    said = []
    for row in years:
        aim = f", {target_name.lower()} {scale.write(row.target)}" if row.target is not None else ""
        forecast = " (prognos)" if row.is_forecast else ""
        said.append(f"{row.name}{forecast} {scale.write(row.total)}{aim}")
    return f"{'; '.join(said)}."
