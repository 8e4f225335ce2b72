"""The income statement: reckoned again row by row, what rounding cannot explain, and deviations to explain."""

from procanalysis.measures.income_statement.arithmetic import ORE_PER_TKR
from procanalysis.measures.income_statement.budget import budget_change, budget_rows
from procanalysis.measures.income_statement.cost_deviations import cost_deviation_rows
from procanalysis.measures.income_statement.deviations import (
    COMPARISONS,
    DEVIATION_VERDICTS,
    asked_deviations,
    deviations_to_explain,
    unexplained_deviations,
)
from procanalysis.measures.income_statement.figures import (
    cost_against_budget,
    income_figures,
    net_cost,
    result_against_budget,
    unexplained_difference,
)
from procanalysis.measures.income_statement.rows import income_checks, income_rows

__all__ = [
    "COMPARISONS",
    "DEVIATION_VERDICTS",
    "ORE_PER_TKR",
    "asked_deviations",
    "budget_change",
    "budget_rows",
    "cost_against_budget",
    "cost_deviation_rows",
    "deviations_to_explain",
    "income_checks",
    "income_figures",
    "income_rows",
    "net_cost",
    "result_against_budget",
    "unexplained_deviations",
    "unexplained_difference",
]
