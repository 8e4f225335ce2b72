"""Parts that only the contract reports show."""

from procanalysis.report.contracts.parts import interval_figure, portfolio_figure

__all__ = ["interval_figure", "portfolio_figure"]
