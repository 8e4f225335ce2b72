"""Parts that only a business case shows: cash flows, tornado, simulated outcomes and risks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import pandas as pd

from procanalysis.errors import ReportError
from procanalysis.report import numbers, style
from procanalysis.report.business_case.outcomes import SQUARES, Outcomes, draw_outcomes, equally_likely
from procanalysis.report.business_case.pictures import (
    MOST_ALTERNATIVES,
    MOST_DRIVERS,
    MOST_YEARS,
    Driver,
    Flows,
    YearFlow,
    draw_cash_flows,
    draw_tornado,
)
from procanalysis.report.business_case.risks import MOST_RISKS, Risk, draw_risks
from procanalysis.report.charts import Scale
from procanalysis.report.columns import read_columns, scale_of
from procanalysis.report.drawn import drawn_figure
from procanalysis.report.lanes import named, of_all, told
from procanalysis.report.markup import Part
from procanalysis.report.numbers import to_decimal
from procanalysis.report.parts import demanded, table
from procanalysis.report.sentences import callout
from procanalysis.schema import Source

_NO_FLOWS = "Inget alternativ har ett känt kassaflöde skilt från noll."
_NO_DRIVERS = "Inget antagande har ett resultat vid både lågt och högt värde."
_NO_EFFECT = "Inget antagande ändrar resultatet mellan sitt låga och sitt höga värde."
_NO_OUTCOMES = "Simuleringen har inget resultat att visa."
_NO_RISKS = "Ingen risk har både sannolikhet och konsekvens."
_MARKED = (10, 50, 90)


def cash_flow_figure(
    frame: pd.DataFrame,
    *,
    alternative: str,
    year: str,
    net: str,
    cumulated: str,
    title: str,
    alt: str,
    source: Source,
    columns: Mapping[str, str],
    sheet: str,
    subtitle: str = "",
    otherwise: str = "",
) -> Part:
    """Show what each alternative brings each year and has brought so far, a panel for each, all on one scale.

    Parameters
    ----------
    frame: one row per alternative and year, in order; an alternative of zeros alone, such as doing nothing, is named
        in words and not drawn; at most 6 alternatives and 31 years are drawn, all go to the table
    alternative, year, net, cumulated: the columns with the alternative's title, the year, and amounts in öre
    columns: the columns of the data table with their Swedish headers
    otherwise: what to say when there is nothing to draw

    Raises ReportError when title, alt or source is missing.
    """
    source = demanded(title=title, source=source, alt=alt, where="cash_flow_figure")
    read = {
        column.name: column.values
        for column in read_columns(
            frame, dict.fromkeys((alternative, year, net, cumulated), ""), where="cash_flow_figure"
        )
    }
    flows: dict[object, list[YearFlow]] = {}
    for place, name in enumerate(read[alternative]):
        row = YearFlow(_year(read[year][place]), to_decimal(read[net][place]), to_decimal(read[cumulated][place]))
        flows.setdefault(name, []).append(row)
    drawn = [Flows(named(name), tuple(rows[:MOST_YEARS])) for name, rows in flows.items() if _has_flow(rows)]
    if not drawn:
        return callout("{reason}", kind="note", source=source, reason=otherwise or _NO_FLOWS)
    empty = [named(name) for name, rows in flows.items() if not _has_flow(rows)]
    shown = drawn[:MOST_ALTERNATIVES]
    longest = max(len(rows) for rows in flows.values())
    money = [value for flow in shown for row in flow.years for value in (row.net, row.cumulated)]
    scale = scale_of(money, "money", source.currency)
    accent = style.accent_colour(source.accent_colour)
    limits = told(
        f"Noll eller okänt alla år: {', '.join(empty)}" if empty else "",
        of_all(len(shown), len(drawn), "alternativ"),
        of_all(min(longest, MOST_YEARS), longest, "år, de första"),
    )
    return drawn_figure(
        (
            draw_cash_flows(shown, scale=scale, accent=accent),
            draw_cash_flows(shown, scale=scale, accent=accent, narrow=True),
        ),
        frame,
        columns=columns,
        title=title,
        subtitle=told(subtitle, limits),
        alt=f"{alt} {_flow_words(shown, scale)}",
        source=source,
        sheet=sheet,
        repeated=True,
    )


def _year(value: object) -> str:
    whole = int(value) if isinstance(value, float) and value == int(value) else value
    return named(whole, 14)


def _has_flow(rows: list[YearFlow]) -> bool:
    return any(row.net or row.cumulated for row in rows)


def _flow_words(shown: list[Flows], scale: Scale) -> str:
    """Tell where each alternative ends, so that the text says what the lines show."""
    ends = [
        f"{flow.name} har efter år {flow.years[-1].name} gett {scale.write(flow.years[-1].cumulated)}" for flow in shown
    ]
    return f"{'; '.join(ends)}."


def tornado_figure(
    frame: pd.DataFrame,
    *,
    name: str,
    at_low: str,
    at_high: str,
    base: Decimal | int | None,
    title: str,
    alt: str,
    source: Source,
    columns: Mapping[str, str],
    sheet: str,
    low: str = "",
    high: str = "",
    unit: str = "",
    base_name: str = "Sannolikt",
    subtitle: str = "",
    otherwise: str = "",
) -> Part:
    """Show how far each assumption alone moves the result, the one that moves it most first.

    Parameters
    ----------
    frame: one row per assumption; at most the 20 of largest effect are drawn, all known ones go to the table
    name, at_low, at_high: the columns with the assumption, and the result in öre at its low and at its high value
    base: the result in öre when everything is as likely, drawn as a line
    low, high, unit: the columns with the assumption's own low and high value and their unit ("%", "kr" or another
        word), written after its name; empty without them
    columns: the columns of the data table with their Swedish headers
    otherwise: what to say when there is nothing to draw

    Raises ReportError when title, alt or source is missing.
    """
    source = demanded(title=title, source=source, alt=alt, where="tornado_figure")
    drivers, count = _drivers(frame, (name, at_low, at_high), (low, high, unit), source)
    middle = to_decimal(base)
    if not drivers or middle is None:
        return callout("{reason}", kind="note", source=source, reason=otherwise or _NO_DRIVERS)
    order = sorted(drivers, key=lambda place: -drivers[place].effect)
    moving = [drivers[place] for place in order if drivers[place].effect]
    if not moving:
        return callout("{reason}", kind="note", source=source, reason=_NO_EFFECT)
    shown = moving[:MOST_DRIVERS]
    scale = scale_of([middle, *(v for d in shown for v in (d.at_low, d.at_high))], "money", source.currency)
    given: dict[str, Any] = {
        "base": middle,
        "base_name": base_name,
        "scale": scale,
        "accent": style.accent_colour(source.accent_colour),
    }
    still, unknown = len(drivers) - len(moving), count - len(drivers)
    limits = told(
        of_all(len(shown), len(moving), "antaganden, de med störst verkan"),
        f"Antaganden som inte ändrar resultatet: {numbers.count(still)}" if still else "",
        f"Antaganden utan känt resultat: {numbers.count(unknown)}" if unknown else "",
    )
    return drawn_figure(
        (draw_tornado(shown, **given), draw_tornado(shown, **given, narrow=True)),
        frame.iloc[order],
        columns=columns,
        title=title,
        subtitle=told(subtitle, limits),
        alt=f"{alt} {_tornado_words(shown, scale)}",
        source=source,
        sheet=sheet,
        repeated=True,
    )


def _drivers(
    frame: pd.DataFrame, needed: tuple[str, str, str], own: tuple[str, str, str], source: Source
) -> tuple[dict[int, Driver], int]:
    """Read the assumptions whose results are known, by their place in the frame, and count all."""
    named_columns = dict.fromkeys((*needed, *filter(None, own)), "")
    read = {column.name: column.values for column in read_columns(frame, named_columns, where="tornado_figure")}
    labels, lows, highs = (read[column] for column in needed)
    drivers = {}
    for place, label in enumerate(labels):
        at_low, at_high = to_decimal(lows[place]), to_decimal(highs[place])
        if at_low is not None and at_high is not None:
            span = _span(*(read[column][place] if column else None for column in own), source=source)
            drivers[place] = Driver(f"{named(label)}{span}", at_low, at_high)
    return drivers, len(labels)


def _span(low: object, high: object, unit: object, *, source: Source) -> str:
    """Write an assumption's own low and high value, such as ': 4–10 %'."""
    first, last = to_decimal(low), to_decimal(high)
    if first is None or last is None:
        return ""
    said = [in_words(end, unit, currency=source.currency, beside=(first, last)) for end in (first, last)]
    begin, _, first_unit = said[0].rpartition(numbers.HARD_SPACE)
    # One unit after both, where both have it.
    if begin and said[1].endswith(f"{numbers.HARD_SPACE}{first_unit}") and not first_unit.isdigit():
        said[0] = begin
    return f": {said[0]}" if said[0] == said[1] else f": {said[0]}–{said[1]}"


def in_words(value: Decimal, unit: object, *, currency: str = "SEK", beside: Sequence[Decimal] = ()) -> str:
    """Write an assumption's value with its unit: percent with as few decimals as it has, kronor as an amount.

    Parameters: beside, what stands beside it, such as low and high, and is written in the same unit of money.

    >>> in_words(Decimal("74.0"), "%"), in_words(Decimal("74.25"), "%"), in_words(Decimal(400000), "kr")
    ('74\\xa0%', '74,3\\xa0%', '400\\xa0tkr')
    >>> in_words(Decimal(90000), "kr", beside=[Decimal(130000)])
    '90\\xa0tkr'
    """
    word = "" if unit is None else named(unit, 30)
    if word in ("kr", numbers.money_units(currency)[0].name):
        ores = [each * 100 for each in (value, *beside)]
        units = {numbers.amount(ore, currency).rpartition(numbers.HARD_SPACE)[2] for ore in ores}
        unit_of_all = numbers.common_unit(ores, currency).name if len(units) > 1 else None
        return numbers.amount(value * 100, currency, unit_of_all)
    places = 0 if value == value.to_integral_value() else 1
    text = numbers.number(value, places)
    return f"{text}{numbers.HARD_SPACE}{word}" if word else text


def _tornado_words(shown: list[Driver], scale: Scale) -> str:
    """Tell what the first assumption does to the result, so that the text says what the bars show."""
    first = shown[0]
    return (
        f"Störst verkan har {first.name}, där resultatet går från {scale.write(min(first.at_low, first.at_high))} till "
        f"{scale.write(max(first.at_low, first.at_high))}."
    )


def distribution_figure(
    percentiles: pd.DataFrame,
    *,
    percentile: str,
    value: str,
    loss_pct: Decimal | float | None,
    title: str,
    alt: str,
    source: Source,
    columns: Mapping[str, str],
    sheet: str,
    subtitle: str = "",
    otherwise: str = "",
) -> Part:
    """Show simulated results as fifty squares, each two outcomes of a hundred, with P10, P50, P90 and zero marked.

    Parameters
    ----------
    percentiles: one row per percentile; those at 1, 3, … 99 are drawn, read between the rows where they are missing
    percentile, value: the columns with the percentile, 0 to 100, and the result in öre; a line is drawn at 10, 50 and
        90 where those rows are
    loss_pct: the share of outcomes below zero, as the simulation counted it; None when it is unknown
    columns: the columns of the data table with their Swedish headers
    otherwise: what to say when there are no results

    Raises ReportError when title, alt or source is missing.
    """
    source = demanded(title=title, source=source, alt=alt, where="distribution_figure")
    shares, values = read_columns(percentiles, {percentile: "", value: ""}, where="distribution_figure")
    exact = [(to_decimal(s), to_decimal(v)) for s, v in zip(shares.values, values.values, strict=True)]
    known = sorted((share, result) for share, result in exact if share is not None and result is not None)
    squares = equally_likely(known) if len(known) > 1 else ()
    if len(squares) < 2:
        return callout("{reason}", kind="note", source=source, reason=otherwise or _NO_OUTCOMES)
    if squares[0] == squares[-1]:
        return callout("Alla simulerade utfall ger {result_ore}.", kind="note", source=source, result_ore=squares[0])
    at = dict(known)
    marked = tuple((share, at[Decimal(share)]) for share in _MARKED if Decimal(share) in at)
    outcomes = Outcomes(squares, marked, to_decimal(loss_pct))
    scale = scale_of([squares[0], squares[-1], *(result for _, result in marked)], "money", source.currency)
    accent = style.accent_colour(source.accent_colour)
    limits = told(
        "Varje ruta är 2 av 100 simulerade utfall",
        "" if len(squares) == SQUARES else "Utfallen längst ut är inte kända",
        "" if outcomes.shows_zero else "Noll ligger utanför bilden",
        "Ett utfall av tio är sämre än P10, hälften är sämre än P50 och ett av tio är bättre än P90" if marked else "",
    )
    return drawn_figure(
        (draw_outcomes(outcomes, scale=scale, accent=accent),
         draw_outcomes(outcomes, scale=scale, accent=accent, narrow=True)),
        percentiles,
        columns=columns,
        title=title,
        subtitle=told(subtitle, limits),
        alt=f"{alt} {_outcome_words(outcomes, scale)}",
        source=source,
        sheet=sheet,
        repeated=True,
    )  # fmt: skip


def _outcome_words(outcomes: Outcomes, scale: Scale) -> str:
    said = [f"P{share} är {scale.write(result)}" for share, result in outcomes.marked]
    if outcomes.loss_pct is not None:
        said.append(f"{numbers.percent(outcomes.loss_pct)} av utfallen är förluster")
    return f"{', '.join(said)}." if said else ""


def convergence_table(
    frame: pd.DataFrame, *, columns: Mapping[str, str], title: str, source: Source, sheet: str, rows: int = 8
) -> Part:
    """Show how the simulation's figures settle as the runs grow: at most eight rows, evenly spread, the last included.

    Parameters: frame, one row per number of runs, in order; columns, with their Swedish headers.

    Raises ReportError when title, columns or source is missing.
    """
    last = len(frame) - 1
    places = range(last + 1) if last < rows else sorted({round(step * last / (rows - 1)) for step in range(rows)})
    left_out = of_all(len(places), len(frame), "steg").replace("Bilden", "Tabellen")
    note = f"{left_out}." if left_out else ""
    return table(
        frame.iloc[list(places)], columns=columns, title=title, source=source, sheet=sheet, rows=rows, note=note
    )


def risk_matrix_figure(
    frame: pd.DataFrame,
    *,
    name: str,
    likelihood: str,
    consequence: str,
    title: str,
    alt: str,
    source: Source,
    columns: Mapping[str, str],
    sheet: str,
    subtitle: str = "",
    otherwise: str = "",
) -> Part:
    """Show risks as numbers in a grid of likelihood and consequence, numbered from the gravest, with their names.

    Parameters: as for `numbered_risks`, whose numbers it shares; at most the 20 gravest are drawn, all go to the table,
    where `risk_number` and `risk_weight` may be shown; otherwise, what to say when no risk has both values.

    Raises ReportError when title, alt or source is missing, or a value is not a whole number from 1 to 5.
    """
    source = demanded(title=title, source=source, alt=alt, where="risk_matrix_figure")
    ordered = numbered_risks(frame, likelihood=likelihood, consequence=consequence)
    risks = [
        Risk(row["risk_number"], named(row[name], 200).rstrip("."), int(row[likelihood]), int(row[consequence]))
        for row in ordered[ordered["risk_weight"].notna()].to_dict("records")
    ]
    if not risks:
        return callout("{reason}", kind="note", source=source, reason=otherwise or _NO_RISKS)
    shown, missing = risks[:MOST_RISKS], len(ordered) - len(risks)
    accent = style.accent_colour(source.accent_colour)
    unplaced = f"Sannolikhet eller konsekvens saknas för {numbers.count(missing)} av {numbers.count(len(ordered))}"
    return drawn_figure(
        (draw_risks(shown, accent=accent), draw_risks(shown, accent=accent, narrow=True)),
        ordered,
        columns=columns,
        title=title,
        subtitle=told(
            subtitle, of_all(len(shown), len(risks), "risker, de allvarligaste"), unplaced if missing else ""
        ),
        alt=f"{alt} Allvarligast är {shown[0].name} med {shown[0].weight} av 25.",
        source=source,
        sheet=sheet,
    )


def numbered_risks(frame: pd.DataFrame, *, likelihood: str, consequence: str) -> pd.DataFrame:
    """Return risks with the gravest first, numbered: risk_number, and risk_weight = likelihood · consequence (1–25).

    Parameters: frame, one row per risk; likelihood and consequence, the columns with whole numbers from 1 to 5. A risk
    that lacks one comes last, without a weight.

    Raises ReportError when a value is not a whole number from 1 to 5.

    >>> risks = pd.DataFrame({"text": ["A", "B"], "likelihood": [1, 3], "consequence": [2, 4]})
    >>> numbered_risks(risks, likelihood="likelihood", consequence="consequence")["risk_weight"].tolist()
    [12, 2]
    """
    read = read_columns(frame, {likelihood: "", consequence: ""}, where="numbered_risks")
    values = [[to_decimal(value) for value in column.values] for column in read]
    wrong = [value for column in values for value in column if value is not None and value not in range(1, 6)]
    if wrong:
        raise ReportError(f"risks: {wrong[0]} is no likelihood or consequence. Give a whole number from 1 to 5.")
    weights = [None if a is None or b is None else int(a * b) for a, b in zip(*values, strict=True)]
    weighed = frame.assign(risk_weight=pd.array(weights, dtype="Int64"))
    ordered = weighed.sort_values("risk_weight", ascending=False, kind="stable", na_position="last")
    return ordered.assign(risk_number=range(1, len(ordered) + 1)).reset_index(drop=True)
