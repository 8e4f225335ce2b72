"""Parts that only a gap analysis shows: dumbbells, plan, causes, one section per dimension, and their words."""

from procanalysis.report.gap.parts import (
    cause_figure,
    claim_columns,
    claim_points,
    comparison_figure,
    decision_points,
    dimension_pages,
    evidence_table,
    gap_points,
    page_break,
    plan_figure,
    position_figure,
    table_or_reason,
    text_points,
)
from procanalysis.report.gap.words import (
    cause_description,
    no_conflicts_because,
    no_overload_because,
    plan_description,
    plan_title,
    position_description,
    position_title,
)

__all__ = [
    "cause_description",
    "cause_figure",
    "claim_columns",
    "claim_points",
    "comparison_figure",
    "decision_points",
    "dimension_pages",
    "evidence_table",
    "gap_points",
    "no_conflicts_because",
    "no_overload_because",
    "page_break",
    "plan_description",
    "plan_figure",
    "plan_title",
    "position_description",
    "position_figure",
    "position_title",
    "table_or_reason",
    "text_points",
]
