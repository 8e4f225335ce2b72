"""Parts that only the contract reports show."""

from procanalysis.report.contracts.parts import interval_figure, portfolio_figure
from procanalysis.report.contracts.words import (
    advice,
    busiest_buyers,
    left_out,
    missing_points,
    portfolio_title,
    wave_points,
    without_sole_traders,
)

__all__ = [
    "advice",
    "busiest_buyers",
    "interval_figure",
    "left_out",
    "missing_points",
    "portfolio_figure",
    "portfolio_title",
    "wave_points",
    "without_sole_traders",
]
