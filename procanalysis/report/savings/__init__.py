"""Parts that only the savings report shows."""

from procanalysis.report.savings.parts import bridge_figure, stacked_years_figure
from procanalysis.report.savings.summary import summary_points, target_finding, years_title
from procanalysis.report.savings.words import bridge_title, change_title, triage_points

__all__ = [
    "bridge_figure",
    "bridge_title",
    "change_title",
    "stacked_years_figure",
    "summary_points",
    "target_finding",
    "triage_points",
    "years_title",
]
