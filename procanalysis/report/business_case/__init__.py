"""Parts that only a business case shows."""

from procanalysis.report.business_case.parts import (
    cash_flow_figure,
    convergence_table,
    distribution_figure,
    numbered_risks,
    risk_matrix_figure,
    tornado_figure,
)
from procanalysis.report.business_case.titles import cash_flow_title, tornado_title, with_units
from procanalysis.report.business_case.words import break_even_points, recommendation

__all__ = [
    "break_even_points",
    "cash_flow_figure",
    "cash_flow_title",
    "convergence_table",
    "distribution_figure",
    "numbered_risks",
    "recommendation",
    "risk_matrix_figure",
    "tornado_figure",
    "tornado_title",
    "with_units",
]
