"""Truth check: whether the figures that a report prints agree with each other, and how far rounding explains it."""

from procanalysis.measures.truth_check.arithmetic import consistency_check
from procanalysis.measures.truth_check.printed import (
    duplicate_checks,
    range_checks,
    sign_checks,
    status_checks,
    target_year_checks,
    unit_checks,
)
from procanalysis.measures.truth_check.relations import (
    as_read,
    budget_terms,
    cost_deviation_terms,
    income_statement_terms,
)
from procanalysis.measures.truth_check.whole import (
    checks_in_words,
    contradiction_count,
    contradictions,
    contradictions_by_rule,
    truth_check,
)

__all__ = [
    "as_read",
    "budget_terms",
    "checks_in_words",
    "consistency_check",
    "contradiction_count",
    "contradictions",
    "contradictions_by_rule",
    "cost_deviation_terms",
    "duplicate_checks",
    "income_statement_terms",
    "range_checks",
    "sign_checks",
    "status_checks",
    "target_year_checks",
    "truth_check",
    "unit_checks",
]
