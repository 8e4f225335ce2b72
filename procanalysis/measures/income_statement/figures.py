"""The key figures of an income statement: costs and result against budget, net, and what nothing explains."""

from __future__ import annotations

import pandas as pd

from procanalysis.measures.income_statement.arithmetic import (
    ORE_PER_TKR,
    Row,
    check_one,
    compared,
    tkr,
    tkr_text,
)
from procanalysis.measures.income_statement.rows import kind_amount
from procanalysis.measures.wording import percent_text
from procanalysis.schema import INCOME_STATEMENTS, KeyFigure, names, percent, require_columns

NO_STATEMENT = "Ingen resultaträkning är redovisad för året"


def income_figures(statement: pd.DataFrame, *, step_ore: int = ORE_PER_TKR) -> tuple[KeyFigure, ...]:
    """Return the key figures of an income statement: costs and result against budget, net, unexplained difference.

    Parameters: statement, schema.INCOME_STATEMENTS (or `income_rows`) of one organisation and year; step_ore, the last
    place that is printed. Returns four KeyFigures in tkr, all unknown when the statement has no rows. Raises
    MeasureError on wrong columns or several statements.
    """
    return (
        cost_against_budget(statement),
        result_against_budget(statement),
        net_cost(statement),
        unexplained_difference(statement, step_ore=step_ore),
    )


def _rows(statement: pd.DataFrame, measure: str) -> tuple[list[Row], str]:
    """Return the rows, and the year with a space before it where there are any."""
    require_columns(statement.columns, names(INCOME_STATEMENTS), measure)
    check_one(statement, ("organisation", "year"), measure)
    rows = statement.sort_values("row_number").to_dict("records")
    return rows, f" {rows[0]['year']}" if rows else ""


def _unknown(method: str, label: str, rows: list[Row], missing: str) -> KeyFigure:
    return KeyFigure(
        id=method, label=label, value=None, unit="tkr", method=method, unknown_because=missing if rows else NO_STATEMENT
    )


def cost_against_budget(statement: pd.DataFrame) -> KeyFigure:
    """Return how much larger the costs were than the budget for the same time, in tkr.

    Value = costs − budgeted costs, both without their sign; above zero the costs were larger. Numerator: the value;
    denominator: the budgeted costs. Parameters: statement, schema.INCOME_STATEMENTS (or `income_rows`) of one
    organisation and year. Returns a KeyFigure, unknown without a total of costs and its budget. Raises MeasureError on
    wrong columns or several statements. Source: requirements R193–R195; our own checks C5 and C6.
    """
    rows, year = _rows(statement, "cost_against_budget")
    label = f"Kostnader mot budget{year}"
    cost, budget, forecast = (
        kind_amount(rows, "cost_total", column)
        for column in ("outcome_ore", "budget_to_date_ore", "forecast_full_year_ore")
    )
    if cost is None or budget is None:
        return _unknown(
            "cost_against_budget", label, rows, "Kostnadernas summa eller budget saknas i resultaträkningen"
        )
    over = budget - cost
    share = percent(over, -budget)
    said = [f"{tkr_text(-cost)} mot budget {tkr_text(-budget)}"]
    if share is not None and over:
        said.append(f"{percent_text(abs(share))} {'över' if over > 0 else 'under'} budget")
    if forecast is not None and forecast != cost:
        more = forecast - cost
        said.append(f"{tkr_text(abs(more))} {'över' if more > 0 else 'under'} prognosen")
    return KeyFigure(
        id="cost_against_budget",
        label=label,
        value=tkr(over),
        unit="tkr",
        method="cost_against_budget",
        numerator=tkr(over),
        denominator=tkr(-budget),
        part_unit="tkr",
        comparison=", ".join(said),
    )


def result_against_budget(statement: pd.DataFrame) -> KeyFigure:
    """Return the result of the year minus the budgeted result, in tkr.

    Parameters: statement, schema.INCOME_STATEMENTS (or `income_rows`) of one organisation and year. Returns a
    KeyFigure, unknown when the result or its budget is not printed. Raises MeasureError on wrong columns or several
    statements. Source: requirement R194.
    """
    rows, year = _rows(statement, "result_against_budget")
    label = f"Resultat mot budget{year}"
    result, budget = (kind_amount(rows, "result", column) for column in ("outcome_ore", "budget_to_date_ore"))
    if result is None or budget is None:
        return _unknown(
            "result_against_budget", label, rows, "Årets resultat eller dess budget saknas i resultaträkningen"
        )
    return KeyFigure(
        id="result_against_budget",
        label=label,
        value=tkr(result - budget),
        unit="tkr",
        method="result_against_budget",
        comparison=f"resultat {tkr_text(result)}, budget {tkr_text(budget)}",
    )


def net_cost(statement: pd.DataFrame) -> KeyFigure:
    """Return incomes and costs together, in tkr: above zero the incomes were larger.

    Value = total of incomes + total of costs, which are negative. Parameters: statement, schema.INCOME_STATEMENTS (or
    `income_rows`) of one organisation and year. Returns a KeyFigure that says beside when another net is printed;
    unknown when a total is. Raises MeasureError on wrong columns or several statements. Source: requirement R193.
    """
    rows, year = _rows(statement, "net_cost")
    label = f"Intäkter minus kostnader{year}"
    incomes, costs, printed = (kind_amount(rows, kind, "outcome_ore") for kind in ("income_total", "cost_total", "net"))
    if incomes is None or costs is None:
        return _unknown("net_cost", label, rows, "Summan av intäkter eller kostnader saknas i resultaträkningen")
    said = f"intäkter {tkr_text(incomes)}, kostnader {tkr_text(-costs)}"
    if printed is not None and printed != incomes + costs:
        said += f", tryckt netto {tkr_text(printed)}"
    return KeyFigure(
        id="net_cost",
        label=label,
        value=tkr(incomes + costs),
        unit="tkr",
        method="net_cost",
        comparison=said,
    )


def unexplained_difference(statement: pd.DataFrame, *, step_ore: int = ORE_PER_TKR) -> KeyFigure:
    """Return what lies between the printed result and incomes minus costs when rounding cannot explain it, in tkr.

    Difference = (total of incomes + total of costs) − result. Value = the difference, or 0 where it is within half a
    step for each of the three printed amounts. Parameters: statement, schema.INCOME_STATEMENTS (or `income_rows`) of
    one organisation and year; step_ore, the last place that is printed. Returns a KeyFigure, unknown when an amount is.
    Raises MeasureError on wrong columns or several statements. Source: our own check C4.
    """
    rows, year = _rows(statement, "unexplained_difference")
    label = f"Oförklarad skillnad i resultaträkningen{year}"
    incomes, costs, result = (
        kind_amount(rows, kind, "outcome_ore") for kind in ("income_total", "cost_total", "result")
    )
    if incomes is None or costs is None or result is None:
        return _unknown("unexplained_difference", label, rows, "Summor eller resultat saknas i resultaträkningen")
    found = compared(result, [incomes, costs], step_ore)
    most = tkr_text(found.rounding)
    if found.verdict == "rounding":
        said = f"{tkr_text(abs(found.off))} skiljer, vilket ryms i avrundningen ({most})"
    elif found.verdict == "agrees":
        said = "summorna ger det tryckta resultatet"
    else:
        said = f"summorna ger {tkr_text(found.reckoned)}, tryckt resultat {tkr_text(result)}"
    return KeyFigure(
        id="unexplained_difference",
        label=label,
        value=tkr(-found.off if found.verdict == "contradiction" else 0),
        unit="tkr",
        method="unexplained_difference",
        comparison=said,
    )
