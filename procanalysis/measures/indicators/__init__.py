"""Indicators: whether a target is reached, whether the series moves, how far it is to go, and what comes next."""

from procanalysis.measures.indicators.computed import COMPUTED_SOURCE, computed_outcome, computed_values, with_computed
from procanalysis.measures.indicators.distance import distance_to_target
from procanalysis.measures.indicators.forecasts import Forecast, forecast
from procanalysis.measures.indicators.goals import (
    GOAL_RULE,
    GoalStatus,
    goals_of_year,
    printed_goal_statuses,
    suggested_goal_status,
)
from procanalysis.measures.indicators.history import HISTORY_KINDS, indicator_history
from procanalysis.measures.indicators.kendall import Kendall, fewest_points, mann_kendall, theil_sen
from procanalysis.measures.indicators.of_year import (
    STATUS_RULE,
    YearOfIndicators,
    indicators_of_year,
    largest_deviations,
    status_counts,
    status_figures,
    undecided_reasons,
)
from procanalysis.measures.indicators.series import LeftOut
from procanalysis.measures.indicators.status import IndicatorStatus, indicator_status, indicator_statuses
from procanalysis.measures.indicators.trend import (
    TREND_VERDICTS,
    IndicatorTrend,
    TrendPart,
    indicator_trend,
    indicator_trends,
)

__all__ = [
    "COMPUTED_SOURCE",
    "GOAL_RULE",
    "HISTORY_KINDS",
    "STATUS_RULE",
    "TREND_VERDICTS",
    "Forecast",
    "GoalStatus",
    "IndicatorStatus",
    "IndicatorTrend",
    "Kendall",
    "LeftOut",
    "TrendPart",
    "YearOfIndicators",
    "computed_outcome",
    "computed_values",
    "distance_to_target",
    "fewest_points",
    "forecast",
    "goals_of_year",
    "indicator_history",
    "indicator_status",
    "indicator_statuses",
    "indicator_trend",
    "indicator_trends",
    "indicators_of_year",
    "largest_deviations",
    "mann_kendall",
    "printed_goal_statuses",
    "status_counts",
    "status_figures",
    "suggested_goal_status",
    "theil_sen",
    "undecided_reasons",
    "with_computed",
]
