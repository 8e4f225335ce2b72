"""Deviations of costs that a report prints without an income statement: their sum reckoned again, and explanations."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from procanalysis.measures.income_statement.arithmetic import (
    ORE_PER_TKR,
    Row,
    added_text,
    check_one,
    compared,
    difference_words,
    ore_or_none,
    tkr_text,
)
from procanalysis.measures.income_statement.deviations import COMPARISONS, DEVIATION_VERDICTS
from procanalysis.schema import CONSISTENCY_VERDICTS, COST_DEVIATIONS, names, require_columns

_EXPLAINED = {name: DEVIATION_VERDICTS[name] for name in ("explained", "missing", "total")} | {
    "of_which": "Del av en annan rad"
}
_KINDS = {"total": "summa", "part": "kostnad", "of_which": "varav"}
_THAN = {"budget": "budget", "previous_year": "föregående år"}
_COLUMNS = (
    "comparison", "comparison_name", "kind", "kind_name", "row", "amount_ore", "reckoned_ore", "off_ore",
    "rounding_ore", "verdict", "verdict_name", "note", "sentence", "explanation", "explanation_verdict",
    "explanation_verdict_name", "source",
)  # fmt: skip
_ORE = ["amount_ore", "reckoned_ore", "off_ore", "rounding_ore"]


def cost_deviation_rows(
    deviations: pd.DataFrame,
    explanations: Mapping[str, Mapping[str, str]] | None = None,
    *,
    step_ore: int = ORE_PER_TKR,
) -> pd.DataFrame:
    """Return printed deviations of costs with their totals reckoned again, and what explains them.

    amount = cost − what it is compared with, so above zero the cost is larger. The total should be the sum of its
    parts; 'of which' lies within a part and is not added. off = printed − reckoned; rounding = half a step for the
    total and each part. A report prints what it finds essential, so every part asks for an explanation. Parameters:
    deviations, schema.COST_DEVIATIONS of one organisation and year; explanations, budget or previous_year → cost as
    printed → text; step_ore, the last place that is printed. Returns one row per deviation in the order given:
    comparison, comparison_name, kind, kind_name, row, amount_ore, reckoned_ore, off_ore, rounding_ore (Int64, of
    totals), verdict and verdict_name (of totals, CONSISTENCY_VERDICTS), note (the reckoning of a total, '' when it
    agrees), sentence, explanation, explanation_verdict (explained, missing, or for those that are not asked total or
    of_which) and its name, and source. Raises MeasureError on wrong columns or several reports. Source: our own checks
    C20 and C21; requirements R194, R195.
    """
    require_columns(deviations.columns, names(COST_DEVIATIONS), "cost_deviation_rows")
    check_one(deviations, ("organisation", "year"), "cost_deviation_rows")
    rows = deviations.to_dict("records")
    found = []
    for row in rows:
        comparison, kind = str(row["comparison"]), str(row["kind"])
        text = (explanations or {}).get(comparison, {}).get(str(row["row"]), "").strip()
        verdict = "explained" if text else {"part": "missing"}.get(kind, kind)
        found.append(
            {
                "comparison": comparison,
                "comparison_name": COMPARISONS[comparison],
                "kind": kind,
                "kind_name": _KINDS[kind],
                "row": str(row["row"]),
                "amount_ore": ore_or_none(row["amount_ore"]),
                **_reckoned(row, rows, step_ore),
                "sentence": _sentence(row),
                "explanation": text,
                "explanation_verdict": verdict,
                "explanation_verdict_name": _EXPLAINED[verdict],
                "source": row["source"],
            }
        )
    return pd.DataFrame(found, columns=list(_COLUMNS), dtype=object).astype(dict.fromkeys(_ORE, "Int64"))


def _reckoned(row: Row, rows: list[Row], step_ore: int) -> Row:
    """Reckon a total again; nothing for other rows."""
    parts = [
        int(each["amount_ore"])
        for each in rows
        if each["comparison"] == row["comparison"] and each["kind"] == "part" and row["kind"] == "total"
    ]
    if not parts:
        nothing: Row = dict.fromkeys(("reckoned_ore", "off_ore", "rounding_ore", "verdict", "verdict_name"))
        return nothing | {"note": ""}
    found = compared(int(row["amount_ore"]), parts, step_ore)
    words = f"{added_text(parts)} ger {tkr_text(found.reckoned)}, tryckt {tkr_text(found.printed)}."
    return {
        "reckoned_ore": found.reckoned,
        "off_ore": found.off,
        "rounding_ore": found.rounding,
        "verdict": found.verdict,
        "verdict_name": CONSISTENCY_VERDICTS[found.verdict],
        "note": "" if found.verdict == "agrees" else f"{words} {difference_words(found)}",
    }


def _sentence(row: Row) -> str:
    amount, than = int(row["amount_ore"]), _THAN[str(row["comparison"])]
    if not amount:
        return f"{row['row']}: som {than}."
    way = "högre" if amount > 0 else "lägre"
    return f"{row['row']}: {tkr_text(abs(amount))} {way} än {than}."
