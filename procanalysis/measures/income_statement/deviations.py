"""Deviations of the income statement: which are large enough to explain, and which of them are explained."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pandas as pd

from procanalysis.errors import MeasureError
from procanalysis.measures.income_statement.arithmetic import (
    Row,
    check_one,
    ore_or_none,
    tkr_text,
)
from procanalysis.measures.wording import percent_text
from procanalysis.schema import (
    INCOME_ROW_KINDS,
    INCOME_STATEMENTS,
    KeyFigure,
    names,
    percent,
    require_columns,
)

COMPARISONS: dict[str, str] = {
    "budget": "Utfall mot budget",
    "previous_year": "Utfall mot föregående år",
    "forecast": "Helårsprognos mot budget",
}
"""What a row is compared with, as boards head the chapters of their reports."""

DEVIATION_VERDICTS: dict[str, str] = {
    "explained": "Förklarad",
    "missing": "Förklaring saknas",
    "within": "Inom gränserna",
    "total": "Summa, förklaras av sina rader",
    "unknown": "Kan inte prövas",
}

_COLUMNS_OF = {
    "budget": ("outcome_ore", "budget_to_date_ore"),
    "previous_year": ("outcome_ore", "outcome_previous_year_ore"),
    "forecast": ("forecast_full_year_ore", "budget_full_year_ore"),
}
_THAN = {"budget": "budget", "previous_year": "föregående år", "forecast": "budget"}
_COLUMNS = (
    "comparison", "comparison_name", "row_number", "row", "kind", "kind_name", "amount_ore", "compared_ore",
    "difference_ore", "difference_pct", "is_beyond", "is_total", "verdict", "verdict_name", "explanation", "sentence",
)  # fmt: skip
_ORE = ["amount_ore", "compared_ore", "difference_ore"]


def deviations_to_explain(
    rows: pd.DataFrame,
    explanations: Mapping[str, Mapping[str, str]],
    *,
    limit_ore: int,
    limit_pct: Decimal | int,
) -> pd.DataFrame:
    """Tell which deviations of an income statement ask for an explanation, and which have one.

    difference = outcome − budget, outcome − previous year, forecast − budget of the whole year; difference_pct =
    difference × 100 / |what it is compared with|. A deviation asks for an explanation when |difference| > limit_ore and
    |difference_pct| > limit_pct; compared with zero there is no percentage, and the amount alone decides. Totals of
    printed rows are explained by those and not asked for.

    Parameters: rows, schema.INCOME_STATEMENTS (or `income_rows`) of one organisation and year; explanations, one of
    COMPARISONS → row as printed → text; limit_ore, in öre; limit_pct, in percent. Returns one row per comparison and
    row of the statement: comparison, comparison_name, row_number, row, kind, kind_name, amount_ore, compared_ore and
    difference_ore (Int64; below zero makes the result worse), difference_pct (Decimal or None), is_beyond, is_total,
    verdict (DEVIATION_VERDICTS), verdict_name,
    explanation ('' when there is none) and sentence. An explanation that was not asked for is shown all the same.
    Raises MeasureError on wrong columns, several statements, a limit below zero, or an unknown comparison. Source:
    requirements R188, R194, R195.
    """
    require_columns(rows.columns, names(INCOME_STATEMENTS), "deviations_to_explain")
    check_one(rows, ("organisation", "year"), "deviations_to_explain")
    if limit_ore < 0 or limit_pct < 0:
        raise MeasureError("deviations_to_explain: a limit is below zero. Give limits from zero up.")
    for comparison in explanations:
        if comparison not in COMPARISONS:
            raise MeasureError(
                f"deviations_to_explain: '{comparison}' is not a comparison. Valid: {', '.join(COMPARISONS)}."
            )
    printed = rows.sort_values("row_number").to_dict("records")
    kinds = {str(row["kind"]) for row in printed}
    found = []
    for comparison in COMPARISONS:
        texts = explanations.get(comparison, {})
        for row in printed:
            deviation = _deviation(row, comparison, limit_ore, Decimal(limit_pct))
            deviation["is_total"] = int(_is_total(str(row["kind"]), kinds))
            text = texts.get(str(row["row"]), "").strip()
            verdict = _verdict(deviation, text)
            found.append(
                deviation | {"verdict": verdict, "verdict_name": DEVIATION_VERDICTS[verdict], "explanation": text}
            )
    frame = pd.DataFrame(found, columns=list(_COLUMNS), dtype=object)
    return frame.astype(
        {"row_number": "int64", "is_beyond": "int64", "is_total": "int64"} | dict.fromkeys(_ORE, "Int64")
    )


def _is_total(kind: str, kinds: set[str]) -> bool:
    """Tell whether a row is the sum of other rows of the same statement."""
    if kind in ("income_total", "cost_total"):
        return kind.removesuffix("_total") in kinds
    return kind == "net"


def _deviation(row: Row, comparison: str, limit_ore: int, limit_pct: Decimal) -> dict[str, Any]:
    amount, compared = (ore_or_none(row[column]) for column in _COLUMNS_OF[comparison])
    difference = None if amount is None or compared is None else amount - compared
    share = None if difference is None or compared is None else percent(difference, abs(compared))
    beyond = difference is not None and abs(difference) > limit_ore and (share is None or abs(share) > limit_pct)
    return {
        "comparison": comparison,
        "comparison_name": COMPARISONS[comparison],
        "row_number": int(row["row_number"]),
        "row": str(row["row"]),
        "kind": str(row["kind"]),
        "kind_name": INCOME_ROW_KINDS[str(row["kind"])],
        "amount_ore": amount,
        "compared_ore": compared,
        "difference_ore": difference,
        "difference_pct": share,
        "is_beyond": int(beyond),
        "sentence": _sentence(row, comparison, amount, compared, share),
    }


def _verdict(deviation: Mapping[str, Any], text: str) -> str:
    if text:
        return "explained"
    if deviation["difference_ore"] is None:
        return "unknown"
    if not deviation["is_beyond"]:
        return "within"
    return "total" if deviation["is_total"] else "missing"


def _sentence(row: Row, comparison: str, amount: int | None, compared: int | None, share: Decimal | None) -> str:
    if amount is None or compared is None:
        return f"{row['row']}: beloppet saknas i resultaträkningen, så avvikelsen är okänd."
    difference = amount - compared
    sign = -1 if str(row["kind"]).startswith("cost") else 1
    than, size = _THAN[comparison], tkr_text(amount * sign)
    if not difference:
        return f"{row['row']} är {size}, som {than}."
    way = "högre" if difference * sign > 0 else "lägre"
    part = "" if share is None else f" ({percent_text(abs(share))})"
    return f"{row['row']} är {size}: {tkr_text(abs(difference))}{part} {way} än {than}, {tkr_text(compared * sign)}."


def asked_deviations(deviations: pd.DataFrame) -> pd.DataFrame:
    """Keep the deviations that are explained or ask for it, the largest first within each comparison.

    Parameters: deviations, of `deviations_to_explain`. Returns those rows. Raises MeasureError on wrong columns.
    """
    require_columns(deviations.columns, _COLUMNS, "asked_deviations")
    own = deviations[deviations["verdict"].isin(["explained", "missing"])]
    order = {name: at for at, name in enumerate(COMPARISONS)}
    keyed = own.assign(_at=own["comparison"].map(order), _size=own["difference_ore"].abs())
    ordered = keyed.sort_values(["_at", "_size"], ascending=[True, False], kind="stable", na_position="last")
    return ordered.drop(columns=["_at", "_size"]).reset_index(drop=True)


def unexplained_deviations(deviations: pd.DataFrame) -> KeyFigure:
    """Count the deviations beyond the limits that have no explanation.

    Numerator: those without; denominator: all beyond the limits but totals of other rows. Parameters: deviations, of
    `deviations_to_explain`. Returns a KeyFigure, unknown when there is no income statement. Raises MeasureError on
    wrong columns. Source: requirements R188, R195.
    """
    require_columns(deviations.columns, _COLUMNS, "unexplained_deviations")
    known = deviations[deviations["difference_ore"].notna()]
    # A total that has an explanation was not asked for, and its rows are counted themselves.
    asked = known[(known["is_beyond"] == 1) & (known["is_total"] == 0)]
    missing = int((asked["verdict"] == "missing").sum())
    because = "" if len(known) else "Det finns ingen resultaträkning att pröva"
    return KeyFigure(
        id="unexplained_deviations",
        label="Avvikelser utan förklaring",
        value=None if because else Decimal(missing),
        unit="st",
        method="unexplained_deviations",
        numerator=None if because else Decimal(missing),
        denominator=None if because else Decimal(len(asked)),
        part_unit="st",
        comparison="" if because else f"av {len(asked)} utanför gränserna",
        unknown_because=because,
    )
