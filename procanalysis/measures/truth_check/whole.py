"""All rules over all that is published, in one table."""

from __future__ import annotations

from collections.abc import Hashable
from decimal import Decimal
from typing import Any

import pandas as pd

from procanalysis.measures.truth_check.arithmetic import consistency_check
from procanalysis.measures.truth_check.printed import (
    duplicate_checks,
    range_checks,
    sign_checks,
    status_checks,
    target_year_checks,
    unit_checks,
)
from procanalysis.measures.truth_check.relations import budget_terms, cost_deviation_terms, income_statement_terms
from procanalysis.schema import (
    CONSISTENCY_CHECKS,
    CONSISTENCY_RULES,
    CONSISTENCY_VERDICTS,
    RELATION_RULES,
    KeyFigure,
    names,
    require_columns,
)

_ALIKE = 3


def truth_check(
    *,
    indicators: pd.DataFrame,
    values: pd.DataFrame,
    targets: pd.DataFrame,
    statements: pd.DataFrame,
    budgets: pd.DataFrame,
    deviations: pd.DataFrame,
    goals: pd.DataFrame,
    terms: pd.DataFrame,
) -> pd.DataFrame:
    """Check all published figures against each other.

    Parameters: the tables INDICATORS, INDICATOR_VALUES, INDICATOR_TARGETS, INCOME_STATEMENTS, BUDGETS,
    COST_DEVIATIONS, GOAL_STATUSES and STATED_TERMS of the schema. Returns schema.CONSISTENCY_CHECKS: one row per
    relation that was reckoned (with its verdict, also where it agrees), and one per fault found by the other rules,
    in order of organisation and year. Raises MeasureError on wrong columns, or a relation that cannot be reckoned.
    """
    parts = [
        consistency_check(income_statement_terms(statements)),
        sign_checks(statements),
        consistency_check(budget_terms(budgets)),
        consistency_check(cost_deviation_terms(deviations)),
        consistency_check(terms),
        range_checks(indicators, values),
        unit_checks(indicators, values),
        target_year_checks(indicators, targets),
        duplicate_checks(indicators, values),
        status_checks(goals),
    ]
    rows = [row for part in parts for row in part.to_dict("records")]
    frame = pd.DataFrame(rows, columns=names(CONSISTENCY_CHECKS), dtype=object).astype({"year": "int64"})
    return frame.sort_values(["organisation", "year"], kind="stable", ignore_index=True)


def contradictions(checks: pd.DataFrame) -> pd.DataFrame:
    """Keep what does not agree and what rounding cannot explain.

    Parameters: checks, schema.CONSISTENCY_CHECKS. Returns the rows with the verdict contradiction. Raises MeasureError.
    """
    require_columns(checks.columns, names(CONSISTENCY_CHECKS), "contradictions")
    return checks[checks["verdict"] == "contradiction"].reset_index(drop=True)


def contradictions_by_rule(checks: pd.DataFrame) -> pd.DataFrame:
    """Say each contradiction in a sentence, and those that break the same rule in the same table many times in one.

    Parameters: checks, schema.CONSISTENCY_CHECKS. Returns one row per finding, or per rule and table with three or
    more: year, rule_name, table, found_count and sentence. Raises MeasureError on wrong columns.
    """
    alike: dict[tuple[int, str, str], list[dict[Hashable, Any]]] = {}
    for row in contradictions(checks).to_dict("records"):
        alike.setdefault((int(row["year"]), str(row["rule"]), str(row["table"])), []).append(row)
    rows: list[tuple[int, str, str, int, str]] = []
    for (year, rule, table), own in alike.items():
        if len(own) >= _ALIKE:
            where = "; ".join(_without_id(str(row["row"])) for row in own)
            rows.append((year, CONSISTENCY_RULES[rule], table, len(own), f"{len(own)} gånger: {where}."))
        else:
            rows += [(year, CONSISTENCY_RULES[rule], table, 1, str(row["sentence"])) for row in own]
    columns = ["year", "rule_name", "table", "found_count", "sentence"]
    return pd.DataFrame(rows, columns=columns).astype({"year": "int64", "found_count": "int64"})


def _without_id(row: str) -> str:
    """Take the indicator's id off a row: a name says more."""
    identity, _, name = row.partition(" ")
    return name if name and any(each.isdigit() for each in identity) else row


def checks_in_words(checks: pd.DataFrame) -> pd.DataFrame:
    """Name the rule and the verdict of every check.

    Parameters: checks, schema.CONSISTENCY_CHECKS. Returns them with rule_name and verdict_name. Raises MeasureError on
    wrong columns.
    """
    require_columns(checks.columns, names(CONSISTENCY_CHECKS), "checks_in_words")
    return checks.assign(
        rule_name=checks["rule"].map(CONSISTENCY_RULES), verdict_name=checks["verdict"].map(CONSISTENCY_VERDICTS)
    )


def contradiction_count(checks: pd.DataFrame, *, year: int) -> KeyFigure:
    """Count the contradictions among the figures printed about one year.

    Parameters: checks, schema.CONSISTENCY_CHECKS of one organisation; year. Returns a KeyFigure that says beside how
    many sums, shares and other relations could be reckoned again. Raises MeasureError on wrong columns.
    """
    own = checks[checks["year"] == year]
    wrong = contradictions(own)
    reckoned = own[own["rule"].isin(list(RELATION_RULES))]
    right = len(reckoned) - int(wrong["rule"].isin(list(RELATION_RULES)).sum())
    return KeyFigure(
        id="contradictions",
        label=f"Fynd i tryckta tal {year}",
        value=Decimal(len(wrong)),
        unit="st",
        method="consistency_check",
        comparison=f"{right} av {len(reckoned)} omräknade samband stämmer"
        if len(reckoned)
        else "inga summor eller andelar att räkna om",
    )
