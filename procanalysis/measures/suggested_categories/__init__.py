"""Suggested categories: what an organisation's own reviewed rows say of the rows that only a broad rule decides."""

from procanalysis.measures.suggested_categories.calibration import Calibration, calibration_error, reliability
from procanalysis.measures.suggested_categories.figures import suggestion_accuracy, suggestion_coverage
from procanalysis.measures.suggested_categories.rules import suggest_rules
from procanalysis.measures.suggested_categories.suggesting import Suggestions, rank_categories, suggest_categories
from procanalysis.measures.suggested_categories.titles import TitleModel, rank_cpv, suggest_cpv, train_title_model

__all__ = [
    "Calibration",
    "Suggestions",
    "TitleModel",
    "calibration_error",
    "rank_categories",
    "rank_cpv",
    "reliability",
    "suggest_categories",
    "suggest_cpv",
    "suggest_rules",
    "suggestion_accuracy",
    "suggestion_coverage",
    "train_title_model",
]
