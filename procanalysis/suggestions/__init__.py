"""Rounds of suggested categories: what is undecided, the review workbook out and in, and what reviewers decided."""

from procanalysis.suggestions.book import write_review_workbook
from procanalysis.suggestions.decided import DecidedRules, decided_rules
from procanalysis.suggestions.opening import SuggestionRound, suggestions_of
from procanalysis.suggestions.patterns import PatternParts, broad_rules, divide_patterns
from procanalysis.suggestions.placing import PlacedRules, place_rules
from procanalysis.suggestions.reviewing import ReviewTaken, take_review
from procanalysis.suggestions.telling import review_lines, round_lines

__all__ = [
    "DecidedRules",
    "PatternParts",
    "PlacedRules",
    "ReviewTaken",
    "SuggestionRound",
    "broad_rules",
    "decided_rules",
    "divide_patterns",
    "place_rules",
    "review_lines",
    "round_lines",
    "suggestions_of",
    "take_review",
    "write_review_workbook",
]
