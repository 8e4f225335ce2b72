"""Parts that only a board's report of indicators shows: indicators by goal with small lines, goals, and findings."""

from procanalysis.report.indicators.parts import (
    board_table,
    check_table,
    deviation_points,
    finding_points,
    goal_table,
    history_in_words,
    history_table,
    left_out_table,
    reason_points,
    trend_points,
)
from procanalysis.report.indicators.sparkline import Mark, draw_sparkline

__all__ = [
    "Mark",
    "board_table",
    "check_table",
    "deviation_points",
    "draw_sparkline",
    "finding_points",
    "goal_table",
    "history_in_words",
    "history_table",
    "left_out_table",
    "reason_points",
    "trend_points",
]
